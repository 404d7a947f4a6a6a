"""A directory that is filled from an archive nobody vouches for: nothing is written outside, whatever it says.

The directory is nobody else's while it is filled. So what was written so far tells what is there, no link is ever
followed, and a path is taken only where everything above it is a directory of the archive's own.
"""

from __future__ import annotations

import os
import posixpath
import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage
from kfp.images.untar import PATH_LIMIT, MemberKind

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.untar import Member

SIZE_LIMIT: Final = 16 * 1024**3
"""The most bytes of files that a layer may unpack to."""

DEPTH_LIMIT: Final = 200
"""The most directories in each other: what deletes a tree again calls itself for each."""

_COPY: Final = 256 * 1024


class Tree:
    """What has been unpacked so far.

    Args:
        root: an empty directory.
        size: the most bytes of files.
        entries: the most files and directories.

    Attributes:
        implied: directories that have no entry of their own (yet), but files below them.
    """

    def __init__(self, root: Path, *, size: int, entries: int) -> None:
        self.implied: set[str] = set()
        self._root = root
        self._size = size
        self._entries = self._entries_limit = entries
        self._kinds: dict[str, MemberKind] = {"": MemberKind.DIRECTORY}

    def kind(self, path: str) -> MemberKind | None:
        """What was unpacked to a plain path; None where nothing was."""
        return self._kinds.get(path)

    def place(self, path: str) -> Path:
        """Where a plain path lies on this machine."""
        return self._root / path

    def enter(self, path: str) -> None:
        """Make the directories above a path that is about to be unpacked.

        Raises:
            InvalidImage: one of them is no directory, or there are too many of them.
        """
        self._count(1)
        if path.count("/") >= DEPTH_LIMIT:
            raise InvalidImage(f"the layer's {path[:200]!r}… lies in more than {DEPTH_LIMIT} directories")
        absent = []
        parent = posixpath.dirname(path)
        while (kind := self._kinds.get(parent)) is None:
            absent.append(parent)
            parent = posixpath.dirname(parent)
        if kind is not MemberKind.DIRECTORY:
            raise InvalidImage(f"the layer's {path!r} lies below a {kind.value}")
        self._count(len(absent))
        for folder in reversed(absent):
            self.directory(folder)
            self.implied.add(folder)

    def directory(self, path: str) -> None:
        """Make a directory whose parents are there."""
        self.place(path).mkdir()
        self._kinds[path] = MemberKind.DIRECTORY

    def file(self, path: str, member: Member, data: BinaryIO, mode: int) -> None:
        """Write a file.

        Raises:
            InvalidImage: that makes too many bytes.
        """
        self._size -= member.size
        if self._size < 0:
            raise InvalidImage("the layer unpacks to more bytes than the limit")
        descriptor = os.open(self.place(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as out:
            shutil.copyfileobj(data, out, _COPY)
        self._kinds[path] = MemberKind.FILE

    def symlink(self, path: str, target: str) -> None:
        """Make a symbolic link, wherever it leads.

        Raises:
            InvalidImage: no system has such links.
        """
        if len(target) > PATH_LIMIT:
            raise InvalidImage(f"the layer's symbolic link {path!r} has a target that is too long")
        if not target or "\0" in target:
            raise InvalidImage(f"the layer's symbolic link {path!r} leads to {target[:200]!r}")
        self.place(path).symlink_to(target)
        self._kinds[path] = MemberKind.SYMLINK

    def hard_link(self, path: str, goal: str) -> None:
        """Make a second name of a file or symbolic link that was unpacked."""
        os.link(self.place(goal), self.place(path), follow_symlinks=False)
        self._kinds[path] = self._kinds[goal]

    def remove(self, path: str) -> None:
        """Take away a file or symbolic link that was unpacked."""
        self.place(path).unlink()
        del self._kinds[path]

    def _count(self, entries: int) -> None:
        self._entries -= entries
        if self._entries < 0:
            raise InvalidImage(f"the layer has more than {self._entries_limit} files and directories to unpack")
