"""Artifacts that belong to an image: a bill of materials, an attestation (OCI image-spec 1.1, manifest.md, `subject`).

Each is a manifest of its own with one blob, an empty configuration, and the descriptor of the image that it is about.
The image does not know of them: its digest stays what it is, whatever is attached to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidImage
from kfp.images import canonical, fields, media_types
from kfp.images.blob import Blob, MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.manifest import Manifest, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.images.blob import BlobSource

CONTENT_LIMIT: Final = 64 * 1024 * 1024
"""The largest content of an artifact that is read, in bytes."""

_EMPTY: Final = b"{}"
_EMPTY_CONFIG: Final = Descriptor.of(_EMPTY, media_types.OCI_EMPTY)
_WHAT: Final = "artifact manifest"


@dataclass(frozen=True)
class Artifact:
    """Something about an image.

    Attributes:
        manifest: lists the content.
        artifact_type: a media type that says what the artifact is.
        subject: the manifest or index that it is about.
        content: the blob.
    """

    manifest: Manifest
    artifact_type: str = field(compare=False)
    subject: Descriptor = field(compare=False)
    content: Blob = field(compare=False)

    @classmethod
    def of(
        cls, data: bytes, media_type: str, subject: Descriptor, annotations: Mapping[str, str] | None = None
    ) -> Artifact:
        """An artifact whose type is that of its content.

        Args:
            data: the content.
            media_type: what the content is.
            subject: the manifest or index that it is about.
            annotations: shown by whoever lists what is attached to the subject.
        """
        content = Descriptor.of(data, media_type)
        pointer = Descriptor(subject.media_type, subject.digest, subject.size)
        document = canonical.dumps(
            {
                "schemaVersion": 2,
                "mediaType": media_types.OCI_MANIFEST,
                "artifactType": media_type,
                "config": _EMPTY_CONFIG.to_json(),
                "layers": [content.to_json()],
                "subject": pointer.to_json(),
                **({"annotations": dict(annotations)} if annotations else {}),
            }
        )
        return cls.read(document, MemoryBlobs({content.digest: data}))

    @classmethod
    def read(cls, data: bytes, source: BlobSource) -> Artifact:
        """Read an untrusted manifest of an artifact with one blob.

        Args:
            data: the manifest.
            source: where the content can be opened.

        Raises:
            InvalidImage: it is no manifest, has no subject, or not exactly one blob.
        """
        manifest = parse_manifest(media_types.OCI_MANIFEST, data)
        document = canonical.loads(data, _WHAT)
        subject = fields.mapping(document, "subject", _WHAT)
        if not isinstance(manifest, Manifest) or not subject:
            raise InvalidImage("the manifest is none of an artifact: it has no subject")
        if len(manifest.layers) != 1:
            raise InvalidImage(f"the artifact {manifest.digest} has {len(manifest.layers)} blobs where one is known")
        kind = fields.text(document, "artifactType", _WHAT) or manifest.config.media_type
        content = Blob(manifest.layers[0], source)
        return cls(manifest, kind, Descriptor.from_json(subject, f"{_WHAT}'s subject"), content)

    @property
    def digest(self) -> str:
        """The digest of the manifest."""
        return self.manifest.digest

    @property
    def descriptor(self) -> Descriptor:
        """How a list of what is attached to the subject points at it (distribution-spec 1.1, "Listing Referrers")."""
        own = self.manifest.descriptor
        return Descriptor(
            own.media_type,
            own.digest,
            own.size,
            annotations=self.manifest.annotations,
            artifact_type=self.artifact_type,
        )

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """What a registry needs before the manifest."""
        config = Blob(self.manifest.config, MemoryBlobs({_EMPTY_CONFIG.digest: _EMPTY}))
        return (config, self.content)

    def data(self) -> bytes:
        """The content, verified.

        Raises:
            InvalidImage: it is larger than `CONTENT_LIMIT`, or not what its digest says.
            BlobAbsent: it is not where the artifact was found.
        """
        descriptor = self.content.descriptor
        if descriptor.size > CONTENT_LIMIT:
            raise InvalidImage(f"the artifact {self.digest} has {descriptor.size} bytes, more than {CONTENT_LIMIT}")
        with self.content.open() as stream:
            return stream.read()
