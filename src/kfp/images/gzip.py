"""Deterministic gzip, fast: ISA-L where it is installed, else zlib (RFC 1952).

The stream is cut into members of `CHUNK` uncompressed bytes each, which are compressed side by side and written in
order; a gzip file of several members is valid, and its bytes do not depend on the number of threads. The header
is written here, because Python's versions do not agree on its bytes. Compressed bytes are the same for one build of
one compressor only: what is promised across machines is the digest of the *uncompressed* layer.
"""

from __future__ import annotations

import gzip
import io
import os
import struct
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Protocol

from kfp.errors import InvalidImage

try:
    from isal import igzip, isal_zlib
except ImportError:  # a platform without wheels of isal
    igzip = isal_zlib = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from _typeshed import WriteableBuffer

CHUNK: Final = 1024 * 1024
"""Uncompressed bytes of a member; the last one of a stream is shorter."""

Compressor = Literal["fast", "portable"]
"""fast: ISA-L level 1 (170 MB/s and more); portable: zlib level 6 (28 MB/s), 15 % smaller."""

_HEADER: Final = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x00\xff"
"""Magic, deflate, no flags; time 0; no extra flags, unknown operating system."""

_Reader: Any = gzip.GzipFile if igzip is None else igzip.IGzipFile
_ISAL_ERRORS: Any = () if isal_zlib is None else (isal_zlib.error,)
_DAMAGED: Final = (gzip.BadGzipFile, EOFError, zlib.error, *_ISAL_ERRORS)
_RAW: Final = -15
_ZLIB_FAST, _ZLIB_PORTABLE, _ISAL_FAST = 1, 6, 1
_THREADS: Final = min(4, os.cpu_count() or 1)
_READ: Final = 256 * 1024


class _Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


def member(data: bytes, compressor: Compressor = "fast") -> bytes:
    """Compress `data` into one gzip member; members may be concatenated."""
    if compressor == "fast" and isal_zlib is not None:
        body = isal_zlib.compress(data, _ISAL_FAST, _RAW)
        checksum = isal_zlib.crc32(data)
    else:
        deflate = zlib.compressobj(_ZLIB_PORTABLE if compressor == "portable" else _ZLIB_FAST, zlib.DEFLATED, _RAW)
        body = deflate.compress(data) + deflate.flush()
        checksum = zlib.crc32(data)
    return b"".join((_HEADER, body, struct.pack("<II", checksum, len(data) & 0xFFFFFFFF)))


class GzipWriter:
    """Compresses what is written to it into `out`; `close` (or leaving the context) completes the file.

    Holds a few chunks in memory, however much is written. `out` stays open.
    """

    def __init__(self, out: _Writable, compressor: Compressor = "fast", threads: int = _THREADS) -> None:
        self._out = out
        self._compressor: Compressor = compressor
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._pending = bytearray()
        self._running: deque[Future[bytes]] = deque()
        self._empty = True

    def __enter__(self) -> GzipWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        elif self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def write(self, data: bytes | memoryview) -> int:
        """Add bytes; all of them are taken."""
        self._pending += data
        while len(self._pending) >= CHUNK:
            chunk = bytes(self._pending[:CHUNK])
            del self._pending[:CHUNK]
            self._submit(chunk)
        return len(data)

    def close(self) -> None:
        """Write what is left; the file is complete."""
        if self._pending or self._empty:
            self._submit(bytes(self._pending))
            self._pending.clear()
        while self._running:
            self._out.write(self._running.popleft().result())
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _submit(self, chunk: bytes) -> None:
        self._empty = False
        if self._threads < 2 or (len(chunk) < CHUNK and self._pool is None):  # noqa: PLR2004 one thread is no pool
            self._out.write(member(chunk, self._compressor))
            return
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - start-up time

            self._pool = ThreadPoolExecutor(self._threads, "gzip")
        self._running.append(self._pool.submit(member, chunk, self._compressor))
        while len(self._running) > self._threads:
            self._out.write(self._running.popleft().result())


class _Decompressed(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._file = _Reader(fileobj=stream, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._file.read1(len(view))
        except _DAMAGED as error:
            raise InvalidImage(f"a gzip stream is damaged: {error}") from error
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._stream.close()
        super().close()


def decompressed(stream: BinaryIO) -> BinaryIO:
    """The uncompressed bytes of a gzip stream of any number of members; closing it closes `stream`.

    Raises (the returned stream, while it is read):
        InvalidImage: the stream is damaged or cut off.
    """
    return io.BufferedReader(_Decompressed(stream), _READ)
