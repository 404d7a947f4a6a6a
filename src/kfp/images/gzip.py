"""Deterministic gzip members, fast: ISA-L where it is installed, else zlib (RFC 1952).

A gzip file of several members is valid. The header is written here, because Python's versions do not agree on its
bytes.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

try:
    from isal import igzip, isal_zlib
except ImportError:  # a platform without wheels of isal
    igzip = isal_zlib = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.images.compression import Readable

_HEADER: Final = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x00\xff"
"""Magic, deflate, no flags; time 0; no extra flags, unknown operating system."""

_ISAL_ERRORS: Any = () if isal_zlib is None else (isal_zlib.error,)
DAMAGED: Final = (gzip.BadGzipFile, EOFError, zlib.error, *_ISAL_ERRORS)
"""What a damaged stream raises while it is read."""

_RAW: Final = -15
_ZLIB_FAST, _ZLIB_PORTABLE, _ISAL_FAST = 1, 6, 1
_PROBE_CHECKSUM: Final = 112162673
"""CRC-32 of the probe, compressed by zlib as its authors publish it."""


def member(data: bytes, compressor: Literal["fast", "portable"] = "fast") -> bytes:
    """Compress `data` into one gzip member; members may be concatenated."""
    if compressor == "fast" and isal_zlib is not None:
        body = isal_zlib.compress(data, _ISAL_FAST, _RAW)
        checksum = isal_zlib.crc32(data)
    else:
        body = _deflate(data, _ZLIB_PORTABLE if compressor == "portable" else _ZLIB_FAST)
        checksum = zlib.crc32(data)
    return b"".join((_HEADER, body, struct.pack("<II", checksum, len(data) & 0xFFFFFFFF)))


@cache
def is_portable() -> bool:
    """Tell whether this Python's zlib gives the bytes that zlib's own sources give; zlib-ng, for one, gives others."""
    probe = b"".join(_probe())
    return zlib.crc32(_deflate(probe, _ZLIB_PORTABLE)) == _PROBE_CHECKSUM


def reader(stream: Readable) -> BinaryIO:
    """The uncompressed bytes of any number of members; raises one of `DAMAGED` while it is read."""
    make: Any = gzip.GzipFile if igzip is None else igzip.IGzipFile
    opened: BinaryIO = make(fileobj=stream, mode="rb")
    return opened


def _deflate(data: bytes, level: int) -> bytes:
    deflate = zlib.compressobj(level, zlib.DEFLATED, _RAW)
    return deflate.compress(data) + deflate.flush()


def _probe(words: int = 20_000) -> Iterator[bytes]:
    """Text of words that come again, near and far, as in programs."""
    state = 1
    for _ in range(words):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield b"%x " % ((state >> 16) ** 2 % (1 << 13 if state & 0x10000 else 1 << 26))
