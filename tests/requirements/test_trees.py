from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements.trees import Tree


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("pyproject.toml", "src/a.py", "src/sub/b.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def rename(root: Path) -> None:
    (root / "src/a.py").rename(root / "src/c.py")


def link(root: Path) -> None:
    (root / "src/link.py").symlink_to("a.py")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "src/a.py").write_text("other"),
        lambda root: (root / "src/new.py").write_text(""),
        lambda root: (root / "src/a.py").unlink(),
        lambda root: (root / "src/a.py").chmod(0o755),
        rename,
        link,
    ],
)
def test_what_changes_the_digest(project: Path, change: Callable[[Path], object]) -> None:
    before = Tree(project)
    digest = before.digest()
    change(project)
    after = Tree(project)
    assert after.state != before.state
    assert after.digest() != digest


@pytest.mark.parametrize(
    "path",
    [
        ".git/HEAD",
        "src/__pycache__/a.pyc",
        "src/a.pyc",
        ".venv/lib/x.py",
        "env/pyvenv.cfg",
        "env/x.py",
        "x.egg-info/PKG-INFO",
        "build/lib/a.py",
        "dist/x.whl",
        "component_metadata/add.yaml",
        "kfp_config.ini",
    ],
)
def test_what_no_wheel_is_made_of(project: Path, path: str) -> None:
    before = Tree(project)
    if path == "env/x.py":
        (project / "env").mkdir()
        (project / "env/pyvenv.cfg").write_text("")
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("x")
    assert Tree(project).state == before.state


def test_a_directory_called_build_may_be_a_package(project: Path) -> None:
    before = Tree(project).digest()
    (project / "src/build").mkdir()
    (project / "src/build/__init__.py").write_text("")
    assert Tree(project).digest() != before


def test_what_was_just_written_may_change_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes within a tick of the file system's clock look the same."""
    assert not Tree(project).settled
    monkeypatch.setattr("kfp.requirements.trees._SETTLED", -(10**12))
    assert Tree(project).settled


def test_a_file_that_goes_while_it_is_read(project: Path) -> None:
    tree = Tree(project)
    (project / "src/a.py").unlink()
    with pytest.raises(RequirementsError, match=r"a\.py cannot be read"):
        tree.digest()
