"""What is attached to the images of a store: one small file for each of them, beside the store's blobs.

The file is an image index as the Referrers API would give it (OCI distribution-spec 1.1, "Listing Referrers"). It is
not in `index.json`: other tools would take each entry of that for an image.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.errors import BlobAbsent, InvalidImage
from kfp.images import digest as digests
from kfp.images import durable, layout
from kfp.images.artifact import Artifact
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kfp.images.blob_store import BlobStore
    from kfp.images.descriptor import Descriptor
    from kfp.images.image import Image

_FOLDER = ".referrers"


@dataclass(frozen=True)
class Attachments:
    """The artifacts of a store, by the digest of the manifest or index that they are about.

    Attributes:
        blobs: where their manifests and contents lie.
    """

    blobs: BlobStore

    def of(self, subject: str) -> tuple[Artifact, ...]:
        """The artifacts that are attached to a digest; one whose blobs are gone is not told.

        Raises:
            InvalidImage: a blob is damaged.
        """
        return tuple(self._artifacts(subject))

    def about(self, whole: Image | ImageIndex) -> tuple[Artifact, ...]:
        """The artifacts of an image, or of all images of an index.

        Raises:
            InvalidImage: a blob is damaged.
        """
        images = whole.images if isinstance(whole, ImageIndex) else (whole,)
        return tuple(artifact for image in images for artifact in self._artifacts(image.digest))

    def set(self, subject: str, artifacts: Sequence[Artifact]) -> None:
        """Attach these artifacts to a digest, instead of those that were.

        Raises:
            StoreError: the store cannot be written.
        """
        if not artifacts:
            self.forget(subject)
            return
        for artifact in artifacts:
            for blob in artifact.blobs:
                if not self.blobs.holds(blob.descriptor.digest, blob.descriptor.size):
                    with blob.open() as stream:
                        self.blobs.write(stream, blob.descriptor)
            self.blobs.put(artifact.manifest.data, artifact.manifest.media_type)
        data = layout.index_document([artifact.descriptor for artifact in artifacts])
        path = self._path(subject)
        if not path.is_file() or path.read_bytes() != data:
            self.blobs.prepare()
            with durable.storing(self.blobs.root):
                path.parent.mkdir(parents=True, exist_ok=True)
                durable.write(path, data, drafts=self.blobs.drafts)

    def forget(self, subject: str) -> None:
        """Detach everything from a digest; the blobs stay.

        Raises:
            StoreError: the store cannot be written.
        """
        with durable.storing(self.blobs.root):
            self._path(subject).unlink(missing_ok=True)

    def subjects(self) -> tuple[str, ...]:
        """The digests that something is attached to, sorted."""
        return tuple(sorted(f"{path.parent.name}:{path.name}" for path in (self.blobs.root / _FOLDER).glob("*/*")))

    def blobs_of(self, subject: str) -> frozenset[str]:
        """The digests of all blobs that the artifacts of a digest consist of: what a sweep must leave."""
        found: set[str] = set()
        for artifact in self._artifacts(subject):
            found |= {artifact.digest, *(blob.descriptor.digest for blob in artifact.blobs)}
        return frozenset(found)

    def _artifacts(self, subject: str) -> Iterator[Artifact]:
        for entry in self._entries(subject):
            with contextlib.suppress(BlobAbsent):
                yield Artifact.read(self.blobs.read(entry, DOCUMENT_LIMIT), self.blobs)

    def _entries(self, subject: str) -> tuple[Descriptor, ...]:
        path = self._path(subject)
        try:
            return layout.parse_index(path.read_bytes(), str(path))[1]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise InvalidImage(f"{path} cannot be read: {error.strerror}") from error

    def _path(self, subject: str) -> Path:
        return self.blobs.root.joinpath(_FOLDER, *digests.split(subject))
