"""The same inputs give the same image and YAML: other directories, umasks, time zones, hash seeds, interpreters.

The image's ID is the same in any case; with `--portable` every byte is, and so the manifest's digest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.parts.interpreters import interpreters
from tests.parts.processes import missing
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import LIGHTWEIGHT, TARGET, Project

PROJECT = Path(__file__).resolve().parents[2]


PACKAGED = """\
from kfp import dsl


@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install={packages!r})
def add(a: int, b: int) -> int:
    return a + b
"""


def image_id(project: Project) -> str:
    images = project.data("image", "list")
    assert isinstance(images, list)
    (found,) = [image["id"] for image in images if image["name"] == TARGET]
    return str(found)


def twin(project: Project, folder: Path) -> Project:
    """Return a copy of the project and of its base image, elsewhere."""
    shutil.copytree(project.folder, folder / "elsewhere/work", symlinks=True)
    shutil.copytree(project.home, folder / "home")
    return Project(folder / "elsewhere/work", folder / "home")


def archive(project: Project) -> bytes:
    """Return the image as an OCI archive: manifest, configuration and layers, as a registry would have them."""
    project.kfp("image", "save", TARGET, "-o", "image.tar", "--format", "oci")
    return (project.folder / "image.tar").read_bytes()


@pytest.fixture
def packaged(project: Project, base_image: str, wheels: Path) -> Project:
    """A project with packages enough for a layer of several."""
    names = [f"part{number}" for number in range(10)]
    for name in names:
        scripts = {name: f"{name}:run"}
        write_wheel(wheels, name, files={f"{name}.py": "#" * 900, f"space/{name}.py": "run = print\n"}, scripts=scripts)
    project.write({"src/my_component.py": PACKAGED.format(base=base_image, target=TARGET, packages=names)})
    return project


def test_a_portable_image_is_the_same_in_other_circumstances(packaged: Project, tmp_path: Path) -> None:
    other = twin(packaged, tmp_path / "twin")
    packaged.build("--no-push-image", "--portable", TZ="UTC", PYTHONHASHSEED="1", LC_ALL="C")
    # What lies in the caches already, and in which order it came there, decides about nothing.
    before = os.umask(0o077)
    try:
        other.build("--no-push-image", TZ="Asia/Tokyo", PYTHONHASHSEED="2", LC_ALL="C.UTF-8")
        other.build("--no-push-image", "--portable", TZ="Asia/Tokyo", PYTHONHASHSEED="3", LC_ALL="C.UTF-8")
    finally:
        os.umask(before)
    assert archive(packaged) == archive(other)


def test_other_circumstances(project: Project, tmp_path: Path) -> None:
    other = twin(project, tmp_path / "twin")
    for path in sorted((other.folder / "src").rglob("*")):
        path.chmod(0o640)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    project.build("--no-push-image", TZ="UTC", PYTHONHASHSEED="1", LC_ALL="C")
    before = os.umask(0o077)
    try:
        other.build("--no-push-image", TZ="Asia/Tokyo", PYTHONHASHSEED="2", LC_ALL="C.UTF-8")
    finally:
        os.umask(before)
    assert image_id(project) == image_id(other)


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_other_interpreters(project: Project, base_image: str, version: str, tmp_path: Path) -> None:
    found = interpreters().get(version)
    if found is None:
        missing(f"no Python {version} on this machine")
    project.write({"light.py": LIGHTWEIGHT.format(base=base_image)})
    other = twin(project, tmp_path / "twin")
    environment = tmp_path / "environment"
    command = uv.find_uv_bin()
    subprocess.run([command, "venv", "-q", "--python", str(found), str(environment)], check=True)
    python = environment / "bin/python"
    subprocess.run([command, "pip", "install", "-q", "--python", str(python), "-e", str(PROJECT)], check=True)
    project.build("--no-push-image", "--portable")
    other.build("--no-push-image", "--portable", python=str(python))
    compile_light = ("dsl", "compile", "--py", "light.py", "--output", "light.yaml")
    project.kfp(*compile_light)
    other.kfp(*compile_light, python=str(python))
    assert (project.folder / "light.yaml").read_text() == (other.folder / "light.yaml").read_text()
    assert archive(project) == archive(other)
    assert image_id(project) == image_id(other), f"Python {version} builds another image than {sys.version}"
