"""Blobs on this machine, by digest: the `blobs` directory of an OCI image layout (image-layout.md)."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import BlobAbsent, InvalidImage, StoreError
from kfp.images import digest as digests
from kfp.images import durable
from kfp.images.descriptor import Descriptor
from kfp.images.durable import Draft
from kfp.images.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.images.reference import Reference

UNKNOWN_TYPE: Final = "application/octet-stream"
_COPY: Final = 256 * 1024
_DAMAGED: Final = "delete it and pull or build again"


class BlobStore:
    """Blobs of a layout, a `BlobSource` and a `BlobSink`; safe for several threads and processes.

    A blob becomes visible when it is whole, durable and verified. Nothing is created before the first write.

    Args:
        root: the layout's directory.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.drafts = root / ".tmp"
        self.origins = Origins(root / ".origins", self.drafts)
        self._ready = False

    def path(self, digest: str) -> Path:
        """Where the blob lies, or would."""
        return self.root.joinpath("blobs", *digests.split(digest))

    def has(self, digest: str) -> bool:
        """Whether the blob is here."""
        return self.path(digest).is_file()

    def holds(self, digest: str, size: int) -> bool:
        """Whether the blob is here with this size; one that a damaged disk cut short is written anew."""
        path = self.path(digest)
        return path.is_file() and path.stat().st_size == size

    def open(self, blob: Descriptor | str) -> BinaryIO:
        """A stream of a blob; the caller closes it.

        Args:
            blob: its digest, or its descriptor, whose size is then compared with the file's.

        Raises:
            BlobAbsent: the blob is not here; the error carries its origin where one is recorded.
            StoreError: the file has another size than the descriptor, or cannot be read.
        """
        digest = blob if isinstance(blob, str) else blob.digest
        path = self.path(digest)
        try:
            stream = path.open("rb")
        except (FileNotFoundError, NotADirectoryError):
            origin = self.origins.get(digest)
            raise BlobAbsent(digest, None if origin is None else str(origin)) from None
        except OSError as error:
            raise StoreError(f"the blob {path} cannot be read: {error.strerror}") from error
        if isinstance(blob, Descriptor) and os.fstat(stream.fileno()).st_size != blob.size:
            stream.close()
            raise StoreError(f"the blob {path} does not have {blob.size} bytes", hint=_DAMAGED)
        return stream

    def read(self, descriptor: Descriptor, limit: int) -> bytes:
        """The bytes of a small blob, verified.

        Raises:
            BlobAbsent: the blob is not here.
            InvalidImage: it is larger than `limit`, or its bytes are not what its digest says.
        """
        if descriptor.size > limit:
            raise InvalidImage(f"the blob {descriptor.digest} has {descriptor.size} bytes, more than {limit}")
        with self.open(descriptor) as stream:
            data = stream.read(descriptor.size)
        hasher = digests.hasher(descriptor.digest)
        hasher.update(data)
        if digests.of(hasher) != descriptor.digest:
            raise InvalidImage(f"the blob {self.path(descriptor.digest)} is damaged", hint=_DAMAGED)
        return data

    def write(self, stream: BinaryIO, expected: Descriptor | None = None) -> Descriptor:
        """Keep a blob, streaming.

        Args:
            stream: the bytes, read to their end unless the blob is here already.
            expected: what they must be, where that is known; never more than its size is read.

        Returns:
            `expected`, or a descriptor of type application/octet-stream.

        Raises:
            InvalidImage: the bytes are not the expected ones; nothing is kept.
            StoreError: they cannot be kept.
        """
        if expected is not None and self.holds(expected.digest, expected.size):
            return expected
        algorithm = "sha256" if expected is None else digests.split(expected.digest)[0]
        with self.writer(algorithm) as writer:
            while data := stream.read(_COPY):
                writer.write(data)
                if expected is not None and writer.size > expected.size:
                    raise InvalidImage(f"the blob {expected.digest} is longer than its {expected.size} bytes")
            return writer.commit(UNKNOWN_TYPE if expected is None else expected.media_type, expected)

    def put(self, data: bytes, media_type: str = UNKNOWN_TYPE) -> Descriptor:
        """Keep a small blob."""
        descriptor = Descriptor.of(data, media_type)
        if not self.holds(descriptor.digest, descriptor.size):
            with self.writer() as writer:
                writer.write(data)
                writer.commit(media_type, descriptor)
        return descriptor

    def adopt(self, path: Path, expected: Descriptor) -> None:
        """Keep a file as a blob, without a copy where the file system has links; nobody may write to it afterwards.

        Raises:
            InvalidImage: the file is not what is expected.
            StoreError: it cannot be read or kept.
        """
        if self.holds(expected.digest, expected.size):
            return
        self.prepare()
        with durable.storing(path), path.open("rb") as file:
            hasher = digests.hasher(expected.digest)
            while data := file.read(_COPY):
                hasher.update(data)
            if digests.of(hasher) != expected.digest:
                raise InvalidImage(f"the file {path} is not the blob {expected.digest}")
            try:
                durable.link(file, path, self.path(expected.digest))
            except OSError:  # another file system, one without links, another process was faster, a damaged blob
                file.seek(0)
                self.write(file, expected)

    @contextlib.contextmanager
    def writer(self, algorithm: str = "sha256") -> Iterator[StoreWriter]:
        """A new blob, written piece by piece; leaving the context without `commit` discards it.

        Raises:
            StoreError: the directory cannot be written to.
        """
        self.prepare()
        with durable.storing(self.root):
            draft = Draft(self.drafts)
        with draft:
            yield StoreWriter(self, draft, algorithm)

    def prepare(self) -> None:
        """Make the directories, and sweep what killed writers left; done once by each process that writes.

        Raises:
            StoreError: the directory cannot be made or written to.
        """
        if self._ready:
            return
        with durable.storing(self.root):
            (self.root / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            self.drafts.mkdir(exist_ok=True)
            durable.sweep(self.drafts)
        self._ready = True

    def origin(self, digest: str) -> Reference | None:
        """The image that an absent blob can be fetched with, or None."""
        return self.origins.get(digest)


class StoreWriter:
    """A blob on its way into a `BlobStore`.

    Attributes:
        size: bytes written so far.
    """

    def __init__(self, store: BlobStore, draft: Draft, algorithm: str) -> None:
        self._store = store
        self._draft = draft
        self._hash = hashlib.new(algorithm)
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Add bytes; all of them are taken."""
        self._hash.update(data)
        with durable.storing(self._store.root):
            self._draft.file.write(data)
        self.size += len(data)
        return len(data)

    def commit(self, media_type: str, expected: Descriptor | None = None) -> Descriptor:
        """Make the blob visible under its digest.

        Raises:
            InvalidImage: size or digest are not the expected ones.
            StoreError: it cannot be made durable.
        """
        digest = digests.of(self._hash)
        if expected is not None and (digest, self.size) != (expected.digest, expected.size):
            raise InvalidImage(
                f"a blob has {self.size} bytes and the digest {digest}, not {expected.size} bytes and {expected.digest}"
            )
        goal = self._store.path(digest)
        with durable.storing(self._store.root):
            if not self._store.holds(digest, self.size):
                goal.parent.mkdir(exist_ok=True)
                self._draft.publish(goal)
        return expected or Descriptor(media_type, digest, self.size)
