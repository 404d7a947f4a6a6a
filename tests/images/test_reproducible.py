"""The same files give the same image ID on every Python, umask, locale, time zone and hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.interpreters import interpreters

ROOT = Path(__file__).parents[2]

SCRIPT = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[2], 8))
from kfp.images.config import timestamp
from kfp.images.image import scratch
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.store import Store
from kfp.images.tar import Entry
root = Path(sys.argv[1])
names = {"a", "größe", "z" * 150, "run", "sub/file", "日本"}
for name in names:
    path = root / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(name.encode() * 1000)
(root / "files" / "run").chmod(0o700)
entries = [Entry.copy(name, root / "files" / name) for name in names]
layer = build_layer(entries, Store(root / "store").blobs, mtime=1700000000)
image = scratch(Platform("linux", "amd64"), created=timestamp(1700000000)).append(layer)
print(image.with_config(image.config.with_env({"B": "1", "A": "2"}).with_labels({n: n for n in names})).id)
"""
EXPECTED = "sha256:65a27d07cd0cfbea3848595961ee942ead8dc42b22344311e5d063ebb91413c1"

SETTINGS = [
    ("022", {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}),
    ("077", {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}),
]


def image_id(python: Path | str, folder: Path, umask: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [python, "-c", SCRIPT, folder, umask],
        env={**os.environ, **env, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
        if python == sys.executable
        else {**os.environ, **env, "PYTHONPATH": str(ROOT / "src")},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("umask", "env"), SETTINGS)
def test_this_python(tmp_path: Path, umask: str, env: dict[str, str]) -> None:
    assert image_id(sys.executable, tmp_path, umask, env) == EXPECTED


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_every_python_that_is_here(tmp_path: Path, version: str) -> None:
    """Without isal, which these interpreters need not have: the ID does not depend on the compressor."""
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    umask, env = SETTINGS[1]
    assert image_id(python, tmp_path, umask, env) == EXPECTED
