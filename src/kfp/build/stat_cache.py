"""Remembers the digests of files that have not changed since they were read last."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from typing import TYPE_CHECKING

from kfp.build.files import write_atomically

if TYPE_CHECKING:
    import os
    from pathlib import Path

_CHUNK = 1 << 20
_SETTLED = 2_000_000_000
"""Nanoseconds: a file that changed more recently may change again within the same tick of its clock."""


class StatCache:
    """Digests by path, trusted while inode, size and both times of a file are what they were.

    Args:
        path: the file that holds them between runs; one for each component directory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._seen: dict[str, list[object]] = {}
        with contextlib.suppress(OSError, ValueError):
            loaded = json.loads(path.read_text(encoding="utf-8"))
            self._known = loaded if isinstance(loaded, dict) else {}

    def digest(self, location: Path, name: str, status: os.stat_result) -> str:
        """Gives the hexadecimal SHA-256 of a file's contents.

        Args:
            location: the file.
            name: what it is remembered by.
            status: from `lstat`, made just before.

        Raises:
            OSError: the file cannot be read.
        """
        state: list[object] = [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        known = self._known.get(name)
        if isinstance(known, list) and known[:-1] == state and isinstance(known[-1], str):
            self._seen[name] = known
            return known[-1]
        digest = _sha256(location)
        if max(status.st_mtime_ns, status.st_ctime_ns) < time.time_ns() - _SETTLED:
            self._seen[name] = [*state, digest]
        return digest

    def save(self) -> None:
        """Keeps what was seen for the next run; a cache that cannot be written is no error."""
        if self._seen != self._known:
            with contextlib.suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(self._path, json.dumps(self._seen).encode())


def _sha256(location: Path) -> str:
    digest = hashlib.sha256()
    with location.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
