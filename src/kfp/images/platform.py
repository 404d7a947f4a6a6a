"""Platforms: the operating system and processor that an image is for (OCI image-spec, image-index.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import uname
from typing import TYPE_CHECKING, Any, Final

from kfp.errors import InvalidImage, InvalidReference
from kfp.images import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_ARCHITECTURES: Final = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armv8l": "arm64",
    "armhf": "arm",
    "armv7l": "arm",
    "armel": "arm",
    "armv6l": "arm",
    "i386": "386",
    "i686": "386",
}
_VARIANTS: Final = {"armhf": "v7", "armv7l": "v7", "armel": "v6", "armv6l": "v6"}
_ASSUMED: Final = {"arm64": "v8", "arm": "v7"}
"""The variant that an architecture without one means."""

_PART_LIMIT: Final = 100
_WORD: Final = re.compile("[a-z0-9_.-]+")


@dataclass(frozen=True)
class Platform:
    """An operating system, an architecture and its variant, in Go's names ("linux", "amd64", "v8").

    Attributes:
        variant: "" where the architecture has none; arm64's "v8" is "" as well.
        os_version: Windows builds tell themselves apart by it; "" elsewhere.
    """

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read "os/architecture[/variant]"; machine names such as aarch64 become Go's.

        Raises:
            InvalidReference: the text has another shape.
        """
        parts = text.strip().lower().split("/")
        if not 2 <= len(parts) <= 3 or not all(_WORD.fullmatch(part) for part in parts):  # noqa: PLR2004 os, arch, variant
            raise InvalidReference(f"{text!r} is not a platform", hint="write it as linux/amd64 or linux/arm64")
        return cls._normalised(*parts)

    @classmethod
    def host(cls) -> Platform:
        """The platform of containers on this machine: always linux, with this machine's architecture."""
        return cls._normalised("linux", uname().machine.lower() or "amd64")

    @classmethod
    def from_json(cls, document: Mapping[str, Any], what: str = "platform") -> Platform:
        """Read the `platform` object of an index entry, or the same fields of a configuration.

        Raises:
            InvalidImage: a field is no text, or one that no platform has: it will be printed.
        """
        parts = [fields.text(document, key, what) for key in ("os", "architecture", "variant", "os.version")]
        for part in parts:
            if len(part) > _PART_LIMIT or not part.isprintable():
                raise InvalidImage(f"the {what} has the malformed platform {part[:_PART_LIMIT]!r}")
        return cls._normalised(*parts)

    def to_json(self) -> dict[str, str]:
        """The object that `from_json` reads."""
        values = {
            "os": self.os,
            "architecture": self.architecture,
            "variant": self.variant,
            "os.version": self.os_version,
        }
        return {key: value for key, value in values.items() if value}

    @property
    def known(self) -> bool:
        """Whether this names a machine at all; attestations in an index are "unknown/unknown"."""
        return "unknown" not in (self.os, self.architecture) and bool(self.os and self.architecture)

    def matches(self, wanted: Platform) -> bool:
        """Whether an image for this platform is the one for `wanted` (an arm64 image is an arm64/v8 image)."""
        return (self.os, self.architecture, self._assumed()) == (wanted.os, wanted.architecture, wanted._assumed())

    def _assumed(self) -> str:
        return self.variant or _ASSUMED.get(self.architecture, "")

    @classmethod
    def _normalised(cls, os: str, architecture: str, variant: str = "", os_version: str = "") -> Platform:
        name = _ARCHITECTURES.get(architecture, architecture)
        variant = variant or _VARIANTS.get(architecture, "")
        return cls(os, name, "" if (name, variant) == ("arm64", "v8") else variant, os_version)
