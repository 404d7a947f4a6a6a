"""Projects on this machine as requirements: `-e .`, `./lib`, `lib @ file:…` and what their sources tables name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Distribution, Layout, Lock, Requirement, Target, absolute, install, lock, read_declared
from tests.parts.processes import require
from tests.requirements.projects import write_project, write_sdist
from tests.requirements.wheels import write_wheel

TARGET = Target("3.9", "linux", "arm64")
LAYOUT = Layout("lib/python3.9/site-packages", "usr", "/usr/bin/python3.9")


def locked(root: Path, *lines: str) -> Lock:
    wanted = [Requirement(absolute(line, root), "component add in a.py:3") for line in lines]
    return lock(wanted, TARGET, cache=root.parent / "locks", declared=read_declared(root))


def installed(root: Path, found: Lock) -> dict[str, Distribution]:
    staging = root.parent / f"staging-{len(list(root.parent.glob('staging-*')))}"
    staging.mkdir()
    return {each.name: each for each in install(found.packages, TARGET, LAYOUT, staging=staging)}


def contents(distribution: Distribution, path: str) -> bytes:
    (file,) = [file for file in distribution.files if file.path == f"{LAYOUT.site_packages}/{path}"]
    return file.source if isinstance(file.source, bytes) else file.source.read_bytes()


def settle(root: Path) -> None:
    """Give all files the age at which their times are trusted."""
    for path in root.rglob("*"):
        os.utime(path, (1, 1))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "line", ["./lib", "-e ./lib", "lib @ file:lib", "lib @ file://{root}/lib", "{root}/lib", "lib/"]
)
def test_a_path_is_a_wheel_of_what_lies_there(wheels: Path, root: Path, line: str) -> None:
    write_wheel(wheels)
    write_project(root / "lib", "lib", "1.5", requires=("tiny", "kfp"), files={"lib.py": "X = 1\n"})
    found = locked(root, line.format(root=root))
    assert [str(package) for package in found.packages] == ["lib==1.5", "tiny==1.0"]
    files = installed(root, found)["lib"]
    assert contents(files, "lib.py") == b"X = 1\n"
    assert not any("direct_url" in file.path for file in files.files)


def test_extras_and_markers(wheels: Path, root: Path) -> None:
    write_wheel(wheels)
    write_project(root / "not", "not_here")
    write_project(root / "lib", "lib", provides={"more": ("tiny",)})
    assert [str(each) for each in locked(root, "./not ; python_version > '3.9'", "./lib").packages] == ["lib==1.0"]
    assert [str(each) for each in locked(root, "./lib[more]").packages] == ["lib==1.0", "tiny==1.0"]


def test_nothing_changed_starts_no_process(wheels: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    write_project(root / "lib", "lib", requires=("tiny",))
    monkeypatch.setattr("kfp.requirements.trees._SETTLED", -(10**12))
    first = locked(root, "./lib")
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    monkeypatch.setattr("kfp.requirements.trees.Tree.digest", lambda _: pytest.fail("the files were read again"))
    assert locked(root, "./lib") == first


def test_a_touched_file_is_read_again_and_no_more(wheels: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wheels.is_dir()
    write_project(root / "lib", "lib")
    first = locked(root, "./lib")
    settle(root)
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    assert locked(root, "./lib") == first


def test_a_changed_file_is_another_wheel_and_moves_no_version(wheels: Path, root: Path) -> None:
    write_wheel(wheels)
    write_project(root / "lib", "lib", requires=("tiny",), files={"lib.py": "X = 1\n", "gone.py": ""})
    first = locked(root, "./lib")
    write_wheel(wheels, "tiny", "2.0")
    write_project(root / "lib", "lib", requires=("tiny",), files={"lib.py": "X = 2\n"})
    (root / "lib/src/gone.py").unlink()
    second = locked(root, "./lib")
    assert first.key() != second.key()
    files = installed(root, second)["lib"]
    assert contents(files, "lib.py") == b"X = 2\n"
    assert not [file for file in files.files if "gone" in file.path]


def test_the_same_files_give_the_same_wheel_wherever_they_lie(wheels: Path, tmp_path: Path) -> None:
    assert wheels.is_dir()
    keys = set()
    for place, mode in (("one", 0o600), ("two", 0o664)):
        root = tmp_path / place / "src"
        write_project(root / "lib", "lib")
        for path in root.rglob("*.py"):
            path.chmod(mode)
        keys.add(locked(root, "./lib").key())
    assert len(keys) == 1


def test_what_sources_tables_name_is_never_taken_from_an_index(wheels: Path, root: Path) -> None:
    """A package of the same name on an index is somebody else's."""
    write_wheel(wheels, "lib", "99")
    settings = '[tool.uv.sources]\nlib = { path = "../lib" }\n'
    write_project(root / "app", "app", requires=("lib",), settings=settings)
    write_project(root / "lib", "lib", "1.0")
    found = locked(root, "-e ./app")
    assert [str(each) for each in found.packages] == ["app==1.0", "lib==1.0"]
    assert set(installed(root, found)) == {"app", "lib"}


@pytest.mark.parametrize("name", ["kfp", "kfp-skiff"])
def test_a_checkout_of_kfp_itself_is_not_installed(wheels: Path, root: Path, name: str) -> None:
    write_wheel(wheels)
    write_project(root / "sdk", name.replace("-", "_"))
    assert [str(each) for each in locked(root, "-e ./sdk", "tiny").packages] == ["tiny==1.0"]


def test_a_wheel_or_source_distribution_by_its_path(wheels: Path, root: Path) -> None:
    assert wheels.is_dir()
    write_wheel(root / "dist", "tiny", "3.0")
    write_sdist(root / "dist", "pure", "2.0")
    found = locked(root, "./dist/tiny-3.0-py3-none-any.whl", "pure @ file:dist/pure-2.0.tar.gz")
    assert [str(each) for each in found.packages] == ["pure==2.0", "tiny==3.0"]
    assert set(installed(root, found)) == {"pure", "tiny"}


def test_a_repository(wheels: Path, root: Path, tmp_path: Path) -> None:
    require("git", "git")
    assert wheels.is_dir()
    repository = write_project(tmp_path / "repository", "lib", "4.0")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=x"]):
        subprocess.run([*git, *command], cwd=repository, check=True)
    found = locked(root, f"lib @ git+file://{repository}")
    assert [str(each) for each in found.packages] == ["lib==4.0"]
    assert installed(root, found)["lib"].version == "4.0"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("./absent", r"absent is no Python project.* \(component add in a\.py:3\)"),
        ("./native", r"native has code for one platform only.*cp311-cp311-linux_x86_64\.whl \(component add"),
        ("./broken", r"cannot build a wheel of .*broken.* \(component add in a\.py:3\)"),
        ("other @ file:lib", "is wanted as other, and is called lib"),
    ],
)
def test_errors(wheels: Path, root: Path, line: str, says: str) -> None:
    assert wheels.is_dir()
    write_project(root / "lib", "lib")
    write_project(root / "native", "native", tag="cp311-cp311-linux_x86_64")
    write_project(root / "broken", "broken")
    (root / "broken/backend.py").write_text("raise ValueError('oh no')")
    with pytest.raises(RequirementsError, match=says):
        locked(root, line)
