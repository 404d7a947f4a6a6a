"""Blobs that lie in registries: streamed from where they came, or fetched into the store when they are opened."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from kfp.errors import BlobAbsent, ImageError, StoreError
from kfp.images.blob import Blob, BlobSource
from kfp.images.blob_store import BlobStore
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.manifest import Index, parse_manifest
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.verified import verified


class Remote:
    """The registries that one push or pull touches, each reached once; threads may share it.

    Args:
        options: how all of them are talked to.
    """

    def __init__(self, options: RegistryOptions | None = None) -> None:
        self.options = options or RegistryOptions()
        self._registries: dict[str, Registry] = {}
        self._lock = threading.Lock()

    def registry(self, host: str) -> Registry:
        """Return the registry of that name."""
        with self._lock:
            if host not in self._registries:
                self._registries[host] = Registry.of(host, self.options)
            return self._registries[host]

    def stream(self, descriptor: Descriptor, origin: Reference) -> BinaryIO:
        """Open a blob of an image that lies in a registry, verified while it is read.

        Raises:
            RegistryError: the registry does not give it.
        """
        return self.registry(origin.registry).get_blob(origin.repository, descriptor)

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            for registry in self._registries.values():
                registry.transport.close()


@dataclass(frozen=True)
class FetchingSource:
    """The blobs of a store; one that was never downloaded is fetched into the store when it is opened.

    Attributes:
        store: where blobs are and go.
        remote: where absent ones are found.
    """

    store: Store
    remote: Remote = field(default_factory=Remote, compare=False)

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Open a blob; see `BlobSource`.

        Raises:
            BlobAbsent: it is not in the store and nobody recorded where it came from.
            RegistryError: the registry that it came from does not give it.
        """
        try:
            return self.store.open(descriptor)
        except BlobAbsent as absent:
            if absent.origin is None:
                raise
            with self.remote.stream(descriptor, Reference.parse(absent.origin)) as stream:
                self.store.blobs.write(stream, descriptor)
            return self.store.open(descriptor)


@dataclass(frozen=True)
class StreamingSource:
    """The blobs of any source; one that is absent there is streamed from its registry and kept nowhere.

    Attributes:
        source: asked first.
        remote: where absent ones are found.
    """

    source: BlobSource
    remote: Remote

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Open a blob; see `BlobSource`.

        Raises:
            BlobAbsent: nobody recorded where it came from.
            RegistryError: the registry that it came from does not give it.
        """
        try:
            return verified(self.source.open(descriptor), descriptor.digest, descriptor.size)
        except BlobAbsent as absent:
            if absent.origin is None:
                raise
            return self.remote.stream(descriptor, Reference.parse(absent.origin))


def without_fetching(blob: Blob, remote: Remote) -> Blob:
    """Return the blob opened so that nothing is added to the store."""
    source = blob.source.store if isinstance(blob.source, FetchingSource) else blob.source
    return Blob(blob.descriptor, StreamingSource(source, remote))


def places_of(blob: Blob) -> tuple[Reference, ...]:
    """Return the images that are known to hold a blob: a registry that has one of them can take the blob over."""
    blobs = _kept_in(blob)
    return () if blobs is None else blobs.origins.all(blob.descriptor.digest)


def remember_place(blob: Blob, place: Reference) -> None:
    """Remember that an image in a registry holds a blob; a store that cannot be written does not, and that is all."""
    blobs = _kept_in(blob)
    if blobs is not None:
        with contextlib.suppress(OSError, StoreError):
            blobs.prepare()
            blobs.origins.add(blob.descriptor.digest, place)


def listed_in(image: Image | ImageIndex, manifest: Descriptor) -> Iterator[str]:
    """Return the digests of all that a manifest or index of a registry lists, as far as the image's store knows it.

    What a registry has a manifest of it has as well, so that nobody needs to ask.
    """
    store = next(filter(None, map(_kept_in, image.blobs)), None)
    if store is not None:
        yield from _listed(manifest, store)


def _listed(descriptor: Descriptor, store: BlobStore) -> Iterator[str]:
    try:
        with store.open(descriptor.digest) as stream:
            data = verified(stream, descriptor.digest).read(DOCUMENT_LIMIT + 1)
        manifest = parse_manifest(descriptor.media_type, data)
    except ImageError:
        return
    yield descriptor.digest
    if isinstance(manifest, Index):
        for entry in manifest.manifests:
            yield from _listed(entry, store)
    else:
        yield from (blob.digest for blob in (manifest.config, *manifest.layers))


def _kept_in(blob: Blob) -> BlobStore | None:
    source = blob.source.store if isinstance(blob.source, FetchingSource) else blob.source
    if isinstance(source, Store):
        return source.blobs
    return source if isinstance(source, BlobStore) else None
