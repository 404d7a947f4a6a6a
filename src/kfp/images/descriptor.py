"""Descriptors: how one image document points at another (OCI image-spec, descriptor.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kfp.errors import InvalidImage
from kfp.images import digest as digests
from kfp.images import fields
from kfp.images.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.images.canonical import JsonObject

_MEDIA_TYPE: Final = re.compile("[!-~]{1,127}/[ -~]{1,127}")
_KNOWN: Final = frozenset({"mediaType", "digest", "size", "urls", "annotations", "platform", "artifactType"})


@dataclass(frozen=True)
class Descriptor:
    """The type, address and size of a blob.

    Attributes:
        media_type: what the bytes are.
        digest: "sha256:…" of the bytes.
        size: number of bytes.
        urls: other places to download it from (foreign layers).
        annotations: free text about it.
        platform: in an index, the platform of the image that it points at.
        artifact_type: in an index, the type of the artifact that it points at.
        extra: fields that this version does not know, kept as they came.
    """

    media_type: str
    digest: str
    size: int
    urls: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    platform: Platform | None = None
    artifact_type: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, data: bytes, media_type: str) -> Descriptor:
        """The descriptor of `data`."""
        return cls(media_type, digests.sha256(data), len(data))

    @classmethod
    def from_json(cls, document: Mapping[str, Any], what: str = "descriptor") -> Descriptor:
        """Read an untrusted descriptor.

        Raises:
            InvalidImage: a field is missing or has the wrong type, or the digest is malformed.
        """
        media_type = fields.text(document, "mediaType", what)
        if not media_type:
            raise InvalidImage(f"the {what} has no media type")
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise InvalidImage(f"the {what} has the malformed media type {media_type[:100]!r}")
        platform = fields.mapping(document, "platform", what)
        return cls(
            media_type,
            digests.check(fields.text(document, "digest", what)),
            fields.size(document, "size", what),
            fields.texts(document, "urls", what),
            fields.text_map(document, "annotations", what),
            Platform.from_json(platform, what) if platform else None,
            fields.text(document, "artifactType", what),
            # A platform may carry more than os, architecture and variant; it is kept whole to be written unchanged.
            {key: value for key, value in document.items() if key not in _KNOWN or (key == "platform" and value)},
        )

    def to_json(self) -> JsonObject:
        """The object that `from_json` reads, unknown fields included."""
        document: JsonObject = dict(self.extra)
        document.update(mediaType=self.media_type, digest=self.digest, size=self.size)
        if self.urls:
            document["urls"] = list(self.urls)
        if self.annotations:
            document["annotations"] = dict(self.annotations)
        if self.artifact_type:
            document["artifactType"] = self.artifact_type
        if self.platform is None:
            document.pop("platform", None)
        else:
            kept = document.get("platform", {})
            same = kept and Platform.from_json(kept) == self.platform
            document["platform"] = kept if same else self.platform.to_json()
        return document
