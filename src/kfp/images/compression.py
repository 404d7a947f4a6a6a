"""How layers are compressed, and undone: gzip and zstd in members, which are compressed side by side.

A stream is cut into members of `CHUNK` uncompressed bytes each, which are written in order. Both formats allow
several members in a file, and what is written does not depend on the number of threads; so members that were compressed
earlier can be put together without being compressed again (`kfp.images.parts`). Compressed bytes are the same
for one build of one compressor only: what is promised across machines is the digest of the *uncompressed* layer, and
that of the compressed one with "portable" alone.
"""

from __future__ import annotations

import io
from collections import deque
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol

from kfp.errors import ImageError, InvalidImage
from kfp.images import media_types

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

    from _typeshed import WriteableBuffer

CHUNK: Final = 1024 * 1024
"""Uncompressed bytes of a member; the last one of a stream is shorter."""

Compressor = Literal["fast", "portable", "zstd"]
"""fast: gzip by ISA-L, level 1; portable: gzip by zlib, level 6, many times slower and 15 % smaller;
zstd: level 3, smaller than both and about as fast as the first."""

ALWAYS_ALLOWED: Final = 1024**3
"""Bytes that any stream may unpack to."""

RATIO: Final = 200
"""How many times the bytes read so far a longer one may have: layers have 2 to 10, text 100, bombs 1,000 and more."""

_THREADS: Final = 4
_READ: Final = 256 * 1024


class Readable(Protocol):
    """What compressed bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, none at the end."""
        ...


class Writable(Protocol):
    """What takes bytes, all of them."""

    def write(self, data: bytes, /) -> object:
        """Take `data`."""
        ...


def media_type(compressor: Compressor | None) -> str:
    """OCI's media type for a layer that the compressor made; None compresses nothing."""
    if compressor is None:
        return media_types.OCI_LAYER
    return media_types.OCI_LAYER_ZSTD if compressor == "zstd" else media_types.OCI_LAYER_GZIP


def check(compressor: Compressor) -> None:
    """Find out, before anything depends on it, whether a compressor can do here what it promises.

    Raises:
        ImageError: "zstd" without a module for it; "portable" where zlib is one that gives other bytes.
    """
    from kfp.images import gzip  # noqa: PLC0415 (start-up: the default needs no check)

    if compressor == "portable" and not gzip.is_portable():
        raise ImageError(
            "this Python's zlib does not give the bytes that zlib gives elsewhere; the manifest's digest would differ",
            hint="run it with a Python that is linked to zlib itself, not to zlib-ng or another replacement",
        )
    if compressor == "zstd":
        _member(b"", compressor)


class MemberWriter:
    """Compresses what is written to it into `out`; `close` (or leaving the context) completes the file.

    Holds a few chunks in memory, however much is written. `out` stays open.

    Args:
        out: takes the compressed bytes.
        compressor: which.
        pool: where chunks are compressed; None takes one that all writers of the process share.
    """

    def __init__(self, out: Writable, compressor: Compressor = "fast", pool: Executor | None = None) -> None:
        self._out = out
        self._compressor: Compressor = compressor
        self._pool = pool
        self._pending: list[bytes] = []
        self._size = 0
        self._running: deque[Future[bytes]] = deque()
        self._empty = True

    def __enter__(self) -> MemberWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        for each in self._running:
            each.cancel()

    def write(self, data: bytes) -> int:
        """Add bytes; all of them are taken."""
        self._pending.append(data)
        self._size += len(data)
        if self._size >= CHUNK:
            self._cut()
        return len(data)

    def flush(self) -> None:
        """End the member, and wait until all that was written is in `out`."""
        if self._size:
            self._take(_member(b"".join(self._pending), self._compressor))
            self._pending, self._size = [], 0
        while self._running:
            self._out.write(self._running.popleft().result())

    def close(self) -> None:
        """Write what is left; the file is complete."""
        self.flush()
        if self._empty:
            self._take(_member(b"", self._compressor))

    def _cut(self) -> None:
        whole = memoryview(b"".join(self._pending))
        start = 0
        while len(whole) - start >= CHUNK:
            self._submit(bytes(whole[start : start + CHUNK]))
            start += CHUNK
        rest = bytes(whole[start:])
        self._pending, self._size = [rest], len(rest)

    def _submit(self, chunk: bytes) -> None:
        self._empty = False
        pool = self._pool or _shared_pool()
        self._running.append(pool.submit(_member, chunk, self._compressor))
        while len(self._running) > _THREADS:
            self._out.write(self._running.popleft().result())

    def _take(self, last: bytes) -> None:
        self._empty = False
        while self._running:
            self._out.write(self._running.popleft().result())
        self._out.write(last)


def decompressed(stream: BinaryIO, compression: str = media_types.GZIP) -> BinaryIO:
    """The uncompressed bytes of a stream of any number of members; closing it closes `stream`.

    Args:
        stream: the compressed bytes.
        compression: "gzip" or "zstd", as `media_types.compression_of` says.

    Raises:
        ImageError: there is no module for the compression.
        InvalidImage (the returned stream, while it is read): the stream is damaged or cut off, or unpacks to more than
            `ALWAYS_ALLOWED` bytes and more than `RATIO` times its own.
    """
    if compression == media_types.ZSTD:
        from kfp.images import zstd  # noqa: PLC0415 (optional)

        return io.BufferedReader(_Decompressed(stream, zstd.reader, zstd.damaged()), _READ)
    from kfp.images import gzip  # noqa: PLC0415 (start-up)

    return io.BufferedReader(_Decompressed(stream, gzip.reader, gzip.DAMAGED), _READ)


class _Counted:
    """Bytes on their way to a decompressor; some read into a buffer of theirs."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Decompressed(io.RawIOBase):
    def __init__(
        self, stream: BinaryIO, reader: Callable[[Readable], BinaryIO], damaged: tuple[type[Exception], ...]
    ) -> None:
        super().__init__()
        self._stream = stream
        self._taken = _Counted(stream)
        self._given = 0
        self._file = reader(self._taken)
        self._damaged = damaged

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._file.read1(len(view))  # type: ignore[attr-defined]  # both readers have it
        except self._damaged as error:
            raise InvalidImage(f"a compressed stream is damaged: {error}") from error
        self._given += len(data)
        if self._given > max(ALWAYS_ALLOWED, RATIO * self._taken.count):
            raise InvalidImage(
                f"a compressed stream of {self._taken.count} bytes so far unpacks to more than {self._given - 1}",
                hint="it may be made to fill a disk; ask where it comes from",
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._stream.close()
        super().close()


def _member(data: bytes, compressor: Compressor) -> bytes:
    if compressor == "zstd":
        from kfp.images import zstd  # noqa: PLC0415 (optional)

        return zstd.frame(data)
    from kfp.images import gzip  # noqa: PLC0415 (start-up)

    return gzip.member(data, compressor)


@cache
def _shared_pool() -> Executor:
    import os  # noqa: PLC0415 (start-up)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (start-up)

    return ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1), "compress")
