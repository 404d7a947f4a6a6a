"""Has files, and the entries of directories, on the disk."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from kfp.engine.step import StepEnd

_MANY = 256
"""From so many on, having all that the system holds on the disk mostly takes less than one after the other."""
_LARGE = 20_000
"""A directory with so much below it is not looked through for what has changed: somebody's own data."""
_CLOCK = 2.0
"""Seconds by which the clock of a file system may be behind."""


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


def sync_changes(directory: Path, since: float) -> None:
    """Return once the disk has what has changed below a directory, and the directories that lead to it.

    Args:
        directory: the directory, which may not be there.
        since: the moment from which on changes count, in seconds since 1970.

    Raises:
        OSError: the disk refuses.
    """
    entries: Iterable[os.DirEntry[str]] = _entries(directory)
    if sys.platform == "linux":
        entries = list(islice(entries, _LARGE))
        if len(entries) == _LARGE:
            os.sync()
            return
    files, directories = _apart(directory, entries, since - _CLOCK)
    if files:
        sync_all([*files, *reversed(directories)])


def durably(end: StepEnd, what: str, sync: Callable[[], None]) -> StepEnd:
    """Return a step's end once the disk has what the step made; it has failed where the disk refuses.

    Args:
        end: how it ended.
        what: names what it made.
        sync: waits for the disk, where the step has ended well.
    """
    if end.is_good:
        try:
            sync()
        except OSError as error:
            return replace(end, error=f"{what} cannot be kept: {error}", settled=None, values=None)
    return end


def below(directory: Path) -> tuple[list[str], list[str]]:
    """Return the files and the directories below a directory, itself included, without following links.

    Args:
        directory: the directory, which may not be there.

    Returns:
        The files, and the directories, each after those that it is in.
    """
    return _apart(directory, _entries(directory))


def _apart(directory: Path, entries: Iterable[os.DirEntry[str]], since: float = 0.0) -> tuple[list[str], list[str]]:
    """Return the same of what was found there, without files that have not changed since a moment."""
    files, directories = list[str](), [str(directory)]
    for entry in entries:
        with contextlib.suppress(FileNotFoundError):
            if entry.is_dir(follow_symlinks=False):
                directories.append(entry.path)
            elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_ctime >= since:
                files.append(entry.path)
    return files, directories


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    """Yield all that is below a directory, each after the directory that it is in."""
    directories = deque([str(directory)])
    while directories:
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError),
            os.scandir(directories.popleft()) as entries,
        ):
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    directories.append(entry.path)
                yield entry
