"""The local image store: an OCI image layout, readable by other tools, safe for several processes and for kills.

Blobs are written first and made durable, then the index names them: whatever is killed in between, every image that
the index names is readable. A base image's layers need not be here: their origin is recorded instead.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import BlobAbsent, StoreError
from kfp.images import durable, layout, media_types, store_lock
from kfp.images.attachments import Attachments
from kfp.images.blob_store import BlobStore
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.config import Config
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layout import Layout
from kfp.images.manifest import Index, Manifest, parse_manifest
from kfp.images.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kfp.images.descriptor import Descriptor
    from kfp.images.layer import Layer
    from kfp.images.reference import Reference

_FALLBACK: Final = Platform("linux", "amd64")
_CONFIGS: Final = frozenset({media_types.OCI.config, media_types.DOCKER.config})


@dataclass(frozen=True)
class StoredImage:
    """A line of the store's list.

    Attributes:
        digest: of the manifest.
        id: of the configuration.
        size: bytes of configuration and layers as they lie in a registry.
        created: RFC 3339 time, "" where the image does not say.
        complete: whether all its layers are here.
        index: digest of the index that the name stands for; "" where it stands for this image alone.
    """

    reference: Reference
    digest: str
    id: str
    size: int
    created: str
    platform: Platform
    complete: bool
    index: str = ""


class Store:
    """Images on this machine, by name; a `BlobSource` of their blobs.

    Args:
        root: the layout's directory; made at the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = BlobStore(root)
        self.attachments = Attachments(self.blobs)
        self._layout = Layout(root, self.blobs.drafts)

    def get(self, reference: Reference, platform: Platform | None = None) -> Image | None:
        """The image of that name, or None.

        Args:
            reference: by tag, or by the digest of a manifest or index under the same registry and repository.
            platform: None takes the image there is, or of several the one for this machine.

        Returns:
            An image whose layers are opened from this store; `BlobAbsent` tells where an absent one can be fetched.
            None where the store does not have the name, or has it for other platforms only.

        Raises:
            StoreError: the store cannot be read, or lacks the image's manifest or configuration.
            InvalidImage: its manifest or configuration is damaged.
        """
        for entry in self._layout.entries():
            if _is(entry, reference):
                return self._image(entry, platform)
        return None

    def get_whole(self, reference: Reference) -> Image | ImageIndex | None:
        """What has that name: an image, or an index with those of its images that are here.

        Raises:
            StoreError, InvalidImage: as in `get`.
        """
        for entry in self._layout.entries():
            if _is(entry, reference):
                manifest = self._manifest(entry)
                if isinstance(manifest, Manifest):
                    return self._assemble(manifest)
                return ImageIndex(manifest, tuple(self._members(manifest)))
        return None

    def put(
        self, image: Image | ImageIndex, reference: Reference, origins: Mapping[str, Reference] | None = None
    ) -> None:
        """Keep an image, or an index with its images, under a name; what had the name loses it.

        Args:
            image: layers that the store lacks are copied from their source, unless they have an origin.
            reference: the name.
            origins: for digests of layers that need not be here, the image that they can be fetched with.

        Raises:
            StoreError: the store cannot be written, or a layer is neither here, nor has an origin, nor can be opened.
        """
        with self.in_use():
            if isinstance(image, ImageIndex):
                for member in image.images:
                    self._put(member, origins or {})
                self.tag(self.blobs.put(image.index.data, image.index.media_type), reference)
            else:
                self.tag(replace(self._put(image, origins or {}), platform=image.platform), reference)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep blobs that no name leads to from being collected, for whoever writes or finds them and names them later.

        Raises:
            StoreError: the store cannot be written.
        """
        self.blobs.prepare()
        with store_lock.shared(self.lock_path):
            yield

    @property
    def lock_path(self) -> Path:
        """The file that `store_lock` locks."""
        return self.root / ".use"

    def entries(self) -> tuple[Descriptor, ...]:
        """What `index.json` names, entries of other tools included.

        Raises:
            StoreError: it is damaged or cannot be read.
        """
        return self._layout.entries()

    def manifest(self, descriptor: Descriptor) -> Manifest | Index:
        """A manifest or index of this store.

        Raises:
            StoreError: it is not here.
            InvalidImage: it is damaged.
        """
        return self._manifest(descriptor)

    def tag(self, descriptor: Descriptor, reference: Reference) -> None:
        """Name a manifest or index whose blobs are here.

        Raises:
            StoreError: the store cannot be written.
        """
        self.blobs.prepare()
        entry = layout.named(descriptor, reference)

        def name(entries: tuple[Descriptor, ...]) -> tuple[Descriptor, ...]:
            if any(each.to_json() == entry.to_json() for each in entries):
                return entries  # a build that changed nothing writes nothing
            return (*(each for each in entries if layout.name_of(each) != reference), entry)

        self._layout.change(name)

    def remove(self, reference: Reference) -> bool:
        """Forget a name; its blobs stay, other images may share them.

        Returns:
            Whether the store had it.
        """
        if not any(layout.name_of(entry) == reference for entry in self._layout.entries()):
            return False
        self.blobs.prepare()
        self._layout.change(lambda entries: tuple(e for e in entries if layout.name_of(e) != reference))
        return True

    def list(self) -> list[StoredImage]:
        """Every image, sorted by name; an index of several platforms gives one line for each that is here.

        Raises:
            StoreError, InvalidImage: as in `get`; `remove` takes the name of a damaged image away.
        """
        found = (stored for entry in self._layout.entries() for stored in self._lines(entry))
        return sorted(found, key=lambda stored: (str(stored.reference), str(stored.platform)))

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """A stream of a blob, as `BlobSource` has it.

        Raises:
            BlobAbsent: the blob is not here; the error carries its origin where one is recorded.
        """
        return self.blobs.open(descriptor)

    def origin(self, digest: str) -> Reference | None:
        """The image that an absent blob can be fetched with, or None."""
        return self.blobs.origin(digest)

    def _image(self, entry: Descriptor, platform: Platform | None) -> Image | None:
        manifest = self._manifest(entry)
        if isinstance(manifest, Index):
            chosen = _choose(manifest, platform)
            if chosen is None or not self.blobs.has(chosen.digest):
                return None
            manifest = self._manifest(chosen)
            if isinstance(manifest, Index):
                raise StoreError(f"the index {entry.digest} holds another index for {platform}")
        image = self._assemble(manifest)
        return image if platform is None or image.platform.matches(platform) else None

    def _manifest(self, descriptor: Descriptor) -> Manifest | Index:
        with self._intact(descriptor):
            return parse_manifest(descriptor.media_type, self.blobs.read(descriptor, DOCUMENT_LIMIT))

    def _assemble(self, manifest: Manifest) -> Image:
        with self._intact(manifest.descriptor):
            return Image.assemble(manifest, Config(self.blobs.read(manifest.config, DOCUMENT_LIMIT)), self)

    @contextlib.contextmanager
    def _intact(self, descriptor: Descriptor) -> Iterator[None]:
        try:
            yield
        except BlobAbsent as error:
            raise StoreError(
                f"the store {self.root} lacks the blob {error.digest} of the image {descriptor.digest}",
                hint="pull or build the image again",
            ) from error

    def _lines(self, entry: Descriptor) -> Iterator[StoredImage]:
        reference = layout.name_of(entry)
        if reference is None:
            return
        manifest = self._manifest(entry)
        several = manifest.images if isinstance(manifest, Index) else ()
        chosen = [self._manifest(image) for image in several if self.blobs.has(image.digest)] or [manifest]
        for one in chosen:
            if isinstance(one, Manifest) and one.config.media_type in _CONFIGS:
                image = self._assemble(one)
                blobs = [layer.descriptor for layer in image.layers]
                yield StoredImage(
                    reference,
                    image.digest,
                    image.id,
                    one.config.size + sum(blob.size for blob in blobs),
                    image.config.created,
                    image.platform,
                    all(self.blobs.has(blob.digest) for blob in blobs),
                    manifest.digest if isinstance(manifest, Index) else "",
                )

    def _members(self, index: Index) -> Iterator[Image]:
        for entry in index.images:
            if self.blobs.has(entry.digest):
                manifest = self._manifest(entry)
                if isinstance(manifest, Manifest):
                    yield self._assemble(manifest)

    def _put(self, image: Image, origins: Mapping[str, Reference]) -> Descriptor:
        for layer in image.layers:
            self._keep(layer, origins)
        self.blobs.put(image.config.to_bytes(), image.manifest.config.media_type)
        return self.blobs.put(image.manifest.data, image.manifest.media_type)

    def _keep(self, layer: Layer, origins: Mapping[str, Reference]) -> None:
        digest = layer.descriptor.digest
        if self.blobs.has(digest) or layer.foreign:
            return
        if digest in origins:
            self.blobs.prepare()
            with durable.storing(self.root):
                self.blobs.origins.record(digest, origins[digest])
        elif self.origin(digest) is None:
            try:
                with layer.source.open(layer.descriptor) as stream:
                    self.blobs.write(stream, layer.descriptor)
            except BlobAbsent as error:
                raise StoreError(
                    f"the layer {digest} is neither in the store {self.root} nor in the image's own source",
                    hint="record where it can be fetched, or pull the base image again",
                ) from error


def _is(entry: Descriptor, reference: Reference) -> bool:
    name = layout.name_of(entry)
    if name is None or name.name != reference.name:
        return False
    return name == reference or (reference.digest is not None and entry.digest == reference.digest)


def _choose(index: Index, platform: Platform | None) -> Descriptor | None:
    if platform is not None:
        return index.select(platform)
    first = index.images[0] if index.images else None
    return index.select(Platform.host()) or index.select(_FALLBACK) or first
