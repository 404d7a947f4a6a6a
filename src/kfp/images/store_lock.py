"""Who may write into a store, and who may delete: many writers at a time, or one collection that is alone.

A build writes blobs first and names them last; in between nothing leads to them. As long as a process holds the shared
lock, no collection runs, however old the blobs are that it has found there. The system lets go of the lock of
whoever is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

from kfp.errors import StoreError
from kfp.images import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PAUSE: Final = 0.1


@contextlib.contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold the lock together with others; wait for a collection to end.

    Raises:
        StoreError: the file cannot be made.
    """
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def alone(path: Path, *, patience: float, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock alone.

    Args:
        path: the lock's file.
        patience: seconds to wait for those that write.
        on_wait: called once if somebody does.

    Raises:
        StoreError: somebody still writes when patience ends, or the file cannot be made.
    """
    descriptor = _open(path)
    try:
        end = time.monotonic() + patience
        waiting = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pass
            if not waiting:
                on_wait()
                waiting = True
            if time.monotonic() >= end:
                raise StoreError(
                    f"the image store {path.parent} is in use: something is built or loaded",
                    hint="try again when it has ended",
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    with durable.storing(path):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
