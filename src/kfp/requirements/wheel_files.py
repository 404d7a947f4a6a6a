"""Wheels that were built here: the same files give the same bytes, and what decides about dependencies has a digest."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DECISIVE = ("requires-dist:", "requires-python:", "provides-extra:", "version:", "name:")


def repack(wheel: Path, into: Path) -> str:
    """Writes a wheel again so that its bytes depend on its files alone: sorted, stored, of one time.

    Returns:
        The hexadecimal SHA-256 of the new wheel.

    Raises:
        RequirementsError: the file is no wheel.
    """
    part = into.with_name(f".new-{into.name}")
    try:
        with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(part, "w") as target:
            for entry in sorted(source.infolist(), key=lambda entry: entry.filename):
                if not entry.is_dir():
                    plain = zipfile.ZipInfo(entry.filename, _EPOCH)
                    plain.external_attr = entry.external_attr & 0o755 << 16 | 0o644 << 16
                    target.writestr(plain, source.read(entry))
    except (zipfile.BadZipFile, OSError) as error:
        raise RequirementsError(f"{wheel} is no wheel: {error}") from error
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    part.replace(into)
    return digest


def metadata_digest(wheel: Path) -> str:
    """Gives the digest of what a wheel says of its name, its version and what it depends on.

    Raises:
        RequirementsError: it says nothing.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        if len(names) != 1:
            raise RequirementsError(f"{wheel} is no wheel: it has no METADATA")
        header, _, _ = archive.read(names[0]).decode("utf-8", "replace").partition("\n\n")
    lines = [line for line in header.splitlines() if line.lower().startswith(_DECISIVE)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
