"""A program that is run for its work, its output handed on line by line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PATIENCE: Final = 10
"""Seconds that a program has to end by itself after it was interrupted."""


def run_spoken(command: Sequence[str], *, within: Path, say: Callable[[str], None]) -> int:
    """Runs a program to its end. Whatever interrupts the wait, such as Ctrl-C, ends the program and its children.

    Args:
        command: the program and its arguments; it gets no input.
        within: its working directory.
        say: called with each line that it writes to stdout or stderr, as it comes.

    Returns:
        Its exit code, negative for a signal.

    Raises:
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        command,
        cwd=within, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace", bufsize=1,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end all that it started
    )  # fmt: skip
    try:
        for line in process.stdout or ():
            say(line.rstrip())
        return process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived the program
