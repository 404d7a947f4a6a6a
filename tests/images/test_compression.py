from __future__ import annotations

import gzip as standard
import io
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import ImageError, InvalidImage
from kfp.images import compression, gzip, media_types, zstd
from kfp.images.compression import CHUNK, Compressor, MemberWriter, decompressed

COMPRESSORS: tuple[Compressor, ...] = ("fast", "portable", "zstd")
GZIP: tuple[Compressor, ...] = ("fast", "portable")
STARTS = {"fast": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "zstd": b"\x28\xb5\x2f\xfd"}
BIG = random.Random(1).randbytes(CHUNK) + bytes(2 * CHUNK) + b"end"


def compress(pieces: list[bytes], compressor: Compressor = "fast", threads: int = 2) -> bytes:
    out = io.BytesIO()
    with ThreadPoolExecutor(threads) as pool, MemberWriter(out, compressor, pool) as writer:
        for piece in pieces:
            assert writer.write(piece) == len(piece)
    return out.getvalue()


def undone(data: bytes, compressor: Compressor) -> bytes:
    kind = media_types.compression_of(compression.media_type(compressor))
    with decompressed(io.BytesIO(data), str(kind)) as stream:
        return stream.read()


@given(st.lists(st.binary(max_size=400), max_size=5), st.sampled_from(COMPRESSORS))
def test_what_is_written_is_read(pieces: list[bytes], compressor: Compressor) -> None:
    data = compress(pieces, compressor)
    assert undone(data, compressor) == b"".join(pieces)
    if compressor in GZIP:
        assert standard.decompress(data) == b"".join(pieces)


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_neither_threads_nor_pieces_change_the_bytes(compressor: Compressor) -> None:
    whole = compress([BIG], compressor)
    assert undone(whole, compressor) == BIG
    assert whole.count(STARTS.get(compressor, STARTS["fast"])) == 4
    for threads in (1, 3, 8):
        pieces = [BIG[start : start + 100_001] for start in range(0, len(BIG), 100_001)]
        assert compress(pieces, compressor, threads) == whole


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_a_flush_ends_a_member_and_leaves_nothing_behind(compressor: Compressor) -> None:
    out = io.BytesIO()
    with MemberWriter(out, compressor) as writer:
        writer.write(BIG)
        writer.flush()
        first = out.getvalue()
        writer.flush()
        assert (undone(first, compressor), out.getvalue()) == (BIG, first)
        writer.write(b"more")
    assert undone(out.getvalue()[len(first) :], compressor) == b"more"


def test_the_portable_bytes_are_known_to_begin_with_our_header() -> None:
    assert compress([], "portable").hex() == "1f8b08000000000000ff0300" + "00" * 8


def test_another_zlib_is_refused_where_bytes_are_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    """zlib-ng and others compress validly, but otherwise; the manifest's digest would not be the same everywhere."""
    compression.check("portable")
    gzip.is_portable.cache_clear()
    monkeypatch.setattr(gzip, "_ZLIB_PORTABLE", 5)
    with pytest.raises(ImageError, match="zlib"):
        compression.check("portable")
    gzip.is_portable.cache_clear()


def test_without_a_module_for_zstd_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    data = compress([b"text"], "zstd")
    monkeypatch.setattr(zstd, "_MODULES", ("there.is.none",))
    zstd._module.cache_clear()
    for use in (lambda: compression.check("zstd"), lambda: decompressed(io.BytesIO(data), "zstd")):
        with pytest.raises(ImageError, match="zstd") as raised:
            use()
        assert raised.value.hint == "pip install 'kfp-skiff[zstd]'"
    zstd._module.cache_clear()


def test_frames_to_be_skipped_are_skipped() -> None:
    """Images of the kind "zstd:chunked" end in frames that hold no data (RFC 8878, 3.1.2)."""
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"toc!"
    assert undone(compress([b"text"], "zstd") + skippable + compress([b" more"], "zstd") + skippable, "zstd") == (
        b"text more"
    )


def test_without_isal_it_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip, "isal_zlib", None)
    assert standard.decompress(compress([BIG])) == BIG


def fail_after(data: bytes, out: io.BytesIO) -> None:
    with MemberWriter(out) as writer:
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
    with decompressed(io.BytesIO(data)) as stream:
        assert stream.read() == b"".join(pieces)


DAMAGED = {
    "no gzip": ("gzip", b"no gzip"),
    "gzip cut off": ("gzip", standard.compress(BIG, mtime=0)[:-3]),
    "gzip, wrong sum": ("gzip", standard.compress(b"x" * 99, mtime=0)[:-8] + bytes(8)),
    "gzip, junk behind": ("gzip", standard.compress(b"x", mtime=0) + b"junk"),
    "no zstd": ("zstd", b"no zstd"),
    "zstd cut off": ("zstd", compress([BIG], "zstd")[:-3]),
    "zstd, wrong sum": ("zstd", compress([b"x" * 99], "zstd")[:-4] + bytes(4)),
    "zstd, junk behind": ("zstd", compress([b"x"], "zstd") + b"junk"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_is_an_error(case: str) -> None:
    kind, data = DAMAGED[case]
    with decompressed(io.BytesIO(data), kind) as stream, pytest.raises(InvalidImage, match="damaged"):
        stream.read()
