"""Images that tests make for themselves."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from kfp.images import digest, media_types
from kfp.images.blob import MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.image import Image, scratch
from kfp.images.layer import Layer, build_layer
from kfp.images.media_types import OCI, Family
from kfp.images.platform import Platform
from kfp.images.store import Store
from kfp.images.tar import Entry

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")

ENTRIES = (
    Entry.directory("data"),
    Entry.file("data/greeting.txt", b"hello\n"),
    Entry.file("data/run.sh", b"#!/bin/sh\n", executable=True),
    Entry.file("data/" + "deep/" * 60 + "file", b"far"),
    Entry.file("data/größe.txt", "ü".encode()),
    Entry.symlink("data/link", "greeting.txt"),
    Entry.directory("tmp", sticky=True),
)


def make_image(store: Store, *, family: Family = OCI, platform: Platform = AMD64, text: str = "hello") -> Image:
    """An image of two layers."""
    first = build_layer(ENTRIES, store.blobs)
    second = build_layer([Entry.file("data/second.txt", text.encode())], store.blobs)
    image = scratch(platform, family=family).append(first, second, created_by="test")
    return image.with_config(image.config.with_env({"PATH": "/bin"}).with_labels({"who": "test"}).with_cmd(["/bin/sh"]))


@dataclass(frozen=True)
class Raw:
    """A member of a tar archive, as a hostile hand would write it."""

    name: str
    data: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    pax: Mapping[str, str] = field(default_factory=dict)


def raw_tar(*members: Raw, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of these members, whatever they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as tar:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type, info.linkname, info.mode, info.size = member.type, member.link, member.mode, len(member.data)
            info.pax_headers = dict(member.pax)
            tar.addfile(info, io.BytesIO(member.data))
    return out.getvalue()


def raw_layer(tar: bytes) -> Layer:
    """An uncompressed layer of these bytes."""
    descriptor = Descriptor.of(tar, media_types.OCI_LAYER)
    return Layer(descriptor, digest.sha256(tar), MemoryBlobs({descriptor.digest: tar}))
