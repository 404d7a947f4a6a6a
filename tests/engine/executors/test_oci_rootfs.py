"""The root file system of a container without a daemon: layers as one, by overlayfs or as a copy."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kfp.engine.executors.oci.rootfs import RootFileSystem
from kfp.images.layer_cache import LayerCache
from tests.images.making import Raw, raw_layer, raw_tar

ROOT = os.geteuid() == 0
LINK, HARD, FOLDER = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
GROUP = "root:x:0:\nwheel:x:10:root\n"

Layers = Callable[..., RootFileSystem]


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    def unpack(*archives: list[Raw], marks: str = "trusted" if ROOT else "user") -> RootFileSystem:
        cache = LayerCache(tmp_path / "cache" / (marks or "plain"), owned=ROOT, marks=marks)
        return RootFileSystem([cache.get(raw_layer(raw_tar(*members))) for members in archives])

    return unpack


BASE = [
    Raw("etc/", type=FOLDER, mode=0o755), Raw("etc/passwd", b"root:x:0:0::/root:\n"), Raw("etc/group", b"old"),
    Raw("tmp/", type=FOLDER, mode=0o1777), Raw("opt/", type=FOLDER, mode=0o755), Raw("opt/a", b"a"),
    Raw("opt/b", b"b"), Raw("lib", type=LINK, link="usr/lib"), Raw("gone/", type=FOLDER, mode=0o755),
    Raw("gone/x", b"x"), Raw("was-folder/", type=FOLDER, mode=0o755), Raw("was-folder/x", b"x"),
    Raw("dev", type=LINK, link="/dev"), Raw("home/", type=FOLDER, mode=0o710),
    Raw("home/ada/", type=FOLDER, mode=0o700),
]  # fmt: skip
UPPER = [
    Raw("etc/group", GROUP.encode()), Raw("etc/.wh.passwd"), Raw("tmp/made", b"m"), Raw("opt/.wh..wh..opq"),
    Raw("opt/c", b"c"), Raw(".wh.gone"), Raw("was-folder", b"now a file"), Raw("home/ada/.config", b""),
    Raw("new/deep/hard", type=HARD, link="tmp/made"),
]  # fmt: skip
WANTED = {
    "etc": "755", "etc/group": GROUP, "tmp": "1777", "tmp/made": "m", "opt": "755", "opt/c": "c", "lib": "-> usr/lib",
    "was-folder": "now a file", "home": "710", "home/ada": "700", "home/ada/.config": "", "new": "755",
    "new/deep": "755", "new/deep/hard": "m", "dev": "755", "proc": "755", "sys": "755",
}  # fmt: skip


def seen(root: Path) -> dict[str, str]:
    def say(path: Path) -> str:
        if path.is_symlink():
            return f"-> {path.readlink()}"
        return f"{stat.S_IMODE(path.stat().st_mode):o}" if path.is_dir() else path.read_text()

    return {str(path.relative_to(root)): say(path) for path in root.rglob("*")}


def test_layers_are_copied_where_there_is_no_overlayfs(layers: Layers, tmp_path: Path) -> None:
    root = layers(BASE, UPPER, marks="")
    (tmp_path / "root").mkdir()
    root.copy(tmp_path / "root")
    assert seen(tmp_path / "root") == WANTED
    (tmp_path / "root/tmp/made").write_text("changed")
    (tmp_path / "root/etc/group").write_text("changed")
    again = layers(BASE, UPPER, marks="")
    assert again.text("etc/group") == GROUP, "the layers are nobody's to change"
    assert (again.directories[0] / "tmp/made").read_text() == "m"


@pytest.mark.skipif(not ROOT, reason="only root mounts")
def test_overlayfs_shows_the_same(layers: Layers, tmp_path: Path) -> None:
    root = layers(BASE, UPPER)
    for name in ("upper", "work", "root"):
        (tmp_path / name).mkdir()
    root.prepare_upper(tmp_path / "upper")
    lower = ":".join(map(str, root.directories))
    listing = (
        f"import json, sys; sys.path[:0] = {sys.path!r}; from pathlib import Path\n"
        "from tests.engine.executors.test_oci_rootfs import seen\n"
        "print(json.dumps(seen(Path('root'))))\n"
    )
    mount = f'mount -t overlay overlay -o lowerdir={lower},upperdir=upper,workdir=work root; "$0" -c "$1"'
    said = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-ec", mount, sys.executable, listing],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert json.loads(said) == WANTED


def test_texts_are_found_without_following_links(layers: Layers) -> None:
    root = layers(BASE, UPPER)
    assert root.text("etc/passwd") == "", "hidden"
    assert root.text("etc/group") == GROUP
    assert root.text("gone/x") == ""
    assert root.text("opt/a") == "", "below a directory that starts empty"
    assert root.text("was-folder/x") == "", "below what is a file now"
    hostile = [Raw("etc", type=LINK, link="/etc"), Raw("x", type=LINK, link="/etc/passwd")]
    assert layers(BASE, hostile).text("etc/passwd") == ""
    assert layers(hostile).text("x") == ""
    assert layers(BASE, [Raw(".wh..wh..opq"), Raw("only", b"this")]).text("etc/group") == ""
