"""`kfp component build` and where its packages come from, as a user sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, component, python_base
from tests.requirements.wheels import write_wheel


@pytest.fixture
def folder(kfp_home: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A component directory that wants the package `tiny`; no index, and no wheels but those that are named."""
    assert wheels.is_dir()
    monkeypatch.delenv("UV_FIND_LINKS")
    Store(kfp_home / "images").put(python_base(), Reference.parse(BASE))
    made = tmp_path / "src"
    made.mkdir()
    (made / "a.py").write_text(component())
    (made / "requirements.txt").write_text("tiny\n")
    return made


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kfp.cli", "component", "build", str(folder), "--no-push-image", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder.parent)


def packages(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)[0]["platforms"][0]["packages"]
    return found


def test_find_links_is_relative_to_where_the_user_is(folder: Path) -> None:
    write_wheel(folder.parent / "links")
    done = build(folder, "--find-links", "links", "--output", "json")
    assert packages(done) == ["tiny==1.0"]
    assert "packages from src/requirements.txt" in done.stderr


def test_versions_move_with_upgrade_alone(folder: Path) -> None:
    """The list, and what `--find-links` names, are what they were; only the file behind a link is another."""
    links = folder.parent / "links"
    page = links / "index.html"
    for version in ("1.0", "2.0"):
        wheel = write_wheel(links / version, version=version)
        page.write_text(f"<a href='{wheel.as_uri()}'>{wheel.name}</a>")
        named = ("--find-links", page.as_uri(), "--output", "json")
        assert packages(build(folder, *named)) == ["tiny==1.0"]
    assert packages(build(folder, *named, "--upgrade")) == ["tiny==2.0"]


def test_what_cannot_be_found_is_told_with_its_line(folder: Path) -> None:
    done = build(folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "tiny (requirements.txt:1)" in done.stderr
