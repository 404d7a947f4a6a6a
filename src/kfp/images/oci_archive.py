"""OCI archives: an image layout in one tar file (image-spec, image-layout.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidImage, InvalidReference
from kfp.images import digest as digests
from kfp.images import fields, layout
from kfp.images.canonical import DOCUMENT_LIMIT, loads
from kfp.images.config import Config
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layout import index_document, named, parse_index
from kfp.images.manifest import Index, Manifest, parse_manifest
from kfp.images.media_types import OCI
from kfp.images.reference import Reference
from kfp.images.tar import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kfp.images.archive_files import ArchiveFiles
    from kfp.images.blob_store import BlobStore
    from kfp.images.descriptor import Descriptor

MARKER: Final = "oci-layout"
_FULL_NAME: Final = "io.containerd.image.name"
"""Where Docker and containerd write the whole name; their ref.name is the tag alone."""


def entries(images: Iterable[tuple[Image | ImageIndex, Reference]]) -> Iterator[Entry]:
    """The archive of images and indexes, in any order; layers are opened when they are written.

    What is of Docker's family gets OCI's media types, since skopeo and others find nothing else in a layout; all other
    manifests and indexes keep their digests. Of an index come the images that are at hand.
    """
    named_entries = []
    blobs: dict[str, Entry] = {}
    for whole, reference in images:
        image = whole.in_family(OCI)
        for blob in image.blobs:
            path = _path(blob.descriptor.digest)
            blobs[path] = Entry.stream(path, blob.descriptor.size, blob.open)
        top, members = (image.index, image.images) if isinstance(image, ImageIndex) else (image.manifest, ())
        for document in (top, *(member.manifest for member in members)):
            blobs[_path(document.digest)] = Entry.file(_path(document.digest), document.data)
        named_entries.append(named(top.descriptor, reference))
    yield Entry.directory("blobs")
    yield Entry.directory("blobs/sha256")
    yield from blobs.values()
    yield Entry.file("index.json", index_document(named_entries))
    yield Entry.file(MARKER, layout.LAYOUT)


def load(
    files: ArchiveFiles, blobs: BlobStore, reference: Reference | None = None
) -> list[tuple[Descriptor, Reference]]:
    """Copy what an archive names into a store's blobs; the caller names it there.

    Args:
        files: the untrusted archive.
        blobs: where every blob goes, verified.
        reference: the name of the archive's only image, instead of its own.

    Raises:
        InvalidImage: the archive is malformed, incomplete, or names nothing.
    """
    version = fields.text(loads(files.read(MARKER, DOCUMENT_LIMIT), MARKER), "imageLayoutVersion", MARKER)
    if not version.startswith("1."):
        raise InvalidImage(f"the archive has version {version[:50]!r} of the image layout; 1.0.0 is known")
    _, found = parse_index(files.read("index.json", DOCUMENT_LIMIT), "index.json of the archive")
    if reference is not None:
        if len(found) != 1:
            raise InvalidImage(f"the archive holds {len(found)} images; one name cannot be given to them")
        pairs = [(found[0], reference)]
    else:
        pairs = [(entry, name) for entry in found if (name := _name(entry)) is not None]
    if not pairs:
        raise InvalidImage("the archive names no image", hint="say which name the image gets")
    for entry, _ in pairs:
        _copy(files, blobs, entry)
    return pairs


def _name(entry: Descriptor) -> Reference | None:
    try:
        return Reference.parse(entry.annotations.get(_FULL_NAME, ""))
    except InvalidReference:
        return layout.name_of(entry)


def _copy(files: ArchiveFiles, blobs: BlobStore, entry: Descriptor, *, nested: bool = False) -> None:
    manifest = parse_manifest(entry.media_type, _document(files, entry))
    if isinstance(manifest, Index):
        if nested:
            raise InvalidImage("the archive has an index inside an index inside an index")
        present = [image for image in manifest.images if _path(image.digest) in files]
        if not present:
            raise InvalidImage(f"the archive has none of the images of its index {entry.digest}")
        for image in present:
            _copy(files, blobs, image, nested=True)
    else:
        _copy_image(files, blobs, manifest)
    blobs.put(manifest.data, manifest.media_type)


def _copy_image(files: ArchiveFiles, blobs: BlobStore, manifest: Manifest) -> None:
    config = Config(_document(files, manifest.config))
    image = Image.assemble(manifest, config, blobs)
    for layer in image.layers:
        path = _path(layer.descriptor.digest)
        if not layer.foreign and (path in files or not blobs.has(layer.descriptor.digest)):
            with files.open(path) as stream:
                blobs.write(stream, layer.descriptor)
    blobs.put(config.to_bytes(), manifest.config.media_type)


def _document(files: ArchiveFiles, descriptor: Descriptor) -> bytes:
    data = files.read(_path(descriptor.digest), DOCUMENT_LIMIT)
    hasher = digests.hasher(descriptor.digest)
    hasher.update(data)
    if len(data) != descriptor.size or digests.of(hasher) != descriptor.digest:
        raise InvalidImage(f"the archive's blob {descriptor.digest} is damaged")
    return data


def _path(digest: str) -> str:
    return "/".join(("blobs", *digests.split(digest)))
