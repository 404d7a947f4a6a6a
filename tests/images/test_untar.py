from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import InvalidImage
from kfp.images.untar import HEADER_LIMIT, MemberKind, members, plain_path
from tests.images.making import Raw, raw_tar
from tests.images.test_tar import files

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


class Pipe(io.BytesIO):
    """Bytes that cannot be sought, as a download has them."""

    def seekable(self) -> bool:
        return False


@given(files, st.sampled_from(["gnu", "pax"]), st.sampled_from([io.BytesIO, Pipe]))
def test_what_tarfile_writes_is_read(
    contents: dict[str, tuple[bytes, bool]], kind: str, stream: type[io.BytesIO]
) -> None:
    data = raw_tar(
        *(Raw(path, content, mode=0o755 if runs else 0o644) for path, (content, runs) in contents.items()),
        tar_format=FORMATS[kind],
    )
    read = {member.name: (content.read(), member.executable) for member, content in members(stream(data))}
    assert read == contents


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("stream", [io.BytesIO, Pipe])
def test_kinds_links_and_skipped_data(kind: str, stream: type[io.BytesIO]) -> None:
    long = "p" * 90 + "/" + "q" * 90
    data = raw_tar(
        Raw("d/", type=tarfile.DIRTYPE),
        Raw("d/f", b"x" * 1000),
        Raw("d/l", type=tarfile.SYMTYPE, link="f"),
        Raw("d/h", type=tarfile.LNKTYPE, link="d/f"),
        Raw("d/c", type=tarfile.CHRTYPE),
        Raw("d/p", type=tarfile.FIFOTYPE),
        Raw(long, b"last"),
        tar_format=FORMATS[kind],
    )
    found = [(member.name.rstrip("/"), member.kind, member.target) for member, _ in members(stream(data))]
    assert found == [
        ("d", MemberKind.DIRECTORY, ""),
        ("d/f", MemberKind.FILE, ""),
        ("d/l", MemberKind.SYMLINK, "f"),
        ("d/h", MemberKind.HARD_LINK, "d/f"),
        ("d/c", MemberKind.OTHER, ""),
        ("d/p", MemberKind.OTHER, ""),
        (long, MemberKind.FILE, ""),
    ]


def test_gnu_s_binary_numbers_are_read() -> None:
    block = bytearray(raw_tar(Raw("f", b"abc"))[:1024])
    block[124:136] = b"\x80" + (3).to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    assert [(member.size, data.read()) for member, data in members(io.BytesIO(bytes(block)))] == [(3, b"abc")]


@pytest.mark.parametrize("stream", [io.BytesIO, Pipe])
@pytest.mark.parametrize("cut", [100, 600, 1100])
def test_a_cut_archive_is_an_error(cut: int, stream: type[io.BytesIO]) -> None:
    data = raw_tar(Raw("f", b"x" * 2000))[:cut]
    with pytest.raises(InvalidImage, match="cut off"):
        list(members(stream(data)))
    with pytest.raises(InvalidImage, match="cut off"):
        [content.read() for _, content in members(stream(data))]


def patched(offset: int, value: bytes, base: bytes | None = None) -> bytes:
    block = bytearray(raw_tar(Raw("f", b"abc")) if base is None else base)
    block[offset : offset + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no archive at all" * 100, "checksum|malformed"),
        (patched(124, b"-0000000001\0"), "malformed"),
        (patched(124, b"zzz"), "malformed"),
        (patched(124, b"\xff" * 12), "malformed"),
        (patched(156, b"S"), "sparse"),
        (patched(124, b"%011o\0" % (HEADER_LIMIT + 1), patched(156, b"x")), "limit"),
        (patched(124, b"%011o\0" % (HEADER_LIMIT + 1), patched(156, b"L")), "limit"),
        (patched(156, b"x"), "pax header is malformed"),
        (raw_tar(Raw("f", pax={"GNU.sparse.major": "1"})), "sparse"),
        (raw_tar(Raw("f", pax={"size": "1_0"})), "pax size"),
        (raw_tar(Raw("f", pax={"size": "-1"})), "pax size"),
    ],
)
def test_damage_is_an_error(data: bytes, words: str) -> None:
    with pytest.raises(InvalidImage, match=words):
        list(members(io.BytesIO(data)))


@given(st.binary(max_size=3000), st.integers(0, 2500))
def test_no_bytes_make_it_fail_otherwise(noise: bytes, position: int) -> None:
    data = bytearray(raw_tar(Raw("a/b", b"x" * 700), Raw("é" * 80, b"y")))
    data[position : position + len(noise)] = noise
    try:
        for _, content in members(io.BytesIO(bytes(data))):
            content.read()
    except InvalidImage:
        pass


@pytest.mark.parametrize(("name", "plain"), [("./a//b/", "a/b"), (".", ""), ("./", ""), ("a", "a"), ("..a", "..a")])
def test_a_plain_path(name: str, plain: str) -> None:
    assert plain_path(name) == plain


@pytest.mark.parametrize("name", ["a" * 256, "é" * 128, "a/" * 2049, "x" * 10_000_000, "/".join(["é" * 100] * 30)])
def test_a_path_that_is_too_long(name: str) -> None:
    with pytest.raises(InvalidImage, match="too long") as caught:
        plain_path(name)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", ["a" * 255, "/".join(["a" * 255] * 16), "\udcff" * 255])
def test_the_longest_paths_that_disks_take(name: str) -> None:
    assert plain_path(name) == name


@pytest.mark.parametrize("name", ["/a", "..", "a/../b", "../a", "a\0b"])
def test_an_unsafe_path(name: str) -> None:
    with pytest.raises(InvalidImage, match="unsafe"):
        plain_path(name)
