from __future__ import annotations

import io
import tarfile
import tracemalloc
from typing import BinaryIO

import pytest

from kfp.errors import InvalidImage
from kfp.images.digest import sha256
from kfp.images.layer import build_layer
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.making import ENTRIES


def test_the_order_of_entries_does_not_matter(store: Store) -> None:
    assert build_layer(ENTRIES, store.blobs) == build_layer(reversed(ENTRIES), store.blobs)


def test_diff_id_and_digest_are_those_of_the_bytes(store: Store) -> None:
    layer = build_layer(ENTRIES, store.blobs, mtime=5)
    with layer.open() as stream:
        assert sha256(stream.read()) == layer.descriptor.digest
    with layer.uncompressed() as stream:
        data = stream.read()
    assert sha256(data) == layer.diff_id
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert {member.mtime for member in tar} == {5}


def test_a_layer_that_cannot_be_built_leaves_nothing(store: Store) -> None:
    with pytest.raises(InvalidImage, match="twice"):
        build_layer([Entry.file("a", b"1"), Entry.file("a", b"2")], store.blobs)
    assert list((store.root / "blobs" / "sha256").iterdir()) == []
    assert list(store.blobs.drafts.iterdir()) == []


class Zeros(io.RawIOBase):
    """A file that nobody could hold in memory."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = bytes(min(size, self._left))
        self._left -= len(data)
        return data


def test_building_and_reading_stream(store: Store) -> None:
    size = 200 * 1024 * 1024

    def content() -> BinaryIO:
        return Zeros(size)  # type: ignore[return-value]

    tracemalloc.start()
    layer = build_layer([Entry.stream("zeros", size, content)], store.blobs)
    with layer.uncompressed() as stream:
        while stream.read(1024 * 1024):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size // 8
