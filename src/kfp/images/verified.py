"""A stream that is checked against its digest and size while it is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from kfp.errors import InvalidImage
from kfp.images import digest as digests

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 256 * 1024


class _VerifyingReader(io.RawIOBase):
    """Passes bytes on; the read that meets the end, or a byte too many, raises when the promise is broken."""

    def __init__(self, stream: BinaryIO, digest: str, size: int | None) -> None:
        super().__init__()
        self._stream = stream
        self._digest = digest
        self._left = size
        self._hash = digests.hasher(digest)
        self._checked = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if not view:
            return 0
        data = self._stream.read(len(view))
        if not data:
            self._finish()
            return 0
        self._hash.update(data)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise InvalidImage(f"the blob {self._digest} is longer than its descriptor says")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _finish(self) -> None:
        if self._checked:
            return
        if self._left:
            raise InvalidImage(f"the blob {self._digest} is {self._left} bytes shorter than its descriptor says")
        if digests.of(self._hash) != self._digest:
            raise InvalidImage(f"a blob has the digest {digests.of(self._hash)}, not {self._digest}")
        self._checked = True


def verified(stream: BinaryIO, digest: str, size: int | None = None) -> BinaryIO:
    """Wrap `stream` so that reading it to its end proves digest and size; closing it closes `stream`.

    Args:
        stream: the untrusted bytes.
        digest: what they must hash to.
        size: how many they must be, or None where nobody said.

    Raises (the returned stream, while it is read):
        InvalidImage: they are others.
    """
    return io.BufferedReader(_VerifyingReader(stream, digest, size), _CHUNK)
