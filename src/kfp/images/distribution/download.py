"""A blob's bytes as a stream that survives a broken connection."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from kfp.errors import RegistryError, RegistryUnreachable
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.transport import CHUNK_SIZE, Stream, Transport
from kfp.images.verified import verified

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def open_download(open_at: Callable[[int], Stream], descriptor: Descriptor, transport: Transport) -> BinaryIO:
    """Return a blob's bytes as a stream; reading it to the end verifies size and digest.

    Args:
        open_at: asks for the blob from an offset on; a registry may answer with all of it.
        descriptor: what the bytes must be.
        transport: says how often a broken connection is resumed and how long to wait before.
    """
    # The protocols of io are satisfied by structure: BinaryIO is what readers are declared to take.
    raw = io.BufferedReader(_Download(open_at, descriptor, transport), CHUNK_SIZE)
    return verified(raw, descriptor.digest, descriptor.size)


class _Download(io.RawIOBase):
    def __init__(self, open_at: Callable[[int], Stream], descriptor: Descriptor, transport: Transport) -> None:
        super().__init__()
        self._open_at = open_at
        self._descriptor = descriptor
        self._transport = transport
        self._offset = 0
        self._failures = 0
        self._stream: Stream | None = None  # the finaliser looks at it, also when nothing could be opened
        self._stream = open_at(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            stream = self._stream = self._stream or self._resume()
            try:
                data = self._read(stream, len(view))
            except RegistryUnreachable as error:
                self._wait(error)
                continue
            view[: len(data)] = data
            self._offset += len(data)
            return len(data)

    def close(self) -> None:
        if not self.closed and self._stream is not None:
            self._stream.close()
            self._stream = None
        super().close()

    def _read(self, stream: Stream, size: int) -> bytes:
        data = stream.read(size)
        if not data and self._offset < self._descriptor.size:
            raise RegistryUnreachable("it ended early")
        return data

    def _wait(self, error: RegistryUnreachable) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._failures += 1
        delay = self._transport.settings.retry.delay(self._failures)
        if delay is None:
            raise RegistryUnreachable(self._broken(error.message), hint=error.hint) from error
        self._transport.cancellation.sleep(delay)

    def _resume(self) -> Stream:
        stream = self._open_at(self._offset)
        if stream.status == 206:  # noqa: PLR2004 (HTTP: partial content)
            start = stream.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0].strip()
            if start != str(self._offset):
                stream.close()
                raise RegistryError(self._broken(f"the registry resumed at {start[:20]!r} instead of {self._offset}"))
            return stream
        left = self._offset
        while left:
            skipped = stream.read(min(left, CHUNK_SIZE))
            if not skipped:
                stream.close()
                raise RegistryUnreachable(self._broken("it ended early"))
            left -= len(skipped)
        return stream

    def _broken(self, reason: str) -> str:
        return (
            f"the download of the blob {self._descriptor.digest} from {self._transport.registry} broke after"
            f" {self._offset} of {self._descriptor.size} bytes: {reason}"
        )
