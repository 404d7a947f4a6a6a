"""Whether an image store is whole: every image that it names can be read to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kfp.errors import ImageError
from kfp.images.digest import sha256
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layout import Layout, name_of
from kfp.images.store import Store

_COPY = 1024 * 1024


def faults(store: Store) -> list[str]:
    """Return what is wrong with a store, nothing for a sound one."""
    return [*_faults_of_images(store), *_faults_of_blobs(store.root)]


def _faults_of_images(store: Store) -> Iterator[str]:
    for entry in Layout(store.root, store.blobs.drafts).entries():
        reference = name_of(entry)
        if reference is None:
            yield f"an entry without a name: {entry}"
            continue
        try:
            whole = store.get_whole(reference)
            if whole is None:
                yield f"{reference} is named and not there"
                continue
            for image in whole.images if isinstance(whole, ImageIndex) else (whole,):
                yield from (f"{reference}: {fault}" for fault in _faults_of_image(store, image))
        except ImageError as error:
            yield f"{reference}: {error}"


def _faults_of_image(store: Store, image: Image) -> Iterator[str]:
    for layer in image.layers:
        digest = layer.descriptor.digest
        if store.blobs.has(digest):
            with layer.uncompressed() as stream:
                while stream.read(_COPY):
                    pass
        elif store.origin(digest) is None:
            yield f"the layer {digest} is neither here nor anywhere else"


def _faults_of_blobs(root: Path) -> Iterator[str]:
    for path in root.glob("blobs/sha256/*"):
        if sha256(path.read_bytes()) != f"sha256:{path.name}":
            yield f"the blob {path.name} holds something else"
