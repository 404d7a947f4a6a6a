"""Images: manifest, configuration and layers together, immutable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kfp.errors import InvalidImage
from kfp.images import media_types
from kfp.images.blob import Blob, MemoryBlobs
from kfp.images.config import EPOCH, Config
from kfp.images.descriptor import Descriptor
from kfp.images.layer import Layer
from kfp.images.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.images.blob import BlobSource
    from kfp.images.media_types import Family
    from kfp.images.platform import Platform


@dataclass(frozen=True)
class Image:
    """An image; every change returns a new one and keeps what it does not touch, unknown fields included.

    Attributes:
        manifest: the list of its blobs.
        config: what it runs.
        layers: the files, the base's first; their blobs may lie anywhere.

    Raises:
        InvalidImage: the three contradict each other.
    """

    manifest: Manifest
    config: Config
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if self.manifest.config.digest != self.config.digest:
            raise InvalidImage(
                f"the configuration {self.config.digest} is not the manifest's {self.manifest.config.digest}"
            )
        if tuple(layer.descriptor.digest for layer in self.layers) != tuple(d.digest for d in self.manifest.layers):
            raise InvalidImage(f"the layers of the image {self.digest} are not its manifest's")
        if tuple(layer.diff_id for layer in self.layers) != self.config.diff_ids:
            raise InvalidImage(
                f"the image {self.digest} has {len(self.layers)} layers that are not the"
                f" {len(self.config.diff_ids)} of its configuration"
            )

    @classmethod
    def assemble(cls, manifest: Manifest, config: Config, source: BlobSource) -> Image:
        """An image whose layers are opened from `source`."""
        if len(manifest.layers) != len(config.diff_ids):
            raise InvalidImage(
                f"the manifest {manifest.digest} has {len(manifest.layers)} layers,"
                f" its configuration {len(config.diff_ids)}"
            )
        pairs = zip(manifest.layers, config.diff_ids, strict=True)
        return cls(manifest, config, tuple(Layer(descriptor, diff_id, source) for descriptor, diff_id in pairs))

    @property
    def id(self) -> str:
        """The digest of the configuration: the same for the same content, however it is compressed."""
        return self.config.digest

    @property
    def digest(self) -> str:
        """The digest of the manifest: what a registry knows it by."""
        return self.manifest.digest

    @property
    def platform(self) -> Platform:
        """What it is for."""
        return self.config.platform

    @property
    def config_blob(self) -> Blob:
        """The configuration, to be moved as a blob."""
        return Blob(self.manifest.config, MemoryBlobs({self.id: self.config.to_bytes()}))

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """What a registry needs before the manifest, each once: layers that are distributed, then the configuration."""
        layers = {layer.descriptor.digest: layer.blob for layer in self.layers if not layer.foreign}
        return (*layers.values(), self.config_blob)

    def append(self, *layers: Layer, created_by: str = "", comment: str = "", created: str = EPOCH) -> Image:
        """Put layers on top, each with one step of history; their media types follow the image's family."""
        config = self.config
        for layer in layers:
            config = config.with_layer(layer.diff_id, created_by, comment=comment, created=created)
        added = tuple(layer.in_family(self.manifest.family) for layer in layers)
        return self._of(config, (*self.layers, *added))

    def with_config(self, config: Config) -> Image:
        """The same layers under another configuration, which must list the same diff_ids."""
        return self._of(config, self.layers)

    def with_annotations(self, annotations: Mapping[str, str]) -> Image:
        """Add annotations to the manifest; Docker's format has none and stays as it is."""
        return replace(self, manifest=self.manifest.with_annotations(annotations))

    def with_source(self, source: BlobSource) -> Image:
        """The same image, its layers opened from another place."""
        return replace(self, layers=tuple(layer.with_source(source) for layer in self.layers))

    def in_family(self, family: Family) -> Image:
        """The same image under the family's media types: another manifest, the same ID.

        Raises:
            InvalidImage: the family has no media type for a layer.
        """
        if self.manifest.family is family:
            return self
        layers = tuple(layer.in_family(family) for layer in self.layers)
        config = replace(self.manifest.config, media_type=family.config)
        annotations = self.manifest.annotations if family.annotations else None
        manifest = Manifest.create(family, config, (layer.descriptor for layer in layers), annotations)
        return Image(manifest, self.config, layers)

    def _of(self, config: Config, layers: tuple[Layer, ...]) -> Image:
        data = config.to_bytes()
        descriptor = Descriptor.of(data, self.manifest.config.media_type)
        manifest = self.manifest.with_blobs(descriptor, (layer.descriptor for layer in layers))
        return Image(manifest, config, layers)


def scratch(platform: Platform, *, family: Family = media_types.OCI, created: str = EPOCH) -> Image:
    """The image without layers."""
    config = Config.create(platform, created)
    manifest = Manifest.create(family, Descriptor.of(config.to_bytes(), family.config))
    return Image(manifest, config, ())
