from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from kfp.build.base import Base, BasePython
from kfp.errors import BuildError
from kfp.images.digest import sha256
from kfp.images.image import Image
from kfp.images.layer import Layer, build_layer
from kfp.images.media_types import OCI_LAYER
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.build.conftest import PYTHON, python_base

REFERENCE = Reference.parse("localhost/base:1")


def python_of(image: Image, cache: Path) -> BasePython:
    return Base(REFERENCE, image, lambda: image).python(cache)


def with_files(store: Store, *entries: Entry, path: str = "/usr/bin:/bin") -> Image:
    return python_base({"PATH": path}).append(build_layer(entries, store.blobs))


def links(**targets: str) -> list[Entry]:
    return [Entry.symlink(path.replace("__", "/"), target) for path, target in targets.items()]


def programs(*paths: str) -> list[Entry]:
    return [Entry.file(path, b"") for path in paths]


def unread() -> Image:
    pytest.fail("the base's layers were asked for")


@pytest.mark.parametrize(
    ("history", "libc"), [("/bin/sh -c #(nop) ADD file:1 in /", "glibc"), ("ADD alpine-minirootfs-3.20 /", "musl")]
)
def test_official_images_are_read_from_their_configuration(tmp_path: Path, history: str, libc: str) -> None:
    image = python_base()
    image = image.with_config(image.config.with_history(history))
    python = Base(REFERENCE, image, unread).python(tmp_path)
    site_packages = "usr/local/lib/python3.9/site-packages"
    assert python == BasePython("3.9", site_packages, "usr/local", "/usr/local/bin/python3.9", libc)
    assert str(python.target(Platform("linux", "arm64"))) == f"Python 3.9 on linux/arm64 ({libc})"


def test_labels_say_more(tmp_path: Path) -> None:
    image = python_base()
    labels = {"skiff.libc": "glibc-2.36", "skiff.site-packages": "/usr/local/lib/python3.9/dist-packages"}
    python = python_of(image.with_config(image.config.with_labels(labels)), tmp_path)
    assert (python.site_packages, python.libc) == ("usr/local/lib/python3.9/dist-packages", "glibc-2.36")


DEBIAN = [
    *links(usr__bin__python3="python3.11", bin="usr/bin", usr__bin__sh="dash"),
    *programs("usr/bin/python3.11", "usr/lib/python3/dist-packages/x.py", "usr/lib/x86_64-linux-gnu/libc-2.31.so"),
]
CONDA = [
    *links(opt__conda__bin__python3="python3.12"),
    *programs("opt/conda/bin/python3.12", "usr/bin/python3.9", "usr/bin/python3"),
]
VENV = [
    *links(opt__venv__bin__python3="/usr/bin/python3.11", usr__bin__python3="python3.11"),
    *programs("opt/venv/pyvenv.cfg", "usr/bin/python3.11", "usr/lib/python3/dist-packages/x.py"),
]
UNVERSIONED = programs("opt/py/bin/python3", "opt/py/lib/python3.10/os.py", "lib/ld-musl-x86_64.so.1")


@pytest.mark.parametrize(
    ("entries", "path", "expected"),
    [
        (DEBIAN, "/sbin:/bin", ("3.11", "usr/local/lib/python3.11/dist-packages", "/bin/python3", "glibc-2.31")),
        (CONDA, "/opt/conda/bin:/usr/bin", ("3.12", "opt/conda/lib/python3.12/site-packages", "", "glibc")),
        (VENV, "/opt/venv/bin:/usr/bin", ("3.11", "opt/venv/lib/python3.11/site-packages", "", "glibc")),
        (UNVERSIONED, "/opt/py/bin", ("3.10", "opt/py/lib/python3.10/site-packages", "", "musl")),
    ],
)  # fmt: skip
def test_other_images_are_scanned(
    store: Store, tmp_path: Path, entries: list[Entry], path: str, expected: tuple[str, ...]
) -> None:
    version, site_packages, interpreter, libc = expected
    prefix = site_packages.partition("/lib/")[0]
    assert python_of(with_files(store, *entries, path=path), tmp_path) == BasePython(
        version, site_packages, prefix, interpreter or f"/{prefix}/bin/python3", libc
    )


def test_a_base_in_zstd_is_scanned(store: Store, tmp_path: Path) -> None:
    layer = build_layer(DEBIAN, store.blobs, compressor="zstd")
    assert python_of(python_base({"PATH": "/bin"}).append(layer), tmp_path).version == "3.11"


def test_a_scan_is_remembered(store: Store, tmp_path: Path) -> None:
    image = with_files(store, *DEBIAN)
    found = python_of(image, tmp_path)
    assert Base(REFERENCE, image, unread).python(tmp_path) == found


def test_deleted_files_are_gone(store: Store, tmp_path: Path) -> None:
    image = with_files(store, *DEBIAN)
    layer = _whiteout_layer(store, "usr/bin/.wh.python3")
    with pytest.raises(BuildError) as raised:
        python_of(image.append(layer), tmp_path)
    assert "localhost/base:1" in raised.value.message
    assert "kfp image bootstrap" in str(raised.value)


def test_a_python_elsewhere_on_the_path_is_not_trusted(store: Store, tmp_path: Path) -> None:
    """Red Hat's images state PYTHON_VERSION as well, and keep Python in an environment."""
    image = with_files(store, *VENV, path="/opt/venv/bin:/usr/bin")
    image = image.with_config(image.config.with_env({"PYTHON_VERSION": PYTHON["PYTHON_VERSION"]}))
    assert python_of(image, tmp_path).version == "3.11"


def _whiteout_layer(store: Store, path: str) -> Layer:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(path))
    descriptor = store.blobs.put(data.getvalue(), OCI_LAYER)
    return Layer(descriptor, sha256(data.getvalue()), store.blobs)
