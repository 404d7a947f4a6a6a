"""Files that are there whole or not at all, whatever is killed in between.

A temporary file is written beside its goal, synced, and renamed. Its writer holds a lock on it, which the kernel
releases when the writer dies: `sweep` deletes exactly the files whose writers are gone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINTS: Final = {
    errno.EACCES: "choose a directory that you may write to",
    errno.EPERM: "choose a directory that you may write to",
    errno.EROFS: "the file system is read-only, choose another directory",
    errno.ENOENT: "make the directory first",
    errno.ENOTDIR: "a part of the path is a file, choose another directory",
    errno.ENOSPC: "the disk is full, free some space",
    errno.EDQUOT: "the disk quota is used up, free some space",
}


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals below `path` into StoreError with a hint."""
    try:
        yield
    except OSError as error:
        hint = _HINTS.get(error.errno or 0)
        raise StoreError(f"{path} cannot be used: {error.strerror or error}", hint=hint) from error


class Draft:
    """A temporary file on its way to its goal; leaving the context without `publish` deletes it.

    Args:
        directory: where it is written; must be on the goal's file system.
        prefix: how its name starts.
    """

    def __init__(self, directory: Path, prefix: str = "") -> None:
        self.path, self.file = _claim(directory, prefix)

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        # Deleted before the lock is released with the file: nobody can meet it in between.
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # What is still buffered here is discarded; `publish` has flushed.
            self.file.close()

    def publish(self, goal: Path) -> None:
        """Make the file durable under its final name; one that was there is replaced."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.replace(goal)
        sync_directory(goal.parent)


def write(goal: Path, data: bytes, *, drafts: Path) -> None:
    """Replace a small file in one step."""
    with Draft(drafts) as draft:
        draft.file.write(data)
        draft.publish(goal)


def link(file: BinaryIO, path: Path, goal: Path) -> None:
    """Make an open file durable under a second name.

    Raises:
        OSError: there is such a name already, the file system has no links, or the goal lies on another one.
    """
    os.fsync(file.fileno())
    goal.hardlink_to(path)
    sync_directory(goal.parent)


def sync_directory(path: Path) -> None:
    """Make renames in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(directory: Path) -> None:
    """Delete the drafts whose writers are dead; those of the living are left alone."""
    for path in directory.iterdir():
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)


def _claim(directory: Path, prefix: str) -> tuple[Path, BinaryIO]:
    while True:
        path = directory / (prefix + os.urandom(16).hex())
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return path, os.fdopen(descriptor, "w+b")
        os.close(descriptor)  # A sweep came between creation and lock and took it for a dead one's.
