"""A deterministic tar writer for layers (OCI image-spec, layer.md; POSIX.1-2001 pax headers where ustar is too small).

The bytes depend on the entries alone: owner 0:0 without names, one modification time, modes 0644 or 0755, pax records
only for paths that are long or not ASCII and for files of 8 GiB and more. Entries come sorted by path.
"""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from kfp.errors import InvalidImage

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)
"""What completes an archive."""

_COPY: Final = 256 * 1024
_NAME: Final = 100
_SIZE_LIMIT: Final = 8**11
_PATH_LIMIT: Final = 4096
_WHITEOUT: Final = ".wh."
_STICKY: Final = 0o1777


class Kind(Enum):
    """What an entry is; the value is ustar's type flag."""

    FILE = b"0"
    SYMLINK = b"2"
    DIRECTORY = b"5"


@dataclass(frozen=True)
class Entry:
    """One path of a layer. Make it with `file`, `copy`, `stream`, `symlink` or `directory`.

    Attributes:
        path: relative to the image's root, "/" between components, no leading or trailing one.
        mode: normalised: 0755 or 0644 of a file, 0755 or 01777 of a directory, 0777 of a symbolic link.
        target: of a symbolic link, as it will be read.
        size: bytes of a file.
        content: opens a file's bytes; exactly `size` of them are read.
    """

    path: str
    kind: Kind
    mode: int
    target: str = ""
    size: int = 0
    content: Callable[[], BinaryIO] | None = None

    def __post_init__(self) -> None:
        _check_path(self.path)
        if self.kind is Kind.SYMLINK:
            _check_text(self.target, f"the target of the symbolic link {self.path!r}")

    @classmethod
    def file(cls, path: str, data: bytes, *, executable: bool = False) -> Entry:
        """A file of these bytes."""
        return cls(path, Kind.FILE, _file_mode(executable), size=len(data), content=_Bytes(data))

    @classmethod
    def stream(cls, path: str, size: int, content: Callable[[], BinaryIO], *, executable: bool = False) -> Entry:
        """A file of `size` bytes, opened when it is written and closed afterwards."""
        return cls(path, Kind.FILE, _file_mode(executable), size=size, content=content)

    @classmethod
    def copy(cls, path: str, source: Path, *, executable: bool | None = None) -> Entry:
        """A copy of a file of this machine; a hard link becomes a file of its own.

        Args:
            path: where it lies in the image.
            source: a regular file, or a symbolic link to one.
            executable: None takes the owner's permission.

        Raises:
            InvalidImage: it is no regular file, or cannot be read.
        """
        try:
            status = source.stat()
        except OSError as error:
            raise InvalidImage(f"the file {source} cannot be read: {error.strerror}") from error
        if not stat.S_ISREG(status.st_mode):
            raise InvalidImage(f"{source} is neither a file, a directory nor a symbolic link; a layer cannot hold it")
        runs = bool(status.st_mode & stat.S_IXUSR) if executable is None else executable
        return cls(path, Kind.FILE, _file_mode(runs), size=status.st_size, content=_Source(source))

    @classmethod
    def symlink(cls, path: str, target: str) -> Entry:
        """A symbolic link."""
        return cls(path, Kind.SYMLINK, 0o777, target=target)

    @classmethod
    def directory(cls, path: str, *, sticky: bool = False) -> Entry:
        """A directory; it resets the attributes of one that a lower layer has, so name only those that are new.

        Args:
            path: where it lies in the image.
            sticky: writable for all, with the sticky bit, as /tmp is.
        """
        return cls(path, Kind.DIRECTORY, _STICKY if sticky else 0o755)


class _Out(Protocol):
    def write(self, data: bytes, /) -> object: ...


class TarWriter:
    """Writes entries, in the order of their paths, to a stream that stays open.

    Leaving the context completes the archive.

    Args:
        out: takes the bytes.
        mtime: the modification time of every entry, in seconds since 1970.
    """

    def __init__(self, out: _Out, *, mtime: int = 0) -> None:
        if not 0 <= mtime < _SIZE_LIMIT:
            raise InvalidImage(f"the modification time {mtime} cannot be written in a layer")
        self._out = out
        self._mtime = mtime
        self._last = ""
        self._leaves: list[str] = []

    def __enter__(self) -> TarWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._out.write(END)

    def add(self, entry: Entry) -> None:
        """Write an entry.

        Raises:
            InvalidImage: its path repeats or precedes an earlier one, lies below something that is no directory, or its
                file does not have the promised size.
        """
        self._check_order(entry)
        self._out.write(_header(entry, self._mtime))
        if entry.content is not None:
            self._copy(entry, entry.content)

    def _check_order(self, entry: Entry) -> None:
        if entry.path == self._last:
            raise InvalidImage(f"the path {entry.path!r} occurs twice in a layer")
        if entry.path < self._last:
            raise InvalidImage(f"the path {entry.path!r} comes after {self._last!r}; a layer's paths are sorted")
        # Sorting puts "a-b" between "a" and "a/b": leaves stay candidates until no path below them can follow.
        self._leaves = [leaf for leaf in self._leaves if f"{leaf}/" >= entry.path or entry.path.startswith(f"{leaf}/")]
        for leaf in self._leaves:
            if entry.path.startswith(f"{leaf}/"):
                raise InvalidImage(f"the path {entry.path!r} lies below {leaf!r}, which is no directory")
        if entry.kind is not Kind.DIRECTORY:
            self._leaves.append(entry.path)
        self._last = entry.path

    def _copy(self, entry: Entry, content: Callable[[], BinaryIO]) -> None:
        left = entry.size
        with content() as stream:
            while left:
                data = stream.read(min(left, _COPY))
                if not data:
                    raise InvalidImage(f"the file for {entry.path!r} became shorter while it was read")
                self._out.write(data)
                left -= len(data)
            if stream.read(1):
                raise InvalidImage(f"the file for {entry.path!r} became longer while it was read")
        self._out.write(bytes(-entry.size % BLOCK))


@dataclass(frozen=True)
class _Bytes:
    data: bytes

    def __call__(self) -> BinaryIO:
        return io.BytesIO(self.data)


@dataclass(frozen=True)
class _Source:
    path: Path

    def __call__(self) -> BinaryIO:
        try:
            return self.path.open("rb", buffering=0)
        except OSError as error:
            raise InvalidImage(f"the file {self.path} cannot be read: {error.strerror}") from error


def _file_mode(executable: bool) -> int:
    return 0o755 if executable else 0o644


def _check_path(path: str) -> None:
    _check_text(path, f"the path {path[:_PATH_LIMIT]!r}")
    for component in path.split("/"):
        if component in ("", ".", ".."):
            raise InvalidImage(f"the path {path!r} is not a plain relative path; a layer cannot hold it")
        if component.startswith(_WHITEOUT):
            raise InvalidImage(
                f"the path {path!r} has a name that starts with {_WHITEOUT!r}, which deletes files in a layer",
                hint="rename the file",
            )


def _check_text(text: str, what: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidImage(f"{what} is not UTF-8; a layer cannot hold it") from error
    if not text or len(encoded) > _PATH_LIMIT or "\0" in text:
        raise InvalidImage(f"{what} is empty, longer than {_PATH_LIMIT} bytes, or holds a NUL; a layer cannot hold it")


def _header(entry: Entry, mtime: int) -> bytes:
    name = entry.path + "/" * (entry.kind is Kind.DIRECTORY)
    records = b""
    fields: list[bytes] = []
    for key, text in (("path", name), ("linkpath", entry.target)):
        raw = text.encode()
        if len(raw) > _NAME or not text.isascii():
            records += _record(key, raw)
        fields.append(raw if text.isascii() else text.encode("ascii", "replace"))
    if entry.size >= _SIZE_LIMIT:
        records += _record("size", b"%d" % entry.size)
    size = entry.size if entry.size < _SIZE_LIMIT else 0
    header = _ustar(fields[0], entry.kind.value, mode=entry.mode, size=size, mtime=mtime, link=fields[1])
    if not records:
        return header
    pax = _ustar(b"././@PaxHeader", b"x", size=len(records), mtime=mtime)
    return pax + records + bytes(-len(records) % BLOCK) + header


def _record(key: str, value: bytes) -> bytes:
    """A pax record, "length key=value" and a line feed, where the length counts itself."""
    body = b" %b=%b\n" % (key.encode(), value)
    length = len(body)
    while len(b"%d" % length) + len(body) != length:
        length = len(b"%d" % length) + len(body)
    return b"%d%b" % (length, body)


def _ustar(name: bytes, flag: bytes, *, mode: int = 0o644, size: int, mtime: int, link: bytes = b"") -> bytes:
    parts = (
        name[:_NAME].ljust(_NAME, b"\0"),
        b"%07o\0" % mode,
        b"0000000\0" * 2,  # owner and group
        b"%011o\0" % size,
        b"%011o\0" % mtime,
        b" " * 8,  # the checksum counts itself as spaces
        flag,
        link[:_NAME].ljust(_NAME, b"\0"),
        b"ustar\x0000",
        bytes(64),  # names of owner and group
        b"0000000\0" * 2,  # device
        bytes(167),
    )
    block = b"".join(parts)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
