"""Directories that are somebody's while they live: what a dead process left of its own is deleted by the next one."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from kfp.images.removal import remove_tree

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_ONLY_MINE = 0o700


class Stage:
    """A new directory, which only its owner may enter.

    It is deleted when it is closed, unless it was renamed. The system lets go of its lock however its process ends,
    and whoever makes the next stage beside it deletes it then.

    Args:
        parent: where it is made.

    Raises:
        OSError: the parent cannot be made or written to.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.iterdir():
            lock = _lock(left)
            if lock is not None:
                remove_tree(left)
                os.close(lock)
        while True:
            self.path = parent / os.urandom(8).hex()
            self.path.mkdir(mode=_ONLY_MINE)
            lock = _lock(self.path)
            if lock is not None and self.path.is_dir():  # else another process took it for a dead one's
                self._lock: int | None = lock
                return
            if lock is not None:
                os.close(lock)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Delete the directory, unless it was renamed."""
        if self._lock is not None:
            if self.path.is_dir():
                remove_tree(self.path)
            os.close(self._lock)
            self._lock = None


def _lock(path: Path) -> int | None:
    """Return the descriptor that locks a directory; None where somebody else holds it, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
