from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Indexes, Libc, Requirement, Target, lock
from tests.requirements.wheels import write_wheel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TARGET = Target("3.9", "linux", "arm64", Libc("glibc", (2, 36)))


def test_versions_markers_and_hashes_are_the_targets(wheels: Path, tmp_path: Path) -> None:
    """An installer that evaluates markers on this machine would choose `new`; the C library decides about `bin`."""
    write_wheel(wheels, "app", requires=("old ; python_version < '3.10'", "new ; python_version >= '3.10'", "bin"))
    write_wheel(wheels, "old")
    write_wheel(wheels, "new")
    write_wheel(wheels, "bin", "1.0", tag="cp39-cp39-manylinux_2_17_aarch64")
    chosen = write_wheel(wheels, "bin", "1.1", tag="cp39-cp39-manylinux_2_35_aarch64")
    write_wheel(wheels, "bin", "1.2", tag="cp39-cp39-manylinux_2_39_aarch64")
    write_wheel(wheels, "bin", "1.3", tag="cp39-cp39-manylinux_2_17_x86_64")
    found = lock(["app"], TARGET, cache=tmp_path / "locks")
    assert [str(package) for package in found.packages] == ["app==1.0", "bin==1.1", "old==1.0"]
    assert f"sha256:{hashlib.sha256(chosen.read_bytes()).hexdigest()}" in found.packages[1].hashes
    assert [table["name"] for table in tomllib.loads(found.text)["packages"]] == ["app", "bin", "old"]


def test_the_same_requirements_start_no_process(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    first = lock(["tiny"], TARGET, cache=tmp_path / "locks")
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(tmp_path / "there-is-no-uv"))
    assert lock([" tiny", "kfp"], TARGET, cache=tmp_path / "locks") == first
    for changed in (Target("3.10"), TARGET):
        with pytest.raises(RequirementsError, match="uv does not start"):
            lock(["tiny"], changed, cache=tmp_path / "locks", refresh=changed is TARGET)


@pytest.mark.usefixtures("no_uv")
def test_nothing_to_lock_starts_no_process(tmp_path: Path) -> None:
    assert lock(["kfp==2.17", ""], TARGET, cache=tmp_path / "locks").packages == ()
    assert not (tmp_path / "locks").exists()


def test_kfp_is_not_installed_for_those_who_depend_on_it(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "plugin", requires=("kfp>=2", "tiny"))
    write_wheel(wheels)
    write_wheel(wheels, "kfp", "2.17")
    packages = lock(["plugin"], TARGET, cache=tmp_path / "locks").packages
    assert [package.name for package in packages] == ["plugin", "tiny"]


def test_a_wheel_named_by_its_address(wheels: Path, tmp_path: Path) -> None:
    wheel = write_wheel(wheels, "tiny", "3.4")
    (package,) = lock([f"tiny @ {wheel.as_uri()}"], TARGET, cache=tmp_path / "locks").packages
    assert str(package) == "tiny==3.4"
    assert package.hashes


def test_keys_tell_packages_and_targets_apart(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    write_wheel(wheels, "other")
    both = lock(["tiny", "other"], TARGET, cache=tmp_path / "locks")
    elsewhere = lock(["tiny", "other"], Target("3.12"), cache=tmp_path / "locks")
    assert len({both.key(), both.key(both.packages[:1]), elsewhere.key()}) == 3


def test_no_wheel_for_the_target(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "bin", "1.5", tag="cp39-cp39-manylinux_2_17_x86_64")
    with pytest.raises(RequirementsError) as raised:
        lock(["bin==1.5"], TARGET, cache=tmp_path / "locks")
    for words in ("bin==1.5", "Python 3.9", "linux/arm64", "glibc-2.36"):
        assert words in raised.value.message
    assert raised.value.hint is not None
    assert "--find-links" in raised.value.hint
    assert "base image" in raised.value.hint
    assert not list(tmp_path.glob("locks/*"))


@pytest.mark.parametrize(
    ("requirement", "says"), [("absent-package", "absent-package"), ("tiny>9", "tiny>9"), ("tiny ??", r"tiny \?\?")]
)
def test_unsatisfiable(wheels: Path, tmp_path: Path, requirement: str, says: str) -> None:
    write_wheel(wheels)
    with pytest.raises(RequirementsError, match=says):
        lock([requirement], TARGET, cache=tmp_path / "locks")


def test_an_index_that_does_not_answer(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wheels
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(RequirementsError) as raised:
        lock(["tiny"], TARGET, cache=tmp_path / "locks", indexes=Indexes(("http://ada:lace@127.0.0.1:9/simple",)))
    assert "127.0.0.1:9" in raised.value.message
    assert "lace" not in str(raised.value)
    assert raised.value.hint is not None
    assert "index" in raised.value.hint


@pytest.mark.parametrize("line", ["tiny @ http://ada:lace@127.0.0.1:9/tiny-1.0-py3-none-any.whl", "tiny>9"])
def test_credentials_are_told_to_nobody(
    wheels: Path, tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wheels.is_dir()
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    other = Requirement("other @ http://ada:lace@127.0.0.1:9/other-1.0-py3-none-any.whl", "component add in a.py:3")
    with pytest.raises(RequirementsError) as raised:
        lock([line, other], TARGET, cache=tmp_path / "locks")
    assert "lace" not in str(raised.value)
    assert "127.0.0.1:9" in str(raised.value)
