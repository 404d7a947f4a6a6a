"""Which file of a directory counts, and that a lock is installed exactly as it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import uv

from kfp.errors import RequirementsError
from kfp.requirements import Layout, Libc, Lock, Requirement, Target, install, lock, read_declared
from tests.requirements.projects import BUILD_SYSTEM, project_files, write_project, write_sdist
from tests.requirements.wheels import write_wheel

TARGET = Target("3.9", "linux", "arm64", Libc("glibc", (2, 36)))
LAYOUT = Layout("usr/lib/python3.9/site-packages", "usr", "/usr/bin/python3.9")
PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["tiny"]\n'


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def locked(folder: Path, *requirements: str | Requirement, target: Target = TARGET) -> Lock:
    return lock(requirements, target, cache=folder.parent / "locks", declared=read_declared(folder))


def names(found: Lock) -> list[str]:
    return [str(package) for package in found.packages]


def uv_lock(folder: Path) -> None:
    subprocess.run([uv.find_uv_bin(), "--quiet", "lock", "--no-index"], cwd=folder, check=True)


def pylock(*tables: str, header: str = "") -> str:
    return "\n".join(['lock-version = "1.0"', 'created-by = "hand"', header, *tables])


def wheel_table(wheel: Path, name: str, version: str, *, marker: str = "", digest: str = "") -> str:
    found = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
    more = f"marker = {marker!r}\n" if marker else ""
    return (
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more}'
        f'wheels = [{{ url = "{wheel.as_uri()}", hashes = {{ sha256 = "{found}" }} }}]\n'
    )


@pytest.mark.parametrize(
    ("files", "counts", "passed_over"),
    [
        ({}, None, ()),
        ({"pyproject.toml": "[tool.ruff]\n"}, None, ()),
        ({"uv.lock": ""}, None, ()),
        ({"pyproject.toml": PROJECT}, "pyproject.toml", ()),
        ({"pyproject.toml": PROJECT, "requirements.txt": ""}, "requirements.txt", ("pyproject.toml",)),
        ({"pyproject.toml": PROJECT, "uv.lock": "", "requirements.txt": ""}, "uv.lock", ("requirements.txt",)),
        (
            {"pyproject.toml": PROJECT, "uv.lock": "", "pylock.toml": "", "requirements.txt": ""},
            "pylock.toml",
            ("uv.lock", "requirements.txt"),
        ),
    ],
)
def test_the_most_exact_file_counts(
    tmp_path: Path, files: dict[str, str], counts: str | None, passed_over: tuple[str, ...]
) -> None:
    found = read_declared(write(tmp_path, files))
    assert found.file == (tmp_path / counts if counts else None)
    assert found.passed_over == passed_over
    assert found.empty == (counts in {None, "requirements.txt"})


@pytest.mark.usefixtures("no_uv")
def test_a_directory_that_says_nothing_starts_no_process(tmp_path: Path) -> None:
    assert locked(write(tmp_path / "src", {"a.py": ""})).packages == ()


def test_requirements_txt(wheels: Path, tmp_path: Path) -> None:
    for version in ("1.0", "1.1", "2.0"):
        write_wheel(wheels, "tiny", version)
    write_wheel(wheels, "other")
    files = {"requirements.txt": "tiny\nkfp==2.17\n-c limits.txt\n", "limits.txt": "tiny<2\n"}
    folder = write(tmp_path / "src", files)
    assert names(locked(folder, "other")) == ["other==1.0", "tiny==1.1"]
    write(folder, {"limits.txt": "tiny<1.1\n"})
    assert names(locked(folder, "other")) == ["other==1.0", "tiny==1.0"]
    with pytest.raises(RequirementsError, match=r"tiny>=2 \(component x\) and tiny<1\.1 \(limits\.txt:1\)"):
        locked(folder, Requirement("tiny>=2", "component x"))


def test_hashes_of_requirements_txt_hold(wheels: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(write_wheel(wheels).read_bytes()).hexdigest()
    folder = write(tmp_path / "src", {"requirements.txt": f"tiny==1.0 --hash=sha256:{digest}\n"})
    assert names(locked(folder)) == ["tiny==1.0"]
    write(folder, {"requirements.txt": f"tiny==1.0 --hash=sha256:{'0' * 64}\n"})
    with pytest.raises(RequirementsError, match=r"tiny==1\.0 has another hash than requirements\.txt:1 states"):
        locked(folder)


def test_find_links_of_requirements_txt(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("UV_FIND_LINKS")
    folder = write(tmp_path / "src", {"requirements.txt": "--no-index\n-f wheels\ntiny\n"})
    write_wheel(folder / "wheels")
    assert wheels.is_dir()
    assert names(locked(folder)) == ["tiny==1.0"]


def test_pylock_is_installed_as_it_is(wheels: Path, tmp_path: Path) -> None:
    """Newer versions are there, and markers are the target's, not this machine's."""
    old = write_wheel(wheels, "tiny", "1.0")
    write_wheel(wheels, "tiny", "2.0")
    arm = write_wheel(wheels, "arm")
    intel = write_wheel(wheels, "intel")
    text = pylock(
        wheel_table(old, "tiny", "1.0"),
        wheel_table(arm, "arm", "1.0", marker="platform_machine == 'aarch64' and python_version < '3.10'"),
        wheel_table(intel, "intel", "1.0", marker="platform_machine == 'x86_64'"),
        wheel_table(intel, "kfp", "2.17"),
        wheel_table(intel, "extra", "1", marker="'docs' in extras or 'dev' in dependency_groups"),
    )
    folder = write(tmp_path / "src", {"pylock.toml": text})
    found = locked(folder)
    assert names(found) == ["arm==1.0", "tiny==1.0"]
    assert names(locked(folder, target=Target("3.11"))) == ["intel==1.0", "tiny==1.0"]
    (tmp_path / "staging").mkdir()
    installed = install(found.packages, TARGET, LAYOUT, staging=tmp_path / "staging")
    assert [(each.name, each.version) for each in installed] == [("arm", "1.0"), ("tiny", "1.0")]


@pytest.mark.usefixtures("no_uv")
def test_a_lock_that_says_everything_starts_no_process(wheels: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "src", {"pylock.toml": pylock(wheel_table(write_wheel(wheels), "tiny", "1.0"))})
    assert names(locked(folder, "tiny>=1", "kfp")) == ["tiny==1.0"]


def test_the_wheel_of_a_lock_is_the_targets(wheels: Path, tmp_path: Path) -> None:
    tags = (
        "cp39-cp39-manylinux_2_17_x86_64",
        "cp39-cp39-manylinux_2_17_aarch64",
        "cp39-cp39-manylinux_2_35_aarch64",
        "cp39-cp39-manylinux_2_39_aarch64",
        "cp39-cp39-musllinux_1_1_aarch64",
        "cp310-cp310-manylinux_2_17_aarch64",
    )
    files = ", ".join(
        f'{{ url = "{path.as_uri()}", hashes = {{ sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}" }} }}'
        for path in (write_wheel(wheels, "bin", tag=tag) for tag in tags)
    )
    text = pylock(f'[[packages]]\nname = "bin"\nversion = "1.0"\nwheels = [{files}]')
    folder = write(tmp_path / "src", {"pylock.toml": text})
    assert locked(folder).packages[0].url.endswith(tags[2] + ".whl")
    musl = Target("3.9", "linux", "arm64", Libc("musl"))
    assert locked(folder, target=musl).packages[0].url.endswith(tags[4] + ".whl")
    with pytest.raises(RequirementsError) as raised:
        locked(folder, target=Target("3.12", "linux", "arm64"))
    for words in ("bin==1.0 has no wheel for Python 3.12 on linux/arm64", "pylock.toml", tags[5]):
        assert words in raised.value.message
    assert "--platform" in str(raised.value.hint)


def test_hashes_of_a_lock_hold(wheels: Path, tmp_path: Path) -> None:
    text = pylock(wheel_table(write_wheel(wheels), "tiny", "1.0", digest="0" * 64))
    found = locked(write(tmp_path / "src", {"pylock.toml": text}))
    (tmp_path / "staging").mkdir()
    with pytest.raises(RequirementsError, match=r"(?s)tiny==1\.0.*Hash mismatch"):
        install(found.packages, TARGET, LAYOUT, staging=tmp_path / "staging")


def test_source_distributions_of_a_lock_are_built(wheels: Path, tmp_path: Path) -> None:
    sdist = write_sdist(wheels, "pure")
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    text = pylock(f'[[packages]]\nname = "pure"\nsdist = {{ path = "{sdist}", hashes = {{ sha256 = "{digest}" }} }}')
    found = locked(write(tmp_path / "src", {"pylock.toml": text}))
    (tmp_path / "staging").mkdir()
    (pure,) = install(found.packages, TARGET, LAYOUT, staging=tmp_path / "staging")
    assert (pure.name, pure.version) == ("pure", "1.0")


def test_components_add_to_a_lock(wheels: Path, tmp_path: Path) -> None:
    """What they want besides agrees with what is locked, and does not move it."""
    old = write_wheel(wheels, "tiny", "1.0")
    write_wheel(wheels, "tiny", "2.0")
    write_wheel(wheels, "app", "1.0", requires=("tiny",))
    write_wheel(wheels, "app", "2.0", requires=("tiny>=2",))
    folder = write(tmp_path / "src", {"pylock.toml": pylock(wheel_table(old, "tiny", "1.0"))})
    assert names(locked(folder, "app")) == ["app==1.0", "tiny==1.0"]
    with pytest.raises(RequirementsError) as raised:
        locked(folder, Requirement("tiny>=2", "component train in a.py:3"))
    for words in ("tiny>=2 (component train in a.py:3)", "pylock.toml has locked tiny==1.0"):
        assert words in raised.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("oh no", "pylock.toml cannot be read"),
        ('lock-version = "2.0"', "no lock file of version 1"),
        ("", "no lock file of version 1"),
        (pylock(header='requires-python = ">=3.12"'), r"for Python >=3\.12, and the base image has Python 3\.9"),
        (pylock(header='requires-python = "no"'), "malformed requires-python"),
        (pylock("[[packages]]\nversion = '1'"), "malformed entry"),
        (pylock("[[packages]]\nname = 'x'\nmarker = '?'"), "malformed entry"),
        (pylock("[[packages]]\nname = 'x'\nwheels = [{ url = 'https://h/x-1-py3-none-any.whl' }]"), "no hash"),
        (pylock("[[packages]]\nname='x'\nversion='1'\n[[packages]]\nname='x'\nversion='1'"), "x==1 has no wheel"),
    ],
)
def test_locks_that_are_none(tmp_path: Path, text: str, says: str) -> None:
    folder = write(tmp_path / "src", {"pylock.toml": text})
    with pytest.raises(RequirementsError, match=says):
        locked(folder)


def test_uv_lock_is_installed_as_it_is(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "tiny", "1.0")
    write_wheel(wheels, "linter")
    groups = '\n[dependency-groups]\ndev = ["linter"]\n'
    folder = write(tmp_path / "src", {"pyproject.toml": PROJECT + groups})
    uv_lock(folder)
    write_wheel(wheels, "tiny", "2.0")
    assert names(locked(folder)) == ["tiny==1.0"]
    assert names(locked(folder, target=Target("3.12"))) == ["tiny==1.0"]


def test_what_a_uv_lock_has_for_kfps_sake_is_left_out(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "kfp", "2.17", requires=("client", "tiny"))
    write_wheel(wheels, "plugin", requires=("kfp", "shared"))
    for name in ("client", "tiny", "shared"):
        write_wheel(wheels, name)
    folder = write(tmp_path / "src", {"pyproject.toml": PROJECT.replace('"tiny"', '"tiny", "kfp", "plugin"')})
    uv_lock(folder)
    assert names(locked(folder)) == ["plugin==1.0", "shared==1.0", "tiny==1.0"]


def test_a_uv_lock_that_is_out_of_date(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "tiny", "1.0")
    write_wheel(wheels, "other")
    folder = write(tmp_path / "src", {"pyproject.toml": PROJECT})
    uv_lock(folder)
    write(folder, {"pyproject.toml": PROJECT.replace('"tiny"', '"tiny", "other"')})
    with pytest.raises(RequirementsError, match=r"uv\.lock is out of date with pyproject\.toml") as raised:
        locked(folder)
    assert raised.value.hint == "run `uv lock`"


def test_the_project_itself_and_its_workspace(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels, "tiny", "1.0")
    root = tmp_path / "root"
    write(root, {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/a*", "packages/lib"]\n'})
    sources = "[tool.uv.sources]\nlib = { workspace = true }\n"
    folder = write_project(root / "packages/app", "app", requires=("lib", "tiny"), settings=sources)
    write_project(root / "packages/lib", "lib", "2.0")
    uv_lock(folder)
    assert not (folder / "uv.lock").exists()
    found = locked(folder)
    assert names(found) == ["app==1.0", "lib==2.0", "tiny==1.0"]
    assert not [path for path in folder.rglob("*") if path.name in {"build", "dist"} or path.suffix == ".egg-info"]
    for path in root.rglob("*"):
        os.utime(path, (1, 1))
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(tmp_path / "there-is-no-uv"))
    assert locked(folder) == found


def test_a_directory_that_is_no_member_has_no_lock(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["other"]\n', "uv.lock": ""})
    found = read_declared(write(tmp_path / "src", {"pyproject.toml": PROJECT}))
    assert (found.lock, found.pyproject) == (None, tmp_path / "src/pyproject.toml")


def test_a_project_without_a_lock(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    folder = write(tmp_path / "src", {"pyproject.toml": PROJECT})
    assert names(locked(folder)) == ["tiny==1.0"]
    write(folder, project_files("app", requires=("tiny",)))
    assert names(locked(folder)) == ["app==1.0", "tiny==1.0"]
    write(folder, {"pyproject.toml": f"{PROJECT}\n{BUILD_SYSTEM}\n[tool.uv]\npackage = false\n"})
    assert names(locked(folder)) == ["tiny==1.0"]
