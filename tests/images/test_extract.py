from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kfp.errors import BlobAbsent, InvalidImage, StoreError
from kfp.images.blob import MemoryBlobs
from kfp.images.compression import Compressor
from kfp.images.extract import extract_layer
from kfp.images.layer import build_layer
from kfp.images.store import Store
from tests.images.making import ENTRIES, Raw, raw_layer, raw_tar


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty directory, in which every file that appears is noticed."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


def tree(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): f"-> {p.readlink()}" if p.is_symlink() else "/" if p.is_dir() else p.read_text()
        for p in root.rglob("*")
    }


@pytest.mark.parametrize("compressor", ["fast", "portable", "zstd", None])
def test_a_whole_layer(folder: Path, compressor: Compressor | None) -> None:
    layer = build_layer(ENTRIES, Store(folder / "store").blobs, compressor=compressor)
    extract_layer(layer, folder / "out")
    found = tree(folder / "out")
    assert found["data/greeting.txt"] == "hello\n"
    assert found["data/link"] == "-> greeting.txt"
    assert found["tmp"] == "/"
    assert (folder / "out/data/run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder / "out/data/greeting.txt").stat().st_mode & 0o777 == 0o644


def test_a_subtree_is_stripped_of_its_prefix(folder: Path) -> None:
    layer = raw_layer(
        raw_tar(
            Raw("dev/null", type=tarfile.CHRTYPE),
            Raw("../outside", b"not looked at"),
            Raw("srcs/x", b"a name that starts alike"),
            Raw("./src/", type=tarfile.DIRTYPE),
            Raw("src/a", b"a"),
            Raw("src/sub/b", b"b"),
            Raw("src/sub/up", type=tarfile.SYMTYPE, link="../a"),
            Raw("src/hard", type=tarfile.LNKTYPE, link="src/a"),
            Raw("src/.wh.gone", b""),
            Raw("src/sub/.wh..wh..opq", b""),
        )
    )
    extract_layer(layer, folder / "new" / "out", prefix="src")
    assert tree(folder / "new" / "out") == {
        "a": "a",
        "sub": "/",
        "sub/b": "b",
        "sub/up": "-> ../a",
        "hard": "a",
    }
    assert [p.name for p in (folder / "new").iterdir()] == ["out"]


LINK = tarfile.SYMTYPE
HARD = tarfile.LNKTYPE


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([Raw("/etc/x", b"")], "unsafe path"),
        ([Raw("../x", b"")], "unsafe path"),
        ([Raw("a/../../x", b"")], "unsafe path"),
        ([Raw("l", type=LINK, link="/etc")], "lead out"),
        ([Raw("l", type=LINK, link="..")], "lead out"),
        ([Raw("a/l", type=LINK, link="../../x")], "lead out"),
        ([Raw("b", type=LINK, link="."), Raw("l", type=LINK, link="b/../..")], "lead out"),
        ([Raw("b", type=LINK, link="."), Raw("l", type=LINK, link="b/b/..")], "lead out"),
        ([Raw("l", type=LINK, link="")], "lead out"),
        ([Raw("l", type=LINK, link="d"), Raw("l/x", b"")], "below a symbolic link"),
        ([Raw("f", b""), Raw("f/x", b"")], "below a file"),
        ([Raw("f", b"1"), Raw("f", b"2")], "twice"),
        ([Raw("l", type=LINK, link="x"), Raw("l", b"2")], "twice"),
        ([Raw("f", b"1"), Raw("./f", type=tarfile.DIRTYPE)], "twice"),
        ([Raw("h", type=HARD, link="/etc/passwd")], "unsafe path"),
        ([Raw("h", type=HARD, link="../x")], "unsafe path"),
        ([Raw("h", type=HARD, link="later"), Raw("later", b"")], "no file unpacked before"),
        ([Raw("l", type=LINK, link="x"), Raw("h", type=HARD, link="l")], "no file unpacked before"),
        ([Raw("c", type=tarfile.CHRTYPE)], "special file"),
        ([Raw("b", type=tarfile.BLKTYPE)], "special file"),
        ([Raw("p", type=tarfile.FIFOTYPE)], "special file"),
        ([Raw("a", b"x" * 600), Raw("b", b"x" * 600)], "limit"),
        ([Raw("a/" * 200 + "f", b"")], "more than 200 directories"),
        ([Raw("l", type=LINK, link="a/" * 2100)], "too long"),
        ([Raw("a", b""), Raw("h", type=HARD, link="a"), Raw("h", type=LINK, link=".."), Raw("h/x", b"")], "twice"),
        ([Raw("d/", type=tarfile.DIRTYPE), Raw("d", type=LINK, link=".."), Raw("d/x", b"")], "twice"),
    ],
)
def test_a_hostile_layer_is_refused_and_nothing_remains(folder: Path, members: list[Raw], words: str) -> None:
    home = folder / "home"
    home.mkdir()
    with pytest.raises(InvalidImage, match=words):
        extract_layer(raw_layer(raw_tar(*members)), home / "out", limit=1000)
    assert [p.name for p in folder.iterdir()] == ["home"]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "members",
    [
        [Raw(str(number), b"") for number in range(11)],
        [Raw("d/", type=tarfile.DIRTYPE)] * 11,
        [Raw("a/b/c/d/e/f/g/h/i/j/k", b"")],
    ],
    ids=["files", "the same directory", "directories that are implied"],
)
def test_a_layer_of_too_many_entries_is_refused(
    folder: Path, members: list[Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kfp.images.extract.FILES_LIMIT", 10)
    with pytest.raises(InvalidImage, match="more than 10 files"):
        extract_layer(raw_layer(raw_tar(*members)), folder / "out")
    assert list(folder.iterdir()) == []


def test_a_name_that_the_locale_cannot_write_is_an_error(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from kfp.errors import StoreError\n"
        "from kfp.images.extract import extract_layer; from tests.images.making import *\n"
        "try: extract_layer(raw_layer(raw_tar(Raw('\\u00e9', b''))), Path(sys.argv[1]) / 'out')\n"
        "except StoreError as error: print(ascii(str(error)))\n"
    )
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script, folder],
        env={**os.environ, **ascii_only}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "LC_ALL=C.UTF-8" in done.stdout
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("none", "nothing below"), ("sr", "nothing below"), ("src/a", "no directory"), ("../x", "unsafe")],
)
def test_a_subtree_that_is_not_there_is_an_error(folder: Path, prefix: str, words: str) -> None:
    with pytest.raises(InvalidImage, match=words):
        extract_layer(raw_layer(raw_tar(Raw("src/a", b"a"))), folder / "out", prefix=prefix)


def test_a_layer_that_is_not_its_diff_id_leaves_nothing(folder: Path) -> None:
    from dataclasses import replace

    layer = raw_layer(raw_tar(Raw("a", b"a")))
    with pytest.raises(InvalidImage, match="digest"):
        extract_layer(replace(layer, diff_id="sha256:" + "0" * 64), folder / "out")
    assert list(folder.iterdir()) == []


def test_an_absent_layer_says_so(folder: Path) -> None:
    layer = raw_layer(raw_tar(Raw("a", b"a"))).with_source(MemoryBlobs({}))
    with pytest.raises(BlobAbsent):
        extract_layer(layer, folder / "out")
    assert list(folder.iterdir()) == []


def test_a_directory_that_holds_something_is_not_touched(folder: Path) -> None:
    layer = raw_layer(raw_tar(Raw("a", b"a")))
    out = folder / "out"
    out.mkdir()
    extract_layer(layer, out)
    with pytest.raises(StoreError, match="not empty"):
        extract_layer(layer, out)
    assert tree(out) == {"a": "a"}


def test_two_at_once_leave_one_whole_directory(folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    layer = raw_layer(raw_tar(*(Raw(f"{number}", b"x") for number in range(300))))

    def unpack(_: int) -> str:
        try:
            extract_layer(layer, folder / "out")
        except StoreError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(unpack, range(4)))
    assert "" in outcomes
    assert all("not empty" in outcome for outcome in outcomes if outcome)
    assert len(tree(folder / "out")) == 300
    assert [p.name for p in folder.iterdir()] == ["out"]
