"""docker-archive: the format of `docker save` and `docker load`.

Source: Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
Layers may be compressed with gzip, which `docker load`, `podman load` and skopeo undo by themselves; those in zstd are
written uncompressed, since Docker's format has none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidImage
from kfp.images import digest as digests
from kfp.images import fields, media_types
from kfp.images.archive_files import GZIP_MAGIC, UNPACKED_LIMIT
from kfp.images.canonical import DOCUMENT_LIMIT, parse
from kfp.images.compression import MemberWriter, decompressed
from kfp.images.config import Config
from kfp.images.descriptor import Descriptor
from kfp.images.image import Image
from kfp.images.layer import Layer
from kfp.images.manifest import LAYER_LIMIT, Manifest
from kfp.images.reference import Reference
from kfp.images.tar import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

    from kfp.images.archive_files import ArchiveFiles
    from kfp.images.blob_store import BlobStore

MARKER: Final = "manifest.json"
_WHAT: Final = "manifest.json of the archive"
_IMAGES_LIMIT: Final = 1000
_COPY: Final = 1024 * 1024
_ENDINGS: Final = {media_types.NONE: ".tar", media_types.GZIP: ".tar.gz", media_types.ZSTD: ".tar"}


def entries(images: Iterable[tuple[Image, Reference]]) -> Iterator[Entry]:
    """The archive of images, in any order; layers are opened when they are written.

    Raises:
        InvalidImage: a layer has a compression that Docker does not undo.
    """
    items: dict[str, dict[str, Any]] = {}
    files: dict[str, Entry] = {}
    for image, reference in images:
        names = [_layer_name(layer) for layer in image.layers]
        config = f"{digests.split(image.id)[1]}.json"
        item = items.setdefault(config, {"Config": config, "RepoTags": [], "Layers": names})
        if reference.tag is not None:
            # The whole name: podman takes python:3.11 for localhost/python:3.11, and Docker shortens it itself.
            item["RepoTags"].append(str(reference.with_tag(reference.tag)))
        files[config] = Entry.file(config, image.config.to_bytes())
        for name, layer in zip(names, image.layers, strict=True):
            if name not in files:
                files[name] = _layer_entry(name, layer)
    yield Entry.file(MARKER, json.dumps(list(items.values())).encode())
    yield from files.values()


def load(files: ArchiveFiles, blobs: BlobStore, reference: Reference | None = None) -> list[tuple[Image, Reference]]:
    """Copy what an archive names into a store's blobs; the caller puts it there.

    Args:
        files: the untrusted archive.
        blobs: where layers go, compressed; their diff_ids are verified.
        reference: the name of the archive's only image, instead of its own.

    Raises:
        InvalidImage: the archive is malformed, incomplete, or names nothing.
    """
    listed = {"images": parse(files.read(MARKER, DOCUMENT_LIMIT), _WHAT)}
    items = fields.objects(listed, "images", _WHAT, limit=_IMAGES_LIMIT)
    if reference is not None and len(items) != 1:
        raise InvalidImage(f"the archive holds {len(items)} images; one name cannot be given to them")
    found: list[tuple[Image, Reference]] = []
    for item in items:
        tags = fields.texts(item, "RepoTags", _WHAT)
        names = [Reference.parse(tag) for tag in tags] if reference is None else [reference]
        if names:
            image = _image(files, blobs, item)
            found.extend((image, name) for name in names)
    if not found:
        raise InvalidImage("the archive names no image", hint="say which name the image gets")
    return found


def _layer_name(layer: Layer) -> str:
    compression = media_types.compression_of(layer.descriptor.media_type)
    if compression not in _ENDINGS:
        raise InvalidImage(
            f"the layer {layer.descriptor.digest} of type {layer.descriptor.media_type} does not fit a docker-archive",
            hint="save the image as an OCI archive",
        )
    return digests.split(layer.descriptor.digest)[1] + _ENDINGS[compression]


def _layer_entry(name: str, layer: Layer) -> Entry:
    if media_types.compression_of(layer.descriptor.media_type) != media_types.ZSTD:
        return Entry.stream(name, layer.descriptor.size, layer.open)
    size = 0  # stands in the archive before the bytes, and is written nowhere
    with layer.uncompressed() as stream:
        while data := stream.read(_COPY):
            size += len(data)
    return Entry.stream(name, size, layer.uncompressed)


def _image(files: ArchiveFiles, blobs: BlobStore, item: dict[str, Any]) -> Image:
    config = Config(files.read(fields.text(item, "Config", _WHAT), DOCUMENT_LIMIT))
    names = fields.texts(item, "Layers", _WHAT)
    if len(names) != len(config.diff_ids) or len(names) > LAYER_LIMIT:
        raise InvalidImage(f"the archive has {len(names)} layers, its configuration {len(config.diff_ids)}")
    layers = tuple(_layer(files, blobs, name, diff_id) for name, diff_id in zip(names, config.diff_ids, strict=True))
    family = media_types.DOCKER
    descriptor = Descriptor.of(config.to_bytes(), family.config)
    manifest = Manifest.create(family, descriptor, (layer.descriptor for layer in layers))
    return Image(manifest, config, layers)


def _layer(files: ArchiveFiles, blobs: BlobStore, name: str, diff_id: str) -> Layer:
    with files.open(name) as stream:
        compressed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    with files.open(name) as stream, blobs.writer() as writer:
        if compressed:
            while data := stream.read(_COPY):
                writer.write(data)
            with files.open(name) as again, decompressed(again) as tar:
                _check(tar, diff_id)
        else:
            with MemberWriter(writer) as out:
                _check(stream, diff_id, out)
        return Layer(writer.commit(media_types.DOCKER_LAYER_GZIP), diff_id, blobs)


def _check(tar: BinaryIO, diff_id: str, out: MemberWriter | None = None) -> None:
    """Read a layer's tar to its end, hand it on to `out`, and prove its digest."""
    hasher = digests.hasher(diff_id)
    total = 0
    while data := tar.read(_COPY):
        total += len(data)
        if total > UNPACKED_LIMIT:
            raise InvalidImage(f"a layer of the archive unpacks to more than {UNPACKED_LIMIT} bytes")
        hasher.update(data)
        if out is not None:
            out.write(data)
    if digests.of(hasher) != diff_id:
        raise InvalidImage(f"a layer of the archive has the diff_id {digests.of(hasher)}, not {diff_id}")
