"""Where blobs that were never downloaded can be fetched: one small file each, beside the store's blobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.errors import InvalidReference
from kfp.images import digest as digests
from kfp.images import durable
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Origins:
    """The records, by digest.

    Attributes:
        directory: holds algorithm/hex files, each with a reference's canonical text.
        drafts: a directory for temporary files on the same file system.
    """

    directory: Path
    drafts: Path

    def get(self, digest: str) -> Reference | None:
        """The image that the blob can be fetched with, or None."""
        try:
            return Reference.parse(self._path(digest).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, InvalidReference, UnicodeDecodeError):
            return None

    def record(self, digest: str, origin: Reference) -> None:
        """Remember an origin; a later one replaces it."""
        if self.get(digest) == origin:
            return
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write(path, str(origin).encode(), drafts=self.drafts)

    def _path(self, digest: str) -> Path:
        return self.directory.joinpath(*digests.split(digest))
