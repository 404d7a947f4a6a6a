"""Reads a file that somebody else still writes, line by line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK_BYTES = 1 << 20
_RECENT_BYTES = 1 << 12
_MOST_PENDING = 1 << 16
"""Bytes of a line without an end that are waited for; more are told as a line of their own."""


class Tail:
    """The lines of a file, each once.

    Args:
        path: the file; it need not be there yet.
        recent: how many bytes at its end to begin with at most; None begins at its beginning.
    """

    def __init__(self, path: Path, recent: int | None = None) -> None:
        self._path = path
        self._place = 0
        self._partial = b""
        if recent is not None:
            with contextlib.suppress(OSError):
                self._place = max(0, path.stat().st_size - recent)

    def lines(self) -> Iterator[str]:
        """Yield the lines that were finished since this was last called, without their ends."""
        while chunk := self._read():
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            yield from map(_text, lines)
            if len(self._partial) > _MOST_PENDING:
                yield _text(self._partial)
                self._partial = b""

    def rest(self) -> Iterator[str]:
        """Yield the same, and the last line where it has no end."""
        yield from self.lines()
        if self._partial:
            yield _text(self._partial)
            self._partial = b""

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                chunk = file.read(_CHUNK_BYTES)
        except OSError:  # not there yet, or deleted
            return b""
        self._place += len(chunk)
        return chunk


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")


def unfinished_line(path: Path) -> str:
    """Return what stands at the end of a file without a line end: a progress bar, mostly.

    Args:
        path: the file; where it cannot be read, nothing stands there.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _RECENT_BYTES))
            return _text(file.read().rpartition(b"\n")[2])
    except OSError:
        return ""


def last_lines(path: Path, count: int) -> Iterator[str]:
    """Yield the last lines of a file without reading what is before them.

    Args:
        path: the file.
        count: how many at most.

    Raises:
        OSError: it cannot be read.
    """
    if count <= 0:
        return
    with path.open("rb") as file:
        place = file.seek(0, 2)
        text = b""
        while place > 0 and text.count(b"\n") <= count:
            size = min(place, _CHUNK_BYTES)
            place -= size
            file.seek(place)
            text = file.read(size) + text
    lines = text.split(b"\n")
    yield from map(_text, (lines[:-1] if not lines[-1] else lines)[-count:])
