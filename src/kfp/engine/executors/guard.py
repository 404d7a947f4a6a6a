"""Ends the steps of this process when the process itself is killed and can no longer do it.

A shell waits at the other end of a pipe. It is told which process groups and containers run; when the pipe ends before
it was told that they are over, whoever wrote it is gone, however that came about, and the shell ends what is left. A
process that had started and was not told of yet carries the guard's mark in its environment, and is found by it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
from typing import TYPE_CHECKING

from kfp.engine.executors.leftovers import STEP_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MARK = "KFP_GUARD"
"""The environment variable of what is guarded; its value is the guard's own."""

# Its arguments are the mark, and the command that removes a container. Everything is done more than once: the first
# time, a process may be about to start its program, or the container engine be busy making the container.
_PROGRAM = r"""
trap '' HUP INT TERM
mark=$1; shift
groups=' ' containers=' ' directories=' '
while read -r event name; do
    case $event in
        +group) groups="$groups$name " ;;
        -group) groups="${groups%% $name *} ${groups#* $name }" ;;
        +container) containers="$containers$name " ;;
        -container) containers="${containers%% $name *} ${containers#* $name }" ;;
        +directory) directories="$directories$name " ;;
        -directory) directories="${directories%% $name *} ${directories#* $name }" ;;
        over) mark= ;;
    esac
done
marked() {
    [ -n "$mark" ] || return
    for file in $(grep -lzxF "$mark" /proc/[0-9]*/environ); do
        file=${file%/environ}
        kill -KILL "${file#/proc/}"
    done
}
for name in $groups; do kill -KILL "-$name"; done
marked
for name in $containers; do "$@" "$name"; done
[ -z "$mark" ] || for pause in 0.1 0.4; do sleep $pause; marked; done
for name in $directories; do rm -rf "$name"; done
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
        self._mark = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None
        self._closed = False

    def marked(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a process that is guarded from its first instant on; the guard is awake then."""
        self._tell("")
        return {**environment, MARK: self._mark}

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

    @contextlib.contextmanager
    def directory(self, path: Path) -> Iterator[None]:
        """Guard a directory that is to be gone when this process is: it is removed with all that is in it."""
        if any(sign in str(path) for sign in " \t\n*?[\\"):  # the shell would take it for another one
            yield
            return
        with self._guarded("directory", str(path)):
            yield

    def close(self) -> None:
        """Let the shell go; it ends what is still guarded."""
        with self._lock:
            shell, self._shell, self._closed = self._shell, None, True
        if shell is not None and shell.stdin is not None:
            with contextlib.suppress(OSError):
                os.write(shell.stdin.fileno(), b"over\n")
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
                # Where this process is a step of another run, the guard outlives it.
                environment = {name: value for name, value in os.environ.items() if name not in (MARK, STEP_ID)}
                self._shell = subprocess.Popen(
                    ["/bin/sh", "-c", _PROGRAM, "kfp-guard", f"{MARK}={self._mark}", *self._removal],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    cwd="/",
                    bufsize=0,
                    start_new_session=True,
                )
            if line and self._shell.stdin is not None:
                os.write(self._shell.stdin.fileno(), line.encode())
