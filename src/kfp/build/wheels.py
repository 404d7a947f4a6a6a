"""Wheels that were packed before: each is a part of a layer, by the digest of what went into it.

A layer of many wheels, one of which has changed, is put together from the parts of all others without installing,
compressing or even listing them again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.files import write_atomically
from kfp.build.inventory import METADATA, Inventory
from kfp.build.tree import missing_directories
from kfp.images import durable
from kfp.images.descriptor import Descriptor
from kfp.images.parts import Part, pack
from kfp.images.tar import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kfp.images.compression import Compressor
    from kfp.requirements import Distribution, Indexes, Layout, Lock, LockedPackage

_FORMAT = "1"
_ABANDONED = 24 * 3600
"""Seconds after which a staging directory was surely left by a build that was killed."""
_OF_THE_BASE = ("bin", "etc", "games", "include", "lib", "sbin", "share", "src")


@dataclass(frozen=True)
class PackedWheel:
    """A wheel as a part of a layer.

    Args:
        name: canonical project name.
        size: bytes of its files.
        part: the files, packed.
    """

    name: str
    size: int
    part: Part


@dataclass(frozen=True)
class Wheels:
    """The packages of a lock, packed; leaving the context waits until what was unpacked for them is deleted.

    Args:
        lock: the packages.
        layout: where the base keeps packages.
        compressor: what packs them.
        indexes: where those that were never packed are downloaded from.
        directory: for parts and for staging.
    """

    lock: Lock
    layout: Layout
    compressor: Compressor
    indexes: Indexes
    directory: Path
    _deletions: list[threading.Thread] = field(default_factory=list, init=False)

    def __enter__(self) -> Wheels:
        return self

    def __exit__(self, *_: object) -> None:
        for deletion in self._deletions:
            deletion.join()

    def packed(self, without: Mapping[str, frozenset[str]]) -> dict[str, PackedWheel]:
        """Gives packed wheels by name, installing and packing those that are not known.

        Args:
            without: the names of the wheels, each with paths that shall be left out of it.

        Raises:
            RequirementsError: a package cannot be downloaded or installed.
            InvalidImage: a package has a file that no layer may hold.
            StoreError: the directory cannot be written.
        """
        packages = [package for package in self.lock.packages if package.name in without]
        keys = {package.name: self._key(package, without[package.name]) for package in packages}
        known = {name: wheel for name, key in keys.items() if (wheel := self._read(name, key)) is not None}
        absent = [package for package in packages if package.name not in known]
        if not absent:
            return known
        from kfp.requirements import install  # noqa: PLC0415 (start-up: most wheels are known)

        with durable.storing(self.directory), self._staging() as staging:
            prefix = staging / "prefix"
            prefix.mkdir()
            installed = install(absent, self.lock.target, self.layout, staging=prefix, indexes=self.indexes)
            self._note(installed)
            made = {
                each.name: self._pack(each, without[each.name], keys[each.name], staging)
                for each in installed
                if each.name in keys
            }
        return {**known, **made}

    def forget(self, wheels: Sequence[PackedWheel]) -> None:
        """Deletes wheels that turned out to be damaged."""
        for wheel in wheels:
            wheel.part.path.unlink(missing_ok=True)

    def _note(self, installed: Sequence[Distribution]) -> None:
        """Remembers what the packages say of themselves, for the bill of materials."""
        inventory = Inventory(self.directory / "notes")
        locked = {package.name: package for package in self.lock.packages}
        for distribution in installed:
            for file in distribution.files:
                if file.path.endswith(METADATA) and isinstance(file.source, Path) and distribution.name in locked:
                    text = file.source.read_text(encoding="utf-8", errors="replace")
                    inventory.note(self.lock, locked[distribution.name], text)

    def _key(self, package: LockedPackage, without: frozenset[str]) -> str:
        layout = self.layout
        # The same wheel is the same for every target; what is built for one is its own.
        origin = self.lock.key([package]) if package.built or not package.hashes else "\0".join(sorted(package.hashes))
        parts = (
            *(_FORMAT, self.compressor, package.name, origin),
            *(layout.site_packages, layout.prefix, layout.interpreter, *sorted(without)),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _pack(self, distribution: Distribution, without: frozenset[str], key: str, staging: Path) -> PackedWheel:
        files = [file for file in distribution.files if file.path not in without]
        entries = [
            Entry.file(file.path, file.source, executable=file.executable)
            if isinstance(file.source, bytes)
            else Entry.copy(file.path, file.source, executable=file.executable)
            for file in files
        ]
        present = (self.layout.site_packages, *(f"{self.layout.prefix}/{folder}" for folder in _OF_THE_BASE))
        folders = [entry.path for entry in missing_directories((file.path for file in files), present)]
        part = pack(entries, folders, staging / "part", self.compressor)
        wheel = PackedWheel(distribution.name, sum(entry.size for entry in entries), part)
        return self._keep(wheel, key)

    def _keep(self, wheel: PackedWheel, key: str) -> PackedWheel:
        part = wheel.part
        place = self._place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        part.path.replace(place)
        record = {
            "size": wheel.size,
            "mediaType": part.descriptor.media_type,
            "digest": part.descriptor.digest,
            "bytes": part.descriptor.size,
            "diffId": part.diff_id,
            "start": part.start,
            "end": part.end,
            "directories": part.directories,
            "files": part.files,
        }
        with contextlib.suppress(OSError):
            write_atomically(place.with_suffix(".json"), json.dumps(record).encode())
        moved = Part(place, part.descriptor, part.diff_id, part.start, part.end, part.directories, part.files)
        return PackedWheel(wheel.name, wheel.size, moved)

    def _read(self, name: str, key: str) -> PackedWheel | None:
        place = self._place(key)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(place.with_suffix(".json").read_text(encoding="utf-8"))
            descriptor = Descriptor(str(record["mediaType"]), str(record["digest"]), int(record["bytes"]))
            if place.stat().st_size != descriptor.size:
                return None
            directories, files = (tuple(map(str, record[field])) for field in ("directories", "files"))
            start, end = int(record["start"]), int(record["end"])
            part = Part(place, descriptor, str(record["diffId"]), start, end, directories, files)
            os.utime(place.with_suffix(".json"))  # its last use, for whoever makes room
            return PackedWheel(name, int(record["size"]), part)
        return None

    def _place(self, key: str) -> Path:
        return self.directory / "wheels" / f"{key}.part"

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        self.directory.mkdir(parents=True, exist_ok=True)
        for abandoned in self.directory.glob("staging-*"):
            with contextlib.suppress(OSError):
                if abandoned.stat().st_mtime < time.time() - _ABANDONED:
                    shutil.rmtree(abandoned, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(dir=self.directory, prefix="staging-"))
        try:
            yield staging
        finally:
            # Thousands of files: they go while the layers are put together.
            deletion = threading.Thread(target=shutil.rmtree, args=(staging,), kwargs={"ignore_errors": True})
            deletion.start()
            self._deletions.append(deletion)
