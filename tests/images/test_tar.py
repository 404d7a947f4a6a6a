from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import InvalidImage
from kfp.images.tar import Entry, TarWriter
from tests.images.making import ENTRIES

component = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=80
).filter(lambda name: name not in (".", "..") and not name.startswith(".wh."))
paths = st.lists(component, min_size=1, max_size=5).map("/".join)
files = st.dictionaries(paths, st.tuples(st.binary(max_size=1500), st.booleans()), max_size=8)


def write(*entries: Entry, mtime: int = 0) -> bytes:
    out = io.BytesIO()
    with TarWriter(out, mtime=mtime) as tar:
        for entry in sorted(entries, key=lambda entry: entry.path):
            tar.add(entry)
    return out.getvalue()


@given(files)
def test_python_s_tarfile_reads_what_is_written(contents: dict[str, tuple[bytes, bool]]) -> None:
    kept = {path: value for path, value in contents.items() if not any(p.startswith(f"{path}/") for p in contents)}
    data = write(*(Entry.file(path, data, executable=runs) for path, (data, runs) in kept.items()))
    with tarfile.open(fileobj=io.BytesIO(data), errors="strict") as tar:
        members = tar.getmembers()
        read = {m.name: (tar.extractfile(m).read(), m.mode == 0o755) for m in members}  # type: ignore[union-attr]
    assert read == kept
    assert [member.name for member in members] == sorted(kept)
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} <= {(0, 0, "", "", 0)}


@given(paths, paths)
def test_links_and_directories_are_read_too(path: str, target: str) -> None:
    data = write(Entry.symlink(f"l/{path}", target), Entry.directory(f"d/{path}"))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        directory, link = tar.getmembers()
    assert (directory.isdir(), directory.mode, directory.name) == (True, 0o755, f"d/{path}")
    assert (link.issym(), link.mode, link.linkname) == (True, 0o777, target)


def test_the_bytes_are_known() -> None:
    from kfp.images.digest import sha256

    data = write(*ENTRIES, mtime=1_700_000_000)
    # Written down once: every Python, umask, locale and time zone must give these bytes.
    assert (len(data), sha256(data)) == (
        8704,
        "sha256:834deacf41da08fb85dbc773e0eb9831e35c6184e18bf2580b054c2c6e055a6f",
    )


def test_pax_headers_are_written_only_where_needed() -> None:
    assert b"PaxHeader" not in write(Entry.file("a" * 100, b""), Entry.symlink("l", "t" * 100))
    for entry in (
        Entry.file("a" * 101, b""),
        Entry.file("é", b""),
        Entry.symlink("l", "é"),
        Entry.directory("a" * 100),
    ):
        assert b"PaxHeader" in write(entry)


def test_a_file_of_eight_gibibytes_has_its_size_in_a_pax_header() -> None:
    from kfp.images import tar

    header = tar._header(Entry.stream("big", 8**11, io.BytesIO), 0)
    with tarfile.open(fileobj=io.BytesIO(header + bytes(1024)), ignore_zeros=True) as archive:
        member = archive.next()
    assert member is not None
    assert member.size == 8**11


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "a/../b",
        "..",
        ".",
        "a/./b",
        "a//b",
        "a/",
        "a\0b",
        ".wh.a",
        "a/.wh..wh..opq",
        "\udcff",
        "a" * 5000,
    ],
)
def test_a_path_that_no_layer_may_hold_is_refused(path: str) -> None:
    with pytest.raises(InvalidImage):
        Entry.file(path, b"")


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["a", "a"], "twice"),
        (["a", "a/b"], "no directory"),
        (["a", "a-b", "a/b"], "no directory"),
        (["b", "a"], "sorted"),
    ],
)
def test_paths_that_contradict_each_other_are_refused(paths: list[str], words: str) -> None:
    with TarWriter(io.BytesIO()) as tar:
        for path in paths[:-1]:
            tar.add(Entry.file(path, b""))
        with pytest.raises(InvalidImage, match=words):
            tar.add(Entry.file(paths[-1], b""))


def test_a_directory_may_hold_files_whatever_sorts_in_between() -> None:
    entries = [Entry.directory("a"), Entry.file("a-b", b""), Entry.file("a/b", b""), Entry.file("a/b-c", b"")]
    assert write(*entries).count(b"ustar") == 4


@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0o644), (0o777, 0o755), (0o700, 0o755), (0o4755, 0o755)])
def test_a_copied_file_s_mode_is_normalised(tmp_path: Path, mode: int, expected: int) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"x")
    source.chmod(mode)
    assert Entry.copy("file", source).mode == expected


def test_a_hard_link_becomes_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same")
    os.link(tmp_path / "a", tmp_path / "b")
    data = write(Entry.copy("a", tmp_path / "a"), Entry.copy("b", tmp_path / "b"))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [member.isreg() for member in tar.getmembers()] == [True, True]


def test_special_files_and_missing_ones_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null"), tmp_path / "missing"):
        with pytest.raises(InvalidImage, match=str(path)):
            Entry.copy("x", path)


@pytest.mark.parametrize(("later", "word"), [(b"12", "shorter"), (b"1234", "longer")])
def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path, later: bytes, word: str) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"123")
    entry = Entry.copy("file", source)
    source.write_bytes(later)
    with pytest.raises(InvalidImage, match=word):
        write(entry)


@pytest.mark.parametrize("mtime", [-1, 8**11])
def test_a_time_that_no_header_holds_is_refused(mtime: int) -> None:
    with pytest.raises(InvalidImage, match="modification time"):
        write(mtime=mtime)
