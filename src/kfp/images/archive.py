"""Images in one file: OCI archives and docker-archives, written and read.

What is read is untrusted: sizes are limited, digests are checked, links are never followed out of the archive, and
layers stream from the archive to the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Literal

from kfp.errors import InvalidImage
from kfp.images import docker_archive, durable, oci_archive
from kfp.images.archive_files import open_archive
from kfp.images.image_index import ImageIndex
from kfp.images.tar import TarWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kfp.images.image import Image
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from kfp.images.tar import Entry

Format = Literal["oci", "docker"]


def save(image: Image | ImageIndex, reference: Reference, path: Path, format: Format = "oci") -> None:  # noqa: A002 the name users know
    """Write an image, or an index with its images, to a file; see `save_all`."""
    save_all([(image, reference)], path, format)


def save_all(
    images: Iterable[tuple[Image | ImageIndex, Reference]],
    path: Path,
    format: Format = "oci",  # noqa: A002 as above
) -> None:
    """Write images to a file, which is there whole or not at all.

    Args:
        images: each with the name that the archive gives it. Layers that are not on this machine are fetched from
            their source.
        path: the file; one that is there is replaced.
        format: "oci" (skopeo, podman, buildah, containerd, Docker 25 and later) holds the images of an index that are
            at hand, "docker" (`docker load` of any age) the one for this machine.

    Raises:
        InvalidImage: the format cannot hold an image, or a layer is not what its digest says.
        StoreError: the file cannot be written.
        BlobAbsent: a layer is not on this machine, and its source cannot fetch it.
    """
    entries = list(_entries(images, format))
    with durable.storing(path):
        draft = durable.Draft(path.parent, f".{path.name}.")
    with draft:
        _write(entries, _Guarded(draft.file, path))
        with durable.storing(path):
            draft.publish(path)


def write_docker_archive(image: Image, reference: Reference, stream: BinaryIO) -> None:
    """Write a docker-archive to a stream, for example the standard input of `docker load`."""
    _write(docker_archive.entries([(image, reference)]), stream)


def load(path: Path, store: Store, reference: Reference | None = None) -> list[Reference]:
    """Take the images of an archive, of either format, plain or compressed with gzip, into the store.

    Args:
        path: the untrusted archive.
        store: names are written when every blob is there and verified.
        reference: the name that the archive's only image gets instead of its own.

    Returns:
        The names, in the archive's order.

    Raises:
        InvalidImage: the archive is no image archive, damaged, incomplete, beyond a limit, or names no image.
        StoreError: the store cannot be written.
    """
    with store.in_use(), open_archive(path, store.blobs.drafts) as files:
        # `docker save` writes both forms since Docker 25, and only manifest.json has the whole names in every version.
        if docker_archive.MARKER in files:
            images = docker_archive.load(files, store.blobs, reference)
            for image, name in images:
                store.put(image, name)
            return [name for _, name in images]
        if oci_archive.MARKER in files:
            entries = oci_archive.load(files, store.blobs, reference)
            for descriptor, name in entries:
                store.tag(descriptor, name)
            return [name for _, name in entries]
    raise InvalidImage(
        f"{path} is no image archive: it has neither {oci_archive.MARKER} nor {docker_archive.MARKER}",
        hint="make one with `docker save`, `podman save` or `skopeo copy`",
    )


def _entries(images: Iterable[tuple[Image | ImageIndex, Reference]], form: Format) -> Iterator[Entry]:
    if form == "oci":
        return oci_archive.entries(images)
    return docker_archive.entries((_for_this_machine(image, reference), reference) for image, reference in images)


def _for_this_machine(image: Image | ImageIndex, reference: Reference) -> Image:
    found = image.choose() if isinstance(image, ImageIndex) else image
    if found is None:
        raise InvalidImage(f"no image of the index {reference} is on this machine", hint="pull or build it again")
    return found


class _Guarded:
    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, data: bytes) -> int:
        with durable.storing(self._path):
            return self._file.write(data)


def _write(entries: Iterable[Entry], out: BinaryIO | _Guarded) -> None:
    with TarWriter(out) as tar:
        for entry in sorted(entries, key=lambda entry: entry.path):
            tar.add(entry)
