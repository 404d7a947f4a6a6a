"""Image indexes: the same image for several platforms, immutable (OCI image-spec, image-index.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kfp.errors import InvalidImage
from kfp.images.manifest import Index
from kfp.images.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.images.blob import Blob
    from kfp.images.image import Image
    from kfp.images.media_types import Family

_FALLBACK = Platform("linux", "amd64")


@dataclass(frozen=True)
class ImageIndex:
    """An index with the images that it lists.

    Attributes:
        index: the list of manifests, each with its platform.
        images: those of the images that are at hand, in the order of the list.
    """

    index: Index
    images: tuple[Image, ...] = field(compare=False)

    @classmethod
    def of(cls, images: Iterable[Image], annotations: Mapping[str, str] | None = None) -> ImageIndex:
        """An index of images for different platforms, in the family of the first.

        Raises:
            InvalidImage: there is none, two are for the same platform, or they are of different families.
        """
        members = tuple(images)
        if not members:
            raise InvalidImage("an index needs at least one image")
        family = members[0].manifest.family
        seen: set[str] = set()
        for image in members:
            if image.manifest.family is not family:
                raise InvalidImage(f"an index of {family.name} images cannot hold one of {image.manifest.family.name}")
            if str(image.platform) in seen:
                raise InvalidImage(f"an index cannot hold two images for {image.platform}")
            seen.add(str(image.platform))
        entries = (replace(image.manifest.descriptor, platform=image.platform) for image in members)
        return cls(Index.create(family, entries, annotations), members)

    @property
    def digest(self) -> str:
        """The digest of the index: what a registry knows it by."""
        return self.index.digest

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """What a registry needs before the manifests, each once."""
        return tuple({blob.descriptor.digest: blob for image in self.images for blob in image.blobs}.values())

    def choose(self, platform: Platform | None = None) -> Image | None:
        """The image for a platform; without one that for this machine, else for linux/amd64, else the first."""
        for wanted in (Platform.host(), _FALLBACK) if platform is None else (platform,):
            for image in self.images:
                if image.platform.matches(wanted):
                    return image
        return self.images[0] if platform is None and self.images else None

    def in_family(self, family: Family) -> ImageIndex:
        """The same images under the family's media types; those that are not at hand are lost where it differs.

        Raises:
            InvalidImage: the family has no media type for a layer.
        """
        if self.index.family is family and all(image.manifest.family is family for image in self.images):
            return self
        annotations = self.index.annotations if family.annotations else None
        return ImageIndex.of((image.in_family(family) for image in self.images), annotations)
