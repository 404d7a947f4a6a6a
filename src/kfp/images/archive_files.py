"""The files inside an archive on disk: opened by name, in any order, without unpacking it. The archive is untrusted."""

from __future__ import annotations

import contextlib
import io
import os
import posixpath
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage
from kfp.images import durable
from kfp.images.compression import decompressed
from kfp.images.untar import Member, MemberKind, members, plain_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

UNPACKED_LIMIT: Final = 64 * 1024**3
"""The most bytes that a compressed archive or layer may become."""

GZIP_MAGIC: Final = b"\x1f\x8b"
_FILES_LIMIT: Final = 100_000
_NAMES_LIMIT: Final = 32 * 1024 * 1024
_LINKS_LIMIT: Final = 8
_COPY: Final = 1024 * 1024


class ArchiveFiles:
    """Files by name. Links inside the archive are followed by their text alone; nothing outside is ever opened.

    Args:
        file: the archive, uncompressed and seekable; stays open as long as this is used.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = file.fileno()
        self._members: dict[str, Member] = {}
        names = 0
        for number, (member, _) in enumerate(members(file)):
            path = member.plain()
            self._members[path] = member
            names += len(path) + len(member.name) + len(member.target)
            if number == _FILES_LIMIT or names > _NAMES_LIMIT:
                raise InvalidImage(
                    f"the archive holds more than {_FILES_LIMIT} files, or names of more than {_NAMES_LIMIT} bytes"
                )

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._get(name).size

    def open(self, name: str) -> BinaryIO:
        """A stream of a file's bytes; several may be open at once.

        Raises:
            InvalidImage: the archive has no such file.
        """
        member = self._get(name)
        return io.BufferedReader(_Section(self._descriptor, member.offset, member.size), _COPY)

    def read(self, name: str, limit: int) -> bytes:
        """A small file's bytes.

        Raises:
            InvalidImage: the archive has no such file, or it is larger than `limit`.
        """
        if self.size(name) > limit:
            raise InvalidImage(f"the archive's {name} has {self.size(name)} bytes, more than the limit of {limit}")
        with self.open(name) as stream:
            return stream.read()

    def _get(self, name: str) -> Member:
        member = self._find(name)
        if member is None:
            raise InvalidImage(f"the archive has no file {name[:200]!r}")
        return member

    def _find(self, name: str) -> Member | None:
        path = plain_path(name)
        for _ in range(_LINKS_LIMIT):
            member = self._members.get(path)
            if member is None or member.kind is MemberKind.FILE:
                return member
            if member.kind is MemberKind.HARD_LINK:
                path = plain_path(member.target)
            elif member.kind is MemberKind.SYMLINK:  # `docker save` writes them for layers that occur twice
                path = plain_path(posixpath.normpath(posixpath.join(posixpath.dirname(path), member.target)))
            else:
                return None
        raise InvalidImage(f"the archive's file {name[:200]!r} is behind too many links")


class _Section(io.RawIOBase):
    """A part of a file, with a position of its own."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._offset = offset
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = os.pread(self._descriptor, min(len(view), self._left), self._offset)
        view[: len(data)] = data
        self._offset += len(data)
        self._left -= len(data)
        return len(data)


@contextlib.contextmanager
def open_archive(path: Path, drafts: Path) -> Iterator[ArchiveFiles]:
    """Open an archive, plain or compressed with gzip, from a file or a pipe.

    Args:
        path: the archive.
        drafts: a directory where a compressed archive, or one from a pipe, lies for as long as it is open.

    Raises:
        InvalidImage: it cannot be read or is no tar archive, or exceeds a limit.
        StoreError: it cannot be unpacked.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidImage(f"the archive {path} cannot be read: {error.strerror}") from error
    with file:
        compressed = file.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
        if file.seekable() and not compressed:
            yield ArchiveFiles(file)
            return
        with durable.storing(drafts):
            draft = durable.Draft(drafts)
        with draft:
            _unpack(decompressed(file) if compressed else file, draft, path)
            yield ArchiveFiles(draft.file)


def _unpack(stream: BinaryIO, draft: durable.Draft, path: Path) -> None:
    total = 0
    while data := stream.read(_COPY):
        total += len(data)
        if total > UNPACKED_LIMIT:
            raise InvalidImage(f"the archive {path} unpacks to more than {UNPACKED_LIMIT} bytes")
        with durable.storing(draft.path.parent):
            draft.file.write(data)
    draft.file.flush()
    draft.file.seek(0)
