"""Has files, and the entries of directories, on the disk."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MANY = 256
"""From so many on, having all that the system holds on the disk mostly takes less than one after the other."""


def sync(path: str | Path) -> None:
    """Return once the disk has a file, or the entries of a directory.

    Raises:
        OSError: it cannot be opened, or the disk refuses.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(paths: Sequence[str]) -> None:
    """Do the same for several, in order; what is not there any more, or may not be opened, is left as it is.

    Raises:
        OSError: the disk refuses.
    """
    if len(paths) >= _MANY and sys.platform == "linux":  # elsewhere `sync` does not wait
        os.sync()
        return
    for path in paths:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            sync(path)


def below(directory: Path, since: float = 0.0) -> tuple[list[str], list[str]]:
    """Return the files and the directories below a directory, itself included, without following links.

    Args:
        directory: the directory, which may not be there.
        since: leave out files that have not changed since that moment, in seconds since 1970.

    Returns:
        The files, and the directories, each after those that it is in.
    """
    files, directories = list[str](), [str(directory)]
    for each in directories:  # it grows meanwhile
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError), os.scandir(each) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    directories.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_ctime >= since:
                    files.append(entry.path)
    return files, directories
