"""Versions and licences of the packages that were installed, read once from each package's own metadata.

They are noted when a wheel is packed. A package whose note is gone is looked up in the layer that it lies in.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from kfp.build.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kfp.build.licences import Licences
    from kfp.images.layer import Layer
    from kfp.requirements import Lock, LockedPackage

METADATA: Final = ".dist-info/METADATA"
_LIMIT: Final = 4 * 1024 * 1024
_FORMAT: Final = "2"


@dataclass(frozen=True)
class Note:
    """What a package says of itself.

    Args:
        version: its version, which a lock does not know of what is built from a repository.
        licences: as CycloneDX has them.
    """

    version: str
    licences: Licences


@dataclass(frozen=True)
class Inventory:
    """Notes about packages.

    Args:
        directory: one small file for each package.
    """

    directory: Path

    def note(self, lock: Lock, package: LockedPackage, metadata: str) -> Note:
        """Remembers what a package says of itself.

        Args:
            lock: what the package is of.
            package: which.
            metadata: the text of its METADATA.
        """
        from kfp.build.licences import licences, version  # noqa: PLC0415 (start-up: noted once for each package)

        found = Note(version(metadata), licences(metadata))
        with suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(lock, package), json.dumps(asdict(found)).encode())
        return found

    def notes(self, lock: Lock, layers: Sequence[Layer]) -> dict[str, Note]:
        """Gives the notes about all packages of a lock, by canonical name.

        Args:
            lock: the packages.
            layers: where they lie; read only for those without a note.

        Raises:
            ImageError: a layer cannot be read.
        """
        found = {package.name: known for package in lock.packages if (known := self._read(lock, package)) is not None}
        absent = {package.name: package for package in lock.packages if package.name not in found}
        for layer in layers if absent else ():
            for name, metadata in _metadata(layer):
                if name in absent:
                    found[name] = self.note(lock, absent.pop(name), metadata)
        return found

    def _read(self, lock: Lock, package: LockedPackage) -> Note | None:
        with suppress(OSError, ValueError, TypeError):
            return Note(**json.loads(self._path(lock, package).read_text(encoding="utf-8")))
        return None

    def _path(self, lock: Lock, package: LockedPackage) -> Path:
        key = hashlib.sha256(f"{_FORMAT} {lock.key([package])}".encode()).hexdigest()
        return self.directory / f"{key}.json"


def _metadata(layer: Layer) -> Iterator[tuple[str, str]]:
    """Yields the canonical name and the METADATA of every package in a layer."""
    from kfp.images.untar import members  # noqa: PLC0415 (start-up: most packages are noted)
    from kfp.requirements import canonical_name  # noqa: PLC0415 (as above)

    with layer.uncompressed() as stream:
        for member, data in members(stream):
            if member.name.endswith(METADATA) and member.size <= _LIMIT:
                folder = member.name.removesuffix(METADATA).rpartition("/")[2]
                yield canonical_name(folder.partition("-")[0]), data.read().decode("utf-8", "replace")
