"""Tells whether the process of a run still lives: it holds a lock on a file in the run's directory until it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.filelock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "alive.lock"


@contextlib.contextmanager
def alive(directory: Path) -> Iterator[None]:
    """Hold the run's lock; the system lets go of it however the process ends.

    Args:
        directory: the run's directory, which exists.
    """
    with locked(directory / _NAME):
        yield


def is_alive(directory: Path) -> bool:
    """Return whether a process holds the lock of the run in a directory."""
    try:
        descriptor = os.open(directory / _NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
