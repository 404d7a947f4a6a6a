"""Reading tar archives that nobody vouches for, within limits (POSIX ustar and pax, GNU long names and numbers).

Python's own reader holds pax headers of any claimed size in memory and understands sparse files; this one does neither.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage
from kfp.images.tar import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

HEADER_LIMIT: Final = 1024 * 1024
"""The largest pax header or long name that is read, in bytes."""

MEMBER_LIMIT: Final = 1_000_000
PATH_LIMIT: Final = 4096
"""The longest path, in bytes (PATH_MAX of Linux)."""

_NAME_LIMIT: Final = 255
_NOBODY: Final = 2**32 - 1  # what chown takes for "leave it"
_LATEST: Final = 2**33
_DESCRIPTIONS: Final = 16
"""The most headers that describe one member; writers use two or three."""

_COPY: Final = 256 * 1024
_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_HEADERS: Final = frozenset({_PAX, b"X", _PAX_GLOBAL, _LONG_NAME, _LONG_LINK})
_SPARSE: Final = b"S"
_RECORDS: Final = frozenset({"path", "linkpath", "size", "uid", "gid", "mtime"})


class MemberKind(Enum):
    """What a member is; OTHER are devices, pipes and whatever else there may be."""

    FILE = "file"
    HARD_LINK = "hard link"
    SYMLINK = "symbolic link"
    DIRECTORY = "directory"
    OTHER = "special file"


_KINDS: Final = {
    b"0": MemberKind.FILE,
    b"\0": MemberKind.FILE,
    b"7": MemberKind.FILE,
    b"1": MemberKind.HARD_LINK,
    b"2": MemberKind.SYMLINK,
    b"5": MemberKind.DIRECTORY,
}
_WITHOUT_DATA: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})


@dataclass(frozen=True)
class Member:
    """One member of an archive.

    Attributes:
        name: as written, untrusted: see `plain`.
        target: of a link, untrusted.
        size: bytes of data.
        mode: its permissions, with set-user-ID, set-group-ID and the sticky bit.
        uid: its owner.
        gid: its group.
        mtime: whole seconds since 1970.
        offset: where its data starts in the uncompressed archive.
    """

    name: str
    kind: MemberKind
    target: str
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    offset: int

    @property
    def executable(self) -> bool:
        """Whether the owner may run it."""
        return bool(self.mode & 0o100)

    def plain(self) -> str:
        """The name as a plain relative path, "" for the root.

        Raises:
            InvalidImage: it is absolute or climbs with "..".
        """
        return plain_path(self.name)


def plain_path(name: str) -> str:
    """Reduce "./a//b/" to "a/b"; refuse what is absolute, climbs with "..", holds a NUL, or is too long for a disk."""
    parts = name[: PATH_LIMIT + 1].split("/")
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise InvalidImage(f"an archive holds the unsafe path {name[:200]!r}")
    encoded = name[: PATH_LIMIT + 1].encode("utf-8", "replace")
    if len(encoded) > PATH_LIMIT or max(map(len, encoded.split(b"/"))) > _NAME_LIMIT:
        raise InvalidImage(f"an archive holds a path that is too long: {name[:200]!r}…")
    return "/".join(part for part in parts if part not in ("", "."))


def members(stream: BinaryIO) -> Iterator[tuple[Member, BinaryIO]]:
    """Read an archive member by member.

    Args:
        stream: the uncompressed archive; skipped data is not read where the stream can seek.

    Yields:
        The member and a stream of its data, which is valid until the next member is asked for.

    Raises:
        InvalidImage: the archive is damaged, cut off, sparse, or exceeds a limit.
    """
    cursor = _Cursor(stream)
    for _ in range(MEMBER_LIMIT):
        member = _next(cursor)
        if member is None:
            return
        data = _Data(cursor, member.size)
        yield member, io.BufferedReader(data)
        cursor.skip(data.left + -member.size % BLOCK)
    raise InvalidImage(f"an archive has more than {MEMBER_LIMIT} members")


class _Cursor:
    """The position in a stream of which nothing beyond the end is ever believed."""

    def __init__(self, stream: BinaryIO) -> None:
        self.position = 0
        self._stream = stream
        self._end: int | None = None
        if stream.seekable():
            self.position = stream.tell()
            self._end = stream.seek(0, io.SEEK_END)
            stream.seek(self.position)

    def some(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.position += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        data = self.some(size)
        if len(data) != size:
            raise _cut_off()
        return data

    def skip(self, size: int) -> None:
        if self._end is not None:
            self.position += size
            if self.position > self._end:
                raise _cut_off()
            self._stream.seek(self.position)
            return
        while size:
            size -= len(self.exactly(min(size, _COPY)))


class _Data(io.RawIOBase):
    def __init__(self, cursor: _Cursor, size: int) -> None:
        super().__init__()
        self._cursor = cursor
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._cursor.some(min(len(view), self.left))
        if self.left and not data:
            raise _cut_off()
        self.left -= len(data)
        view[: len(data)] = data
        return len(data)


def _next(cursor: _Cursor) -> Member | None:
    """The next member, None at the end; headers that only describe it are folded into it."""
    said: dict[str, str] = {}
    for _ in range(_DESCRIPTIONS):
        block = _block(cursor)
        if block is None:
            return None
        flag = block[156:157]
        length = _number(block[124:136])
        if flag not in _HEADERS:
            return _member(block, flag, length, said, cursor.position)
        if length > HEADER_LIMIT:
            raise InvalidImage(f"an archive has a header of {length} bytes, more than the limit of {HEADER_LIMIT}")
        said.update(_describe(flag, cursor.exactly(length)))
        cursor.skip(-length % BLOCK)
    raise InvalidImage(f"an archive describes a member more than {_DESCRIPTIONS} times")


def _block(cursor: _Cursor) -> bytes | None:
    """The next header block, checked; None at the end."""
    block = cursor.some(BLOCK)
    if not any(block):
        return None
    if len(block) != BLOCK:
        raise _cut_off()
    _check_sum(block)
    return block


def _describe(flag: bytes, data: bytes) -> dict[str, str]:
    """What a describing header says of the next member: path, linkpath, size, uid, gid, mtime."""
    if flag == _LONG_NAME:
        return {"path": _text(data)}
    if flag == _LONG_LINK:
        return {"linkpath": _text(data)}
    records = _pax(data)
    if flag != _PAX_GLOBAL:
        return records
    if not records.keys().isdisjoint({"path", "linkpath", "size"}):
        raise InvalidImage("an archive gives paths or sizes to all its members at once")
    return {}


def _member(block: bytes, flag: bytes, length: int, said: dict[str, str], offset: int) -> Member:
    if flag == _SPARSE:
        raise InvalidImage("an archive holds a sparse file, which cannot be read here")
    name = said.get("path") or _ustar_name(block)
    kind = _KINDS.get(flag, MemberKind.OTHER)
    if kind is MemberKind.FILE and name.endswith("/"):  # how archives before ustar wrote a directory
        kind = MemberKind.DIRECTORY
    size = _decimal(said["size"]) if "size" in said else length
    target = said.get("linkpath") or _text(block[157:257])
    return Member(
        name,
        kind,
        target,
        0 if flag in _WITHOUT_DATA else size,
        _number(block[100:108]) & 0o7777,
        _owner(said.get("uid"), block[108:116]),
        _owner(said.get("gid"), block[116:124]),
        _time(said.get("mtime"), block[136:148]),
        offset,
    )


def _check_sum(block: bytes) -> None:
    stated = _number(block[148:156])
    blanked = block[:148] + b" " * 8 + block[156:]
    # Some historic writers summed signed characters.
    if stated != sum(blanked) and stated != sum(memoryview(blanked).cast("b")):
        raise InvalidImage("an archive is damaged: a header's checksum is wrong")


def _number(field: bytes) -> int:
    if field[0] == 0x80:  # noqa: PLR2004 GNU's mark of a binary number
        return int.from_bytes(field[1:], "big")
    try:
        value = int(field.split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError:
        value = -1
    if value < 0:
        raise InvalidImage("an archive is damaged: a header's number is malformed")
    return value


def _owner(said: str | None, field: bytes) -> int:
    number = _number(field) if said is None else _decimal(said)
    if number >= _NOBODY:
        raise InvalidImage(f"an archive gives a member to the owner {number}, which no system has")
    return number


def _time(said: str | None, field: bytes) -> int:
    """The seconds; what lies before 1970 or beyond what a disk can note is 1970, nothing depends on it."""
    whole = (said if said is not None else field.split(b"\0", 1)[0].decode("ascii", "replace")).strip().split(".")[0]
    try:
        seconds = int(whole, 10 if said is not None else 8)
    except ValueError:  # a binary number of GNU's
        seconds = int.from_bytes(field[1:], "big") if said is None and field[0] == 0x80 else 0  # noqa: PLR2004
    return seconds if 0 <= seconds < _LATEST else 0


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):  # noqa: PLR2004 digits of 2**63
        raise InvalidImage("an archive is damaged: a pax size is malformed")
    return int(text)


def _ustar_name(block: bytes) -> str:
    name = _text(block[:100])
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _pax(data: bytes) -> dict[str, str]:
    """The records that matter here."""
    records: dict[str, str] = {}
    position = 0
    while position < len(data):
        length_text, space, _ = data[position : position + 20].partition(b" ")
        if not (space and length_text.isdigit()):
            break
        record = data[position : position + int(length_text)]
        key, equals, value = record[len(length_text) + 1 :].partition(b"=")
        if not equals or len(record) != int(length_text) or not record.endswith(b"\n"):
            break
        name = key.decode("utf-8", "replace")
        if name.startswith("GNU.sparse."):
            raise InvalidImage("an archive holds a sparse file, which cannot be read here")
        if name in _RECORDS:
            records[name] = value[:-1].decode("utf-8", "surrogateescape")
        position += len(record)
    if position != len(data):
        raise InvalidImage("an archive is damaged: a pax header is malformed")
    return records


def _cut_off() -> InvalidImage:
    return InvalidImage("an archive is cut off")
