"""Blobs: bytes behind a descriptor, wherever they lie."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from kfp.errors import BlobAbsent
from kfp.images.verified import verified

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from kfp.images.descriptor import Descriptor


@runtime_checkable
class BlobSource(Protocol):
    """A place that can open blobs: the store, a registry, an archive."""

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """A stream of the blob's bytes, from their start; the caller closes it.

        Raises:
            BlobAbsent: the blob is not in this place.
            ImageError: it cannot be read.
        """
        ...


class BlobWriter(Protocol):
    """A blob on its way into a place: written piece by piece, hashed on the way."""

    def write(self, data: bytes | memoryview) -> int:
        """Add bytes; all of them are taken."""
        ...

    def commit(self, media_type: str, expected: Descriptor | None = None) -> Descriptor:
        """Make the blob visible under its digest; without this call nothing remains of it.

        Raises:
            InvalidImage: size or digest are not the expected ones.
        """
        ...


class BlobSink(BlobSource, Protocol):
    """A place that keeps blobs, and can open those that it keeps."""

    def writer(self) -> AbstractContextManager[BlobWriter]:
        """A new blob; leaving the context without `commit` discards it."""
        ...


@dataclass(frozen=True)
class Blob:
    """A descriptor and the place that can open it."""

    descriptor: Descriptor
    source: BlobSource

    def open(self) -> BinaryIO:
        """A stream of the bytes; reading it to the end verifies size and digest. The caller closes it."""
        return verified(self.source.open(self.descriptor), self.descriptor.digest, self.descriptor.size)


@dataclass(frozen=True)
class MemoryBlobs:
    """Small blobs held in memory, by digest: a `BlobSource` for manifests, configurations and tests."""

    data: Mapping[str, bytes]

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """A stream of the bytes."""
        if descriptor.digest not in self.data:
            raise BlobAbsent(descriptor.digest)
        return io.BytesIO(self.data[descriptor.digest])
