"""Layers as a container sees them: owners and permissions, what is hidden, and nothing outside."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kfp.errors import InvalidImage
from kfp.images.layer_cache import LayerCache
from kfp.images.unpack import Hides, unpack_layer
from tests.images.making import Raw, raw_layer, raw_tar

LINK, HARD, FOLDER, DEVICE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE
ROOT = os.geteuid() == 0


@pytest.fixture
def cache(tmp_path: Path) -> LayerCache:
    return LayerCache(tmp_path / "own" / "layers", owned=ROOT, marks="trusted" if ROOT else "user")


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_files_are_as_the_layer_says(cache: LayerCache) -> None:
    owner = {"uid": "1234", "gid": "2345", "mtime": "1000000000.5"}
    unpacked = cache.get(
        raw_layer(
            raw_tar(
                Raw("usr/", type=FOLDER, mode=0o755),
                Raw("usr/su", b"#!", mode=0o4755, pax=owner),
                Raw("usr/closed/", type=FOLDER, mode=0o500),
                Raw("usr/closed/inside", b"x", mode=0o400),
                Raw("usr/absolute", type=LINK, link="/etc/passwd"),
                Raw("usr/climbs", type=LINK, link="../../../../etc"),
                Raw("usr/again", type=HARD, link="usr/su"),
                Raw("usr/link-again", type=HARD, link="/usr/absolute"),
                Raw("dev/null", type=DEVICE),
                Raw("tmp/", type=FOLDER, mode=0o1777),
                Raw("twice", b"first"),
                Raw("twice", b"second"),
            )
        )
    )
    files = unpacked.files
    said = (files / "usr/su").stat()
    assert (stat.S_IMODE(said.st_mode), said.st_mtime, said.st_nlink) == (0o4755, 1_000_000_000, 2)
    assert (said.st_uid, said.st_gid) == ((1234, 2345) if ROOT else (os.geteuid(), os.getegid()))
    assert stat.S_IMODE((files / "usr/closed").stat().st_mode) == 0o500
    assert stat.S_IMODE((files / "tmp").stat().st_mode) == 0o1777
    assert str((files / "usr/absolute").readlink()) == str((files / "usr/link-again").readlink()) == "/etc/passwd"
    assert str((files / "usr/climbs").readlink()) == "../../../../etc"
    assert (files / "twice").read_text() == "second"
    assert not (files / "dev").exists()
    assert stat.S_IMODE(files.parent.parent.stat().st_mode) == 0o700, "programs with set-user-ID are out of reach"


def test_what_a_layer_hides_is_marked_for_overlayfs(cache: LayerCache) -> None:
    unpacked = cache.get(
        raw_layer(
            raw_tar(
                Raw("a/.wh.gone"),
                Raw("a/.wh.replaced"),
                Raw("a/replaced", b"new"),
                Raw("b/", type=FOLDER),
                Raw("b/.wh..wh..opq"),
                Raw("c/.wh..wh..opq"),
                Raw("d/.wh.folder"),
                Raw("d/folder/file", b""),
                Raw(".wh..wh.plnk/x", b"of aufs"),
            )
        )
    )
    assert unpacked.hides == Hides(("a/gone",), ("b", "c", "d/folder"), ("a", "c", "d", "d/folder"))
    gone = (unpacked.files / "a/gone").lstat()
    assert stat.S_ISCHR(gone.st_mode)
    assert gone.st_rdev == 0
    attribute = f"{'trusted' if ROOT else 'user'}.overlay.opaque"
    assert [os.getxattr(unpacked.files / name, attribute) for name in ("b", "c", "d/folder")] == [b"y"] * 3
    assert (unpacked.files / "a/replaced").read_text() == "new"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([Raw("../x", b"")], "unsafe path"),
        ([Raw("/etc/x", b"")], "unsafe path"),
        ([Raw("a/../../x", b"")], "unsafe path"),
        ([Raw("out", type=LINK, link="/tmp"), Raw("out/x", b"")], "below a symbolic link"),
        ([Raw("out", type=LINK, link="/tmp"), Raw("out/.wh.x")], "hides something below 'out'"),
        ([Raw("out", type=LINK, link="/tmp"), Raw("out/.wh..wh..opq")], "hides something below 'out'"),
        ([Raw("file", b""), Raw("file/x", b"")], "below a file"),
        ([Raw("hard", type=HARD, link="../../etc/passwd")], "unsafe path"),
        ([Raw("hard", type=HARD, link="/etc/passwd")], "no file unpacked before it"),
        ([Raw("d/", type=FOLDER), Raw("d", type=LINK, link="/etc")], "twice"),
        ([Raw("a/.wh..")], "hides the unsafe path"),
        ([Raw(".wh.")], "hides the unsafe path"),
        ([Raw("a", b"", pax={"uid": str(2**32 - 1)})], "the owner 4294967295"),
        ([Raw("d/" * 201 + "x", b"")], "more than 200 directories"),
    ],
)
def test_a_hostile_layer_is_refused_and_nothing_remains(
    cache: LayerCache, tmp_path: Path, members: list[Raw], words: str
) -> None:
    with pytest.raises(InvalidImage, match=words):
        cache.get(raw_layer(raw_tar(*members)))
    form = "layers/owned-trusted" if ROOT else "layers/mine-user"
    assert names(tmp_path / "own") == ["layers", form, f"{form}/.stages"]


def test_more_bytes_than_the_limit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match="more bytes than the limit"):
        unpack_layer(raw_layer(raw_tar(Raw("a", bytes(100)))), tmp_path, owned=False, limit=99)


def test_damaged_bytes_never_become_a_layer(cache: LayerCache, tmp_path: Path) -> None:
    from dataclasses import replace

    layer = replace(raw_layer(raw_tar(Raw("a", b"1"))), diff_id="sha256:" + "0" * 64)
    with pytest.raises(InvalidImage):
        cache.get(layer)
    assert [name for name in names(tmp_path / "own") if "0" * 64 in name] == []


HELD = """
import os, sys, time
from pathlib import Path
from kfp.images import layer_cache
from tests.images.making import Raw, raw_layer, raw_tar

def stop(*_):
    print("unpacked", flush=True)
    time.sleep(60)

layer_cache._sync_file_system = stop
cache = layer_cache.LayerCache(Path(sys.argv[1]), owned=False, marks="")
cache.get(raw_layer(raw_tar(Raw("file", b"text"))))
"""


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HELD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "unpacked\n"
        stages = tmp_path / "mine-plain" / ".stages"
        left = list(stages.iterdir())
        assert len(left) == 1
        cache = LayerCache(tmp_path, owned=False, marks="")
        cache.get(raw_layer(raw_tar(Raw("other", b""))))
        assert list(stages.iterdir()) == left, "the living are left alone"
        process.send_signal(signal.SIGKILL)
        process.wait()
    unpacked = cache.get(raw_layer(raw_tar(Raw("file", b"text"))))
    assert list(stages.iterdir()) == []
    assert (unpacked.files / "file").read_text() == "text"
    assert json.loads((unpacked.files.parent / "hides.json").read_text()) == {
        "paths": [], "contents": [], "implied": [],
    }  # fmt: skip


def test_layers_that_nobody_used_for_long_go(cache: LayerCache) -> None:
    old, used, new = (raw_layer(raw_tar(Raw(name, b""))) for name in ("old", "used", "new"))
    places = [cache.get(layer).files.parent for layer in (old, used)]
    for place in places:
        os.utime(place, (0, 0))
    again = LayerCache(places[0].parent.parent, owned=ROOT, marks="trusted" if ROOT else "user")
    again.get(used)
    again.get(new)
    assert [place.is_dir() for place in places] == [False, True]
    assert not again.has(old)
