"""Manifests and indexes (OCI image-spec manifest.md and image-index.md; Docker v2 schema 2).

Both keep the bytes that they were read from: a registry is sent exactly what was hashed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from kfp.errors import InvalidImage
from kfp.images import canonical, fields, media_types
from kfp.images.descriptor import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.images.canonical import JsonObject
    from kfp.images.media_types import Family
    from kfp.images.platform import Platform

LAYER_LIMIT: Final = 1024
"""The most layers of an image that are read (container engines mount at most 128)."""

_INDEX_LIMIT: Final = 10_000


@dataclass(frozen=True)
class Manifest:
    """The list of one image's blobs.

    Attributes:
        media_type: OCI's or Docker's.
        data: the bytes; `digest` is theirs.
        config: where the configuration is.
        layers: where the layers are, the base's first.
        annotations: free text about the image (OCI only).
    """

    media_type: str
    data: bytes = field(repr=False)
    config: Descriptor = field(compare=False)
    layers: tuple[Descriptor, ...] = field(compare=False)
    annotations: Mapping[str, str] = field(compare=False, default_factory=dict)

    @classmethod
    def create(
        cls,
        family: Family,
        config: Descriptor,
        layers: Iterable[Descriptor] = (),
        annotations: Mapping[str, str] | None = None,
    ) -> Manifest:
        """A new manifest, in canonical JSON."""
        document: JsonObject = {"schemaVersion": 2, "mediaType": family.manifest}
        return cls._of(document, family.manifest, config, tuple(layers), annotations or {})

    @property
    def family(self) -> Family:
        """The family whose media types it speaks."""
        return media_types.family_of(self.media_type)

    @cached_property
    def descriptor(self) -> Descriptor:
        """How others point at it."""
        return Descriptor.of(self.data, self.media_type)

    @property
    def digest(self) -> str:
        """The digest of the manifest: what `name@sha256:…` pins."""
        return self.descriptor.digest

    def to_json(self) -> JsonObject:
        """The whole document, a fresh copy."""
        return canonical.loads(self.data, "manifest")

    def with_blobs(self, config: Descriptor, layers: Iterable[Descriptor]) -> Manifest:
        """The same manifest for another configuration and other layers; unknown fields are kept."""
        return self._of(self.to_json(), self.media_type, config, tuple(layers), self.annotations)

    def with_annotations(self, annotations: Mapping[str, str]) -> Manifest:
        """The same manifest with these annotations added.

        Docker's format has none: a manifest of that family stays as it is.
        """
        if not self.family.annotations:
            return self
        merged = {**self.annotations, **annotations}
        return self._of(self.to_json(), self.media_type, self.config, self.layers, merged)

    @classmethod
    def _of(
        cls,
        document: JsonObject,
        media_type: str,
        config: Descriptor,
        layers: tuple[Descriptor, ...],
        annotations: Mapping[str, str],
    ) -> Manifest:
        document["config"] = config.to_json()
        document["layers"] = [layer.to_json() for layer in layers]
        if annotations:
            document["annotations"] = dict(annotations)
        return cls(media_type, canonical.dumps(document), config, layers, annotations)


@dataclass(frozen=True)
class Index:
    """A list of manifests: the same image for several platforms.

    Attributes:
        media_type: OCI's index or Docker's manifest list.
        data: the bytes; `digest` is theirs.
        manifests: where the manifests are, each with its platform.
    """

    media_type: str
    data: bytes = field(repr=False)
    manifests: tuple[Descriptor, ...] = field(compare=False)
    annotations: Mapping[str, str] = field(compare=False, default_factory=dict)

    @classmethod
    def create(
        cls, family: Family, manifests: Iterable[Descriptor], annotations: Mapping[str, str] | None = None
    ) -> Index:
        """A new index, in canonical JSON."""
        entries = tuple(manifests)
        document: JsonObject = {
            "schemaVersion": 2,
            "mediaType": family.index,
            "manifests": [entry.to_json() for entry in entries],
        }
        if annotations and family.annotations:
            document["annotations"] = dict(annotations)
        return cls(family.index, canonical.dumps(document), entries, document.get("annotations", {}))

    @cached_property
    def descriptor(self) -> Descriptor:
        """How others point at it."""
        return Descriptor.of(self.data, self.media_type)

    @property
    def digest(self) -> str:
        """The digest of the index."""
        return self.descriptor.digest

    def to_json(self) -> JsonObject:
        """The whole document, a fresh copy."""
        return canonical.loads(self.data, "index")

    @property
    def family(self) -> Family:
        """The family whose media types it speaks."""
        return media_types.family_of(self.media_type)

    @property
    def images(self) -> tuple[Descriptor, ...]:
        """The entries that are images: attestations and artifacts (platform "unknown/unknown") are left out."""
        return tuple(entry for entry in self.manifests if _is_image(entry))

    def select(self, platform: Platform) -> Descriptor | None:
        """The first image for this platform, or None."""
        return next((entry for entry in self.images if entry.platform and entry.platform.matches(platform)), None)


def parse_manifest(media_type: str, data: bytes) -> Manifest | Index:
    """Read an untrusted manifest or index.

    Args:
        media_type: what the sender says it is (a Content-Type header, a descriptor); "" where nobody said.
        data: the bytes, at most 4 MiB.

    Raises:
        InvalidImage: too large, malformed, of a refused version (schema 1), or of a type that contradicts
            what the sender said (image-spec 1.1, manifest.md: the two must match).
    """
    document = canonical.loads(data, "manifest")
    kind = _kind(media_type.partition(";")[0].strip().lower(), document)
    if document.get("schemaVersion") != 2:  # noqa: PLR2004 the only version left
        raise InvalidImage("the manifest's schemaVersion is not 2")
    annotations = fields.text_map(document, "annotations", "manifest")
    if kind in media_types.INDEXES:
        entries = fields.objects(document, "manifests", "index", limit=_INDEX_LIMIT)
        return Index(kind, data, tuple(Descriptor.from_json(entry, "index entry") for entry in entries), annotations)
    config = Descriptor.from_json(fields.mapping(document, "config", "manifest"), "manifest's config descriptor")
    layers = fields.objects(document, "layers", "manifest", limit=LAYER_LIMIT)
    descriptors = tuple(Descriptor.from_json(layer, "manifest's layer descriptor") for layer in layers)
    return Manifest(kind, data, config, descriptors, annotations)


def _kind(said: str, document: Mapping[str, Any]) -> str:
    own = fields.text(document, "mediaType", "manifest")
    if document.get("schemaVersion") == 1 or said in (media_types.DOCKER_SCHEMA1, media_types.DOCKER_SCHEMA1_SIGNED):
        raise InvalidImage(
            "the image has a manifest of Docker's obsolete schema 1",
            hint="push it again with a current tool, for example skopeo copy",
        )
    has_manifests, has_layers = "manifests" in document, "layers" in document or "config" in document
    if has_manifests and has_layers:
        raise InvalidImage("the manifest is an index and an image at once")
    known = media_types.INDEXES | media_types.MANIFESTS
    if own and said in known and own != said:
        raise InvalidImage(f"the manifest says that it is {own}, its sender that it is {said}")
    kind = own or (said if said in known else media_types.OCI_INDEX if has_manifests else media_types.OCI_MANIFEST)
    if kind not in known:
        raise InvalidImage(f"the manifest has the unknown media type {kind[:200]!r}")
    if (kind in media_types.INDEXES) != has_manifests:
        raise InvalidImage(f"the manifest is not what its media type {kind} says")
    return kind


def _is_image(entry: Descriptor) -> bool:
    return entry.media_type in media_types.MANIFESTS and (entry.platform is None or entry.platform.known)
