"""Packages without a wheel: built where that makes a wheel for every platform, refused with one error otherwise."""

from __future__ import annotations

from pathlib import Path

import packaging.tags
import pytest

from kfp.errors import RequirementsError
from kfp.requirements import Distribution, Layout, Libc, Target, install, lock
from tests.requirements.projects import write_sdist
from tests.requirements.wheels import write_wheel

TARGET = Target("3.9", "linux", "arm64", Libc("glibc", (2, 36)))
LAYOUT = Layout("usr/lib/python3.9/site-packages", "usr", "/usr/bin/python3.9")


def installed(folder: Path, *requirements: str) -> tuple[Distribution, ...]:
    locked = lock(requirements, TARGET, cache=folder / "locks")
    return install(locked.packages, TARGET, LAYOUT, staging=folder / "staging")


def test_a_pure_source_distribution_is_built(wheels: Path, tmp_path: Path) -> None:
    write_sdist(wheels, "pure", "1.2", requires=("tiny",))
    write_wheel(wheels)
    pure, tiny = installed(tmp_path, "pure")
    assert (pure.name, pure.version, tiny.name) == ("pure", "1.2", "tiny")
    assert f"{LAYOUT.site_packages}/pure/__init__.py" in {file.path for file in pure.files}


def test_one_that_something_else_depends_on(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "app", requires=("pure", "other"))
    write_sdist(wheels, "pure")
    write_sdist(wheels, "other")
    assert [each.name for each in installed(tmp_path, "app")] == ["app", "other", "pure"]


def test_a_wheel_of_an_older_version_is_better_than_building(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "both", "1.0")
    write_sdist(wheels, "both", "2.0")
    (both,) = lock(["both"], TARGET, cache=tmp_path / "locks").packages
    assert (str(both), both.built) == ("both==1.0", False)


@pytest.mark.parametrize("target", [TARGET, Target.host()], ids=["elsewhere", "here"])
def test_one_that_is_compiled_is_refused(wheels: Path, tmp_path: Path, target: Target) -> None:
    """What was compiled here runs with this machine's libraries; nobody knows whether the image has them."""
    tag = str(next(iter(packaging.tags.cpython_tags())))
    write_sdist(wheels, "native", tag=tag)
    write_wheel(wheels)
    locked = lock(["native", "tiny"], target, cache=tmp_path / "locks")
    with pytest.raises(RequirementsError) as raised:
        install(locked.packages, target, LAYOUT, staging=tmp_path / "staging")
    for words in ("native==1.0 has no wheel for", str(target), tag.rpartition("-")[2]):
        assert words in raised.value.message
    assert "--find-links" in str(raised.value.hint)


@pytest.mark.parametrize("static", [True, False], ids=["when it is installed", "when it is resolved"])
def test_one_whose_build_fails(wheels: Path, tmp_path: Path, static: bool) -> None:
    write_sdist(wheels, "broken", broken=True, static=static)
    with pytest.raises(RequirementsError) as raised:
        installed(tmp_path, "broken")
    for words in ("broken==1.0 has no wheel for Python 3.9 on linux/arm64", "cannot be built here", "oh no"):
        assert words in raised.value.message
    assert "--find-links" in str(raised.value.hint)


@pytest.mark.parametrize("tag", ["cp39-cp39-manylinux_2_17_x86_64", "cp310-cp310-manylinux_2_17_aarch64"])
def test_what_has_wheels_for_others_is_not_compiled_first(wheels: Path, tmp_path: Path, tag: str) -> None:
    """Minutes of compiling would end in a wheel for this machine; its wheels tell that it is compiled."""
    write_wheel(wheels, "native", tag=tag)
    write_sdist(wheels, "native", broken=True)
    write_wheel(wheels, "app", requires=("native",))
    with pytest.raises(RequirementsError) as raised:
        lock(["app"], TARGET, cache=tmp_path / "locks")
    assert f"native==1.0 has no wheel for {TARGET}; it has wheels for {tag}" in raised.value.message
    assert "oh no" not in raised.value.message
    assert "--find-links" in str(raised.value.hint)


def test_a_dependency_without_a_wheel_makes_nothing_older(wheels: Path, tmp_path: Path) -> None:
    """Were nothing built, an old version that lacked the dependency would be chosen in silence."""
    write_wheel(wheels, "app", "0.1")
    write_wheel(wheels, "app", "2.0", requires=("pure",))
    write_sdist(wheels, "pure")
    packages = lock(["app"], TARGET, cache=tmp_path / "locks").packages
    assert [str(each) for each in packages] == ["app==2.0", "pure==1.0"]


def test_neither_a_wheel_nor_anything_to_build(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "app", requires=("bin",))
    write_wheel(wheels, "bin", "1.5", tag="cp39-cp39-manylinux_2_17_x86_64")
    write_sdist(wheels, "pure")
    with pytest.raises(RequirementsError) as raised:
        installed(tmp_path, "app", "pure")
    for words in ("bin==1.5", "Python 3.9 on linux/arm64 (glibc-2.36)", "manylinux_2_17_x86_64"):
        assert words in raised.value.message
    for way in ("--find-links", "another version", "another base image", "--platform"):
        assert way in str(raised.value.hint)
    assert "pure" not in raised.value.message
