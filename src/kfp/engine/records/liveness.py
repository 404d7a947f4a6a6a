"""Tells whether the process of a run still lives: it holds a lock on a file in the run's directory until it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "alive.lock"
_DEATH_SECONDS = 1.0
"""How long a process may hold the lock that has just been killed: the system takes a moment."""
_LOOK_SECONDS = 60.0
"""How long those may hold it who only look whether the run lives; who finds it dead waits for the disk."""
_PAUSE = 0.02


@contextlib.contextmanager
def alive(directory: Path) -> Iterator[None]:
    """Hold the run's lock; the system lets go of it however the process ends.

    Args:
        directory: the run's directory, which exists.

    Raises:
        RunError: another process runs the run.
        OSError: the file cannot be opened.
    """
    descriptor = os.open(directory / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        began = time.monotonic()
        while not _locks(descriptor, fcntl.LOCK_EX):
            patience = _LOOK_SECONDS if _is_only_looked_at(descriptor) else _DEATH_SECONDS
            if time.monotonic() - began > patience:
                raise RunError(
                    f"run {directory.name} is still running in another process",
                    hint=f"wait for its end, or stop it: `kfp run terminate {directory.name[:8]}`",
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def seen_alive(directory: Path) -> Iterator[bool]:
    """Yield whether a process holds the lock of the run in a directory; no other begins to while this is held."""
    try:
        descriptor = os.open(directory / _NAME, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:  # another user's: nobody but them can tell
        yield True
        return
    except OSError:
        yield False
        return
    try:
        yield not _locks(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def is_alive(directory: Path) -> bool:
    """Return whether a process holds the lock of the run in a directory."""
    with seen_alive(directory) as living:
        return living


def _is_only_looked_at(descriptor: int) -> bool:
    """Tell whether the lock that could not be had is free by now, or held by those who share it."""
    if not _locks(descriptor, fcntl.LOCK_SH):
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _locks(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
