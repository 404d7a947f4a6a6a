"""The same inputs give the same image ID and YAML: other directories, umasks, time zones, hash seeds, interpreters."""

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
from tests.walk.conftest import LIGHTWEIGHT, TARGET, Project

PROJECT = Path(__file__).resolve().parents[2]


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
    project.build("--no-push-image")
    other.build("--no-push-image", python=str(python))
    compile_light = ("dsl", "compile", "--py", "light.py", "--output", "light.yaml")
    project.kfp(*compile_light)
    other.kfp(*compile_light, python=str(python))
    assert (project.folder / "light.yaml").read_text() == (other.folder / "light.yaml").read_text()
    assert image_id(project) == image_id(other), f"Python {version} builds another image than {sys.version}"
