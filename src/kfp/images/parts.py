"""Parts of layers: files that are packed once, and put together to layers without being packed again.

A part is a complete layer in a file: three runs of members, with the entries of directories, the entries of files, and
the end of the archive. A layer of one part is that file. A layer of several has the directories of all of them, each
once, then their files as they lie there compressed, then the end; only its digests are computed anew.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kfp.errors import InvalidImage, StoreError
from kfp.images import compression, media_types
from kfp.images import digest as digests
from kfp.images.compression import MemberWriter
from kfp.images.descriptor import Descriptor
from kfp.images.layer import Layer, Tee
from kfp.images.tar import END, Entry, TarWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from kfp.images.blob import BlobWriter
    from kfp.images.blob_store import BlobStore
    from kfp.images.compression import Compressor

_COPY = 256 * 1024


@dataclass(frozen=True)
class Part:
    """A packed part of a layer.

    Attributes:
        path: the file.
        descriptor: of the layer that the file is.
        diff_id: of that layer.
        start: offset in the file, in bytes, where the compressed files begin.
        end: offset in the file where they end.
        directories: paths of the entries of directories.
        files: paths of all other entries.
    """

    path: Path
    descriptor: Descriptor
    diff_id: str
    start: int
    end: int
    directories: tuple[str, ...]
    files: tuple[str, ...]


def pack(files: Iterable[Entry], directories: Iterable[str], path: Path, compressor: Compressor) -> Part:
    """Packs files into a part.

    Args:
        files: entries that are no directories, in any order.
        directories: those that the layer shall make, in any order.
        path: the file to write; what it held is lost.
        compressor: which.

    Raises:
        InvalidImage: an entry that no layer may hold.
        OSError: the file cannot be written.
    """
    ordered = sorted(files, key=lambda entry: entry.path)
    folders = sorted(directories)
    with path.open("wb") as file:
        out = _Hashed(file)
        with MemberWriter(out, compressor) as packed:
            tee = Tee(packed)
            _write(map(Entry.directory, folders), tee, packed)
            start = out.size
            _write(ordered, tee, packed)
            end = out.size
            tee.write(END)
    descriptor = Descriptor(compression.media_type(compressor), out.digest, out.size)
    return Part(path, descriptor, tee.digest, start, end, tuple(folders), tuple(entry.path for entry in ordered))


def join(parts: Sequence[Part], blobs: BlobStore, compressor: Compressor) -> Layer:
    """Puts parts together to a layer of the store.

    Args:
        parts: at least one, all made by `compressor`; their files come in this order.
        blobs: the store's blobs.
        compressor: which.

    Raises:
        InvalidImage: two parts have the same path, or a part's file is damaged.
        StoreError: the store cannot be written, or a part's file cannot be read.
    """
    if len(parts) == 1:
        blobs.adopt(parts[0].path, parts[0].descriptor)
        return Layer(parts[0].descriptor, parts[0].diff_id, blobs)
    folders = {folder for part in parts for folder in part.directories}
    files = [path for part in parts for path in part.files]
    common = sorted({path for path, count in Counter([*folders, *files]).items() if count > 1})
    if common:
        raise InvalidImage(f"the parts of a layer both have {common[0]!r}, and {len(common) - 1} more such paths")
    with blobs.writer() as writer:
        with MemberWriter(writer, compressor) as packed:
            tee = Tee(packed)
            _write(map(Entry.directory, sorted(folders)), tee, packed)
            for part in parts:
                for data in _unpacked(part, writer):
                    tee.hash.update(data)
            tee.write(END)
        descriptor = writer.commit(compression.media_type(compressor))
    return Layer(descriptor, tee.digest, blobs)


def _write(entries: Iterable[Entry], tee: Tee, packed: MemberWriter) -> None:
    tar = TarWriter(tee)
    for entry in entries:
        tar.add(entry)
    packed.flush()


def _unpacked(part: Part, writer: BlobWriter) -> Iterator[bytes]:
    """Copies the files of a part as they are, and gives what they are uncompressed."""
    try:
        file = part.path.open("rb")
    except OSError as error:
        raise StoreError(f"{part.path} cannot be read: {error.strerror}") from error
    run = _Run(file, part.start, part.end, writer)
    kind = media_types.compression_of(part.descriptor.media_type) or ""
    with compression.decompressed(run, kind) as stream:
        while data := stream.read(_COPY):
            yield data
        if run.left:
            raise InvalidImage(f"the file {part.path} is shorter than it was")


class _Hashed:
    """A file whose size and digest are known when it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def digest(self) -> str:
        return digests.of(self._hash)


class _Run(io.RawIOBase, BinaryIO):
    """Some of a file; what is read goes to `out` as well."""

    def __init__(self, file: BinaryIO, start: int, end: int, out: BlobWriter) -> None:
        super().__init__()
        file.seek(start)
        self._file = file
        self._out = out
        self.left = end - start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._file.read(min(self.left, len(view)))
        self.left -= len(data)
        self._out.write(data)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
