"""Which images in registries hold a blob: one small file for each blob, beside the store's.

The first image of a file is where an absent blob is fetched; at most one of each registry follows, from which that
registry can take the blob over.
"""

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
        directory: holds algorithm/hex files, each with canonical references, one a line.
        drafts: a directory for temporary files on the same file system.
    """

    directory: Path
    drafts: Path

    def get(self, digest: str) -> Reference | None:
        """The image that the blob can be fetched with, or None."""
        return next(iter(self.all(digest)), None)

    def all(self, digest: str) -> tuple[Reference, ...]:
        """Every image that is known to hold the blob, the one to fetch it with first."""
        try:
            lines = self._path(digest).read_text(encoding="utf-8").splitlines()
            return tuple(map(Reference.parse, lines))
        except (FileNotFoundError, NotADirectoryError, InvalidReference, UnicodeDecodeError):
            return ()

    def record(self, digest: str, origin: Reference) -> None:
        """Remember where the blob is fetched; a later origin replaces it."""
        known = self.all(digest)
        if known[:1] != (origin,):
            self._write(digest, (origin, *(place for place in known[1:] if place.registry != origin.registry)))

    def add(self, digest: str, place: Reference) -> None:
        """Remember that an image holds the blob, unless one of the same registry is known to."""
        known = self.all(digest)
        if not any(other.registry == place.registry for other in known):
            self._write(digest, (*known, place))

    def forget(self, digest: str) -> None:
        """Delete what is remembered of the blob."""
        self._path(digest).unlink(missing_ok=True)

    def _write(self, digest: str, places: tuple[Reference, ...]) -> None:
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write(path, "\n".join(map(str, places)).encode(), drafts=self.drafts)

    def _path(self, digest: str) -> Path:
        return self.directory.joinpath(*digests.split(digest))
