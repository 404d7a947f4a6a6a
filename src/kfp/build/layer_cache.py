"""Layers that were built before, by the digest of what went into them."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.build.files import write_atomically
from kfp.images.descriptor import Descriptor
from kfp.images.layer import Layer, build_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kfp.images.blob_store import BlobStore
    from kfp.images.compression import Compressor
    from kfp.images.tar import Entry


@dataclass(frozen=True)
class LayerCache:
    """Remembers which blob of the store holds the layer that some inputs gave.

    Args:
        directory: one small file for each layer.
        blobs: the store's blobs; a layer whose blob is gone is forgotten.
        compressor: what the layers are compressed with; those of another are others.
    """

    directory: Path
    blobs: BlobStore
    compressor: Compressor = "fast"

    def get(self, key: str) -> Layer | None:
        """Gives the layer of a key, or None where it has to be built."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(self._path(key).read_text(encoding="utf-8"))
            descriptor = Descriptor(str(record["mediaType"]), str(record["digest"]), int(record["size"]))
            if self.blobs.holds(descriptor.digest, descriptor.size):
                os.utime(self._path(key))  # its last use, for whoever makes room
                return Layer(descriptor, str(record["diffId"]), self.blobs)
        return None

    def build(self, key: str, entries: Callable[[], Iterable[Entry]]) -> tuple[Layer, bool]:
        """Gives the layer of a key, building it where it is not known.

        Args:
            key: hexadecimal digest of everything that decides about what the layer holds.
            entries: called only when the layer has to be built.

        Returns:
            The layer, and whether it was known.

        Raises:
            InvalidImage: an entry that no layer may hold.
            StoreError: the store cannot be written.
        """
        return self.keep(key, lambda: build_layer(entries(), self.blobs, compressor=self.compressor))

    def keep(self, key: str, make: Callable[[], Layer]) -> tuple[Layer, bool]:
        """Gives the layer of a key, having it made where it is not known.

        Args:
            key: as for `build`.
            make: puts it into `blobs`, compressed by `compressor`; called only when it has to be made.

        Returns:
            The layer, and whether it was known.
        """
        known = self.get(key)
        if known is not None:
            return known, True
        layer = make()
        descriptor = layer.descriptor
        record = {
            "mediaType": descriptor.media_type,
            "digest": descriptor.digest,
            "size": descriptor.size,
            "diffId": layer.diff_id,
        }
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(key), json.dumps(record).encode())
        return layer, False

    def _path(self, key: str) -> Path:
        return self.directory / f"{key}.{self.compressor}.json"
