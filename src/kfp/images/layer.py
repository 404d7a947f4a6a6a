"""Layers: the files that an image adds to those below it (OCI image-spec, layer.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from kfp.errors import InvalidImage
from kfp.images import digest as digests
from kfp.images import media_types
from kfp.images.blob import Blob
from kfp.images.verified import verified

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.images.blob import BlobSink, BlobSource, BlobWriter
    from kfp.images.compression import Compressor, MemberWriter
    from kfp.images.descriptor import Descriptor
    from kfp.images.media_types import Family
    from kfp.images.tar import Entry


@dataclass(frozen=True)
class Layer:
    """A layer of an image.

    Attributes:
        descriptor: of the blob, compressed or not, as its media type says.
        diff_id: the digest of the uncompressed tar.
        source: the place that can open the blob.
    """

    descriptor: Descriptor
    diff_id: str
    source: BlobSource

    @property
    def blob(self) -> Blob:
        """Descriptor and source, for whoever moves bytes."""
        return Blob(self.descriptor, self.source)

    @property
    def foreign(self) -> bool:
        """Whether registries do not distribute it: its descriptor travels, its bytes do not."""
        return self.descriptor.media_type in media_types.FOREIGN_LAYERS

    def open(self) -> BinaryIO:
        """The blob's bytes as they lie in the source; reading them to the end verifies size and digest."""
        return self.blob.open()

    def uncompressed(self) -> BinaryIO:
        """The layer's tar; reading it to the end verifies `diff_id`.

        Raises:
            InvalidImage: the compression is none that can be undone.
            ImageError: it is zstd, and this Python has no module for it.
        """
        compression = media_types.compression_of(self.descriptor.media_type)
        if compression == media_types.NONE:
            return verified(self.open(), self.diff_id)
        if compression in (media_types.GZIP, media_types.ZSTD):
            from kfp.images.compression import decompressed  # noqa: PLC0415 (start-up: builds from the cache read none)

            return verified(decompressed(self.open(), compression), self.diff_id)
        raise InvalidImage(
            f"the layer {self.descriptor.digest} cannot be unpacked: its media type is {self.descriptor.media_type}",
            hint="layers compressed with gzip or zstd, or not at all, can",
        )

    def with_source(self, source: BlobSource) -> Layer:
        """The same layer, opened from another place."""
        return replace(self, source=source)

    def in_family(self, family: Family) -> Layer:
        """The same layer under the family's media type.

        Raises:
            InvalidImage: the family has none for its compression.
        """
        compression = media_types.compression_of(self.descriptor.media_type)
        if self.foreign or self.descriptor.media_type in family.layers.values():
            return self
        if compression not in family.layers:
            raise InvalidImage(f"a {family.name} image cannot hold a layer of type {self.descriptor.media_type}")
        return replace(self, descriptor=replace(self.descriptor, media_type=family.layers[compression]))


class Tee:
    """Hashes the uncompressed bytes on their way to the compressor.

    Attributes:
        hash: of all that was written.
    """

    def __init__(self, out: MemberWriter | BlobWriter) -> None:
        self._out = out
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Pass bytes on; all of them are taken."""
        self.hash.update(data)
        self._out.write(data)
        return len(data)

    @property
    def digest(self) -> str:
        """The diff_id of what was written."""
        return digests.of(self.hash)


def build_layer(
    entries: Iterable[Entry], blobs: BlobSink, *, mtime: int = 0, compressor: Compressor | None = "fast"
) -> Layer:
    """Write a layer in one pass: tar, diff_id, compression and digest; nothing large is held in memory.

    Args:
        entries: the files, in any order; they are written sorted.
        blobs: where the layer is kept, usually `store.blobs`.
        mtime: the modification time of every entry, in seconds since 1970 (0 or SOURCE_DATE_EPOCH).
        compressor: see `Compressor`; None for a layer that stays uncompressed.

    Returns:
        The layer, of OCI's media type; an image of another family translates it when it is appended.

    Raises:
        InvalidImage: an entry that no layer may hold.
        StoreError: the blob cannot be kept.
        ImageError: the compressor is "zstd", and this Python has no module for it.
    """
    from kfp.images import compression  # noqa: PLC0415 (start-up: most builds find their layers)

    ordered = sorted(entries, key=lambda entry: entry.path)
    with blobs.writer() as writer:
        if compressor is None:
            tee = Tee(writer)
            _write(ordered, tee, mtime)
        else:
            with compression.MemberWriter(writer, compressor) as compressed:
                tee = Tee(compressed)
                _write(ordered, tee, mtime)
        descriptor = writer.commit(compression.media_type(compressor))
    return Layer(descriptor, tee.digest, blobs)


def _write(entries: Iterable[Entry], out: Tee, mtime: int) -> None:
    from kfp.images.tar import TarWriter  # noqa: PLC0415 (start-up: most builds find their layers)

    with TarWriter(out, mtime=mtime) as tar:
        for entry in entries:
            tar.add(entry)
