"""A component directory, a store, and a base image that is nothing but a configuration."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kfp.images.image import Image, scratch
from kfp.images.layer import Layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store

BASE = "localhost/base:1"
TARGET = "localhost:5000/project/image:v1"
PYTHON = {"PATH": "/usr/local/bin:/usr/bin", "PYTHON_VERSION": "3.9.18"}

COMPONENT = """\
from kfp import dsl


@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install={packages!r})
def {name}(a: int) -> int:
    return a
"""


def component(name: str = "add", *, base: str = BASE, target: str = TARGET, packages: tuple[str, ...] = ()) -> str:
    """Return the source of a component."""
    return COMPONENT.format(name=name, base=base, target=target, packages=list(packages))


Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def source(tmp_path: Path) -> Write:
    """Writes files into a component directory and returns it."""

    def write(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "src"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write


def python_base(env: Mapping[str, str] = PYTHON, platform: Platform = Platform("linux", "amd64")) -> Image:  # noqa: B008 a value
    """Return an image without layers whose environment says that it has Python."""
    image = scratch(platform)
    return image.with_config(image.config.with_env(env))


@pytest.fixture
def store(kfp_home: Path) -> Store:
    """A store that holds the base image."""
    made = Store(kfp_home / "images")
    made.put(python_base(), Reference.parse(BASE))
    return made


def files_of(layer: Layer) -> dict[str, tarfile.TarInfo]:
    """Return the entries of a layer by path, without those of directories."""
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        return {member.name: member for member in archive if not member.isdir()}


def texts_of(layer: Layer) -> dict[str, str]:
    """Return the files of a layer with their contents."""
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        return {
            member.name: (archive.extractfile(member) or stream).read().decode()
            for member in archive
            if member.isfile()
        }
