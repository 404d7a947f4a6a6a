from __future__ import annotations

import gzip as standard
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import InvalidImage
from kfp.images import gzip
from kfp.images.gzip import CHUNK, Compressor, GzipWriter

COMPRESSORS: tuple[Compressor, ...] = ("fast", "portable")
BIG = random.Random(1).randbytes(CHUNK) + bytes(2 * CHUNK) + b"end"


def compress(pieces: list[bytes], compressor: Compressor = "fast", threads: int = 2) -> bytes:
    out = io.BytesIO()
    with GzipWriter(out, compressor, threads) as writer:
        for piece in pieces:
            assert writer.write(piece) == len(piece)
    return out.getvalue()


@given(st.lists(st.binary(max_size=400), max_size=5), st.sampled_from(COMPRESSORS))
def test_python_s_gzip_reads_what_is_written(pieces: list[bytes], compressor: Compressor) -> None:
    assert standard.decompress(compress(pieces, compressor)) == b"".join(pieces)


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_neither_threads_nor_pieces_change_the_bytes(compressor: Compressor) -> None:
    whole = compress([BIG], compressor)
    assert standard.decompress(whole) == BIG
    assert whole.count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff") == 4
    for threads in (1, 3, 8):
        pieces = [BIG[start : start + 100_001] for start in range(0, len(BIG), 100_001)]
        assert compress(pieces, compressor, threads) == whole


def test_the_portable_bytes_are_known_to_begin_with_our_header() -> None:
    assert compress([], "portable").hex() == "1f8b08000000000000ff0300" + "00" * 8


def test_without_isal_it_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip, "isal_zlib", None)
    assert standard.decompress(compress([BIG])) == BIG


def fail_after(data: bytes, out: io.BytesIO) -> None:
    with GzipWriter(out, threads=2) as writer:
        writer.write(data)
        raise RuntimeError


def test_a_failure_inside_the_context_completes_nothing() -> None:
    out = io.BytesIO()
    with pytest.raises(RuntimeError):
        fail_after(BIG, out)
    assert len(out.getvalue()) < len(compress([BIG]))


@given(st.lists(st.binary(max_size=400), max_size=4))
def test_members_of_any_writer_are_read(pieces: list[bytes]) -> None:
    data = b"".join(standard.compress(piece) for piece in pieces)
    with gzip.decompressed(io.BytesIO(data)) as stream:
        assert stream.read() == b"".join(pieces)


@pytest.mark.parametrize(
    "data",
    [
        b"no gzip",
        standard.compress(BIG, mtime=0)[:-3],
        standard.compress(b"x" * 99, mtime=0)[:-8] + bytes(8),
        standard.compress(b"x", mtime=0) + b"junk",
    ],
    ids=["no gzip", "cut off", "wrong sum", "junk behind"],
)
def test_damage_is_an_error(data: bytes) -> None:
    with gzip.decompressed(io.BytesIO(data)) as stream, pytest.raises(InvalidImage, match="damaged"):
        stream.read()
