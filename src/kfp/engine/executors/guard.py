"""Ends the steps of this process when the process itself is killed and can no longer do it.

A shell waits at the other end of a pipe. It is told which process groups and containers run; when the pipe ends before
it was told that they are over, whoever wrote it is gone, however that came about, and the shell ends what is left.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Its arguments are the command that removes a container. That is done twice: the first time, the container engine may
# still be busy making it.
_PROGRAM = r"""
trap '' HUP INT TERM
groups=' ' containers=' '
while read -r event name; do
    case $event in
        +group) groups="$groups$name " ;;
        -group) groups="${groups%% $name *} ${groups#* $name }" ;;
        +container) containers="$containers$name " ;;
        -container) containers="${containers%% $name *} ${containers#* $name }" ;;
    esac
done
for name in $groups; do kill -KILL "-$name"; done
for name in $containers; do "$@" "$name"; done
[ "$containers" = ' ' ] || sleep 2
for name in $containers; do "$@" "$name"; done
"""


class Guard:
    """The shell and the pipe to it; the shell starts when there is something to guard.

    Args:
        removal: the command that removes a container whose name is added to it.
    """

    def __init__(self, removal: Sequence[str] = ()) -> None:
        self._removal = removal
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None
        self._closed = False

    @contextlib.contextmanager
    def group(self, number: int) -> Iterator[None]:
        """Guard a process group; when this is left, the group has ended and its leader is not reaped yet."""
        with self._guarded("group", str(number)):
            yield

    @contextlib.contextmanager
    def container(self, name: str) -> Iterator[None]:
        """Guard a container, from before it is made until it is gone."""
        with self._guarded("container", name):
            yield

    def close(self) -> None:
        """Let the shell go; it ends what is still guarded."""
        with self._lock:
            shell, self._shell, self._closed = self._shell, None, True
        if shell is not None and shell.stdin is not None:
            shell.stdin.close()
            shell.wait()

    @contextlib.contextmanager
    def _guarded(self, kind: str, name: str) -> Iterator[None]:
        self._tell(f"+{kind} {name}\n")
        try:
            yield
        finally:
            self._tell(f"-{kind} {name}\n")

    def _tell(self, line: str) -> None:
        # A guard that cannot be had must not keep a step from running.
        with contextlib.suppress(OSError), self._lock:
            if self._closed:
                return
            if self._shell is None:
                self._shell = subprocess.Popen(
                    ["/bin/sh", "-c", _PROGRAM, "kfp-guard", *self._removal],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    bufsize=0,
                    start_new_session=True,
                )
            if self._shell.stdin is not None:
                os.write(self._shell.stdin.fileno(), line.encode())
