"""Brings an object, or a directory of them, to this machine: in pieces, several at a time, without holding much."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from kfp.engine.addresses import redacted
from kfp.engine.artifacts.transfer import PIECE
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kfp.engine.artifacts.listing import Listing, RemoteFile
    from kfp.engine.artifacts.store import ObjectStores
    from kfp.engine.artifacts.transfer import Transfer, Workers


def download(listing: Listing, into: Path, *, stores: ObjectStores, workers: Workers, transfer: Transfer) -> None:
    """Write what was listed to a file or a directory, and sync it.

    Args:
        listing: what is wanted.
        into: where it goes; is not there yet. After an error, what was written so far is left.
        stores: has it.
        workers: move it.
        transfer: is told, and may be given up.

    Raises:
        Canceled: it was given up.
        RunError: it changed meanwhile.
        OSError: the disk refuses.
        Exception: the store's error.
    """
    transfer.begin(f"downloading {redacted(listing.uri)}", listing.size)
    if listing.is_directory:
        into.mkdir(parents=True)
        for name in listing.directories:
            into.joinpath(name).mkdir(parents=True, exist_ok=True)
        for name in {file.name.rpartition("/")[0] for file in listing.files}:
            into.joinpath(name).mkdir(parents=True, exist_ok=True)
    workers.each(transfer, _pieces(listing, into, stores, transfer))


def _pieces(listing: Listing, into: Path, stores: ObjectStores, transfer: Transfer) -> Iterator[Callable[[], None]]:
    for file in listing.files:
        target = into / file.name if file.name else into
        with target.open("xb") as made:
            made.truncate(file.size)
        if file.size:
            coming = _Coming(listing.uri, file, target, stores)
            for start in range(0, file.size, PIECE):
                yield partial(_bring, coming, start, transfer)


def _bring(coming: _Coming, start: int, transfer: Transfer) -> None:
    transfer.moved(coming.bring(start))


class _Coming:
    """A file on its way here; its pieces come in any order, and one that is tried again counts once."""

    def __init__(self, uri: str, file: RemoteFile, target: Path, stores: ObjectStores) -> None:
        self._uri, self._file, self._target, self._stores = uri, file, target, stores
        self._left = set(range(0, file.size, PIECE))
        self._lock = threading.Lock()

    def bring(self, start: int) -> int:
        """Write a piece, and sync the file with the last one of them; return the piece's size."""
        end = min(start + PIECE, self._file.size)
        data = self._stores.read(self._uri, self._file, start, end)
        descriptor = os.open(self._target, os.O_WRONLY | os.O_CLOEXEC)
        try:
            view, place = memoryview(data), start
            while view:
                written = os.pwrite(descriptor, view, place)
                view, place = view[written:], place + written
            with self._lock:
                self._left.discard(start)
                is_last = not self._left
            if is_last:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_last and self._file.size > PIECE:
            self._check()
        return end - start

    def _check(self) -> None:
        """Refuse pieces of two contents."""
        if self._stores.version(self._uri, self._file) != self._file.version:
            raise RunError(f"{redacted(self._uri)} changed while it was downloaded")
