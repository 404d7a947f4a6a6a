"""Media types of image documents, and the two families that a manifest may speak.

Sources: OCI image-spec 1.1 media-types.md; Docker "Image Manifest Version 2, Schema 2". Some registries
refuse a manifest that mixes families, so an image built on a Docker base stays Docker throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
OCI_LAYER_GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_LAYER_ZSTD: Final = "application/vnd.oci.image.layer.v1.tar+zstd"
OCI_FOREIGN_LAYER: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar"
OCI_FOREIGN_LAYER_GZIP: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
OCI_FOREIGN_LAYER_ZSTD: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"

DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar"
DOCKER_LAYER_GZIP: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
DOCKER_FOREIGN_LAYER_GZIP: Final = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

DOCKER_SCHEMA1: Final = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_SCHEMA1_SIGNED: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"

INDEXES: Final = frozenset({OCI_INDEX, DOCKER_INDEX})
MANIFESTS: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
ACCEPTED: Final = (OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST)
"""What a client says in its Accept header, the preferred one first."""

FOREIGN_LAYERS: Final = frozenset(
    {OCI_FOREIGN_LAYER, OCI_FOREIGN_LAYER_GZIP, OCI_FOREIGN_LAYER_ZSTD, DOCKER_FOREIGN_LAYER_GZIP}
)
"""Layers that are not distributed by registries: kept as descriptors, never copied."""

NONE: Final = "none"
GZIP: Final = "gzip"
ZSTD: Final = "zstd"

_COMPRESSION: Final = {
    OCI_LAYER: NONE,
    OCI_FOREIGN_LAYER: NONE,
    DOCKER_LAYER: NONE,
    OCI_LAYER_GZIP: GZIP,
    OCI_FOREIGN_LAYER_GZIP: GZIP,
    DOCKER_LAYER_GZIP: GZIP,
    DOCKER_FOREIGN_LAYER_GZIP: GZIP,
    OCI_LAYER_ZSTD: ZSTD,
    OCI_FOREIGN_LAYER_ZSTD: ZSTD,
}


@dataclass(frozen=True, eq=False)
class Family:
    """The media types that belong together in one image.

    Attributes:
        layers: compression ("none", "gzip", "zstd") → media type of a layer.
        annotations: whether its manifests have a field for annotations.
    """

    name: str
    index: str
    manifest: str
    config: str
    layers: dict[str, str]
    annotations: bool


OCI: Final = Family(
    "oci", OCI_INDEX, OCI_MANIFEST, OCI_CONFIG, {NONE: OCI_LAYER, GZIP: OCI_LAYER_GZIP, ZSTD: OCI_LAYER_ZSTD}, True
)
DOCKER: Final = Family(
    "docker",
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    DOCKER_CONFIG,
    {NONE: DOCKER_LAYER, GZIP: DOCKER_LAYER_GZIP},
    False,
)


def family_of(manifest_type: str) -> Family:
    """The family of a manifest's or an index's media type; OCI for any that is not Docker's."""
    return DOCKER if manifest_type in (DOCKER.manifest, DOCKER.index) else OCI


def compression_of(layer_type: str) -> str | None:
    """How a layer of this media type is compressed: "none", "gzip", "zstd", or None for an unknown type."""
    return _COMPRESSION.get(layer_type)
