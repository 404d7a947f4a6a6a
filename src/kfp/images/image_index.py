"""Image indexes: the same image for several platforms, immutable (OCI image-spec, image-index.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kfp.errors import InvalidImage
from kfp.images.manifest import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.images.blob import Blob
    from kfp.images.image import Image


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
