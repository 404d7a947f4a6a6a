"""Further names of what is built: in the store, and in real registries."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions, BuiltImage
from kfp.build.pushing import further_names
from kfp.errors import BuildError
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, Write, component, python_base
from tests.parts.registry import RunningRegistry

ONE = [Reference.parse("r.example/a/one:v1")]
TWO = [*ONE, Reference.parse("r.example/a/two:v1")]


def made(folder: Path, store: Store, *tags: str, push: bool = True) -> list[BuiltImage]:
    return build.build(build.plan(folder), store=store, options=BuildOptions(push=push, tags=tags))


@pytest.fixture
def store(store: Store) -> Store:
    """The store with the base."""
    store.put(python_base(), Reference.parse(BASE))
    return store


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ((":v2", ":v2", ":v1"), ["r.example/a/one:v2"]),
        (("r.example/b/other", "r.example/b/other:v3"), ["r.example/b/other:latest", "r.example/b/other:v3"]),
        (("team/app:v1",), ["docker.io/team/app:v1"]),
    ],
)
def test_names_of_the_only_image(tags: tuple[str, ...], names: list[str]) -> None:
    (found,) = further_names(ONE, BuildOptions(tags=tags)).values()
    assert [str(name) for name in found] == names


def test_a_tag_alone_is_for_each_image() -> None:
    found = further_names(TWO, BuildOptions(tags=(":v2",)))
    assert [str(name) for names in found.values() for name in names] == ["r.example/a/one:v2", "r.example/a/two:v2"]


@pytest.mark.parametrize(
    ("tag", "targets", "complaint"),
    [
        ("r.example/b/other", TWO, "--tag r.example/b/other names one image, and 2 are built\nhint: .*--select"),
        (":no tag", ONE, "--tag :no tag: .*is not a valid tag"),
        ("a/UPPER", ONE, "--tag a/UPPER: .*is not a valid repository"),
        ("", ONE, "--tag : an image name is empty"),
        ("r.example/a@sha256:" + "0" * 64, ONE, "cannot have a digest\nhint: leave out @sha256:"),
        ("localhost/mine:v1", ONE, "localhost/mine:v1 cannot be pushed: localhost without a port"),
    ],
)
def test_names_that_cannot_be_given(tag: str, targets: list[Reference], complaint: str) -> None:
    with pytest.raises(BuildError, match=complaint):
        further_names(targets, BuildOptions(tags=(tag,)))


def test_names_in_the_store_alone(source: Write, store: Store) -> None:
    folder = source({"a.py": component()})
    (image,) = made(folder, store, "localhost/mine:v1", ":v2", push=False)
    assert [(tag.reference.familiar, tag.pushed) for tag in image.tags] == [
        ("localhost/mine:v1", None),
        ("localhost:5000/project/image:v2", None),
    ]
    for tag in image.tags:
        found = store.get(tag.reference)
        assert found is not None
        assert found.digest == image.digest


def test_names_in_several_registries(
    source: Write, store: Store, registry: RunningRegistry, locked_registry: RunningRegistry, tmp_path: Path
) -> None:
    (tmp_path / "docker-config" / "config.json").write_text(locked_registry.docker_config())
    folder = source({"a.py": component(target=f"{registry.host}/pushing/first:v1")})
    names = (f"{registry.host}/pushing/second:v1", f"{locked_registry.host}/pushing/third:v3")
    (image,) = made(folder, store, ":v2", *names)
    assert image.pushed is not None
    results = [tag.pushed for tag in image.tags if tag.pushed is not None]
    assert [result.pushed for result in results] == [True, True, True]
    assert [(r.uploaded, r.mounted) for r in (image.pushed, *results)] == [(3, 0), (0, 0), (0, 3), (3, 0)]
    for where, repository, tag in (
        (registry, "first", "v1"),
        (registry, "first", "v2"),
        (registry, "second", "v1"),
        (locked_registry, "third", "v3"),
    ):
        assert where.digest_of(f"pushing/{repository}", tag) == image.digest
        assert where.damage(f"pushing/{repository}", image.digest) == []
    (again,) = made(folder, store, ":v2", *names)
    sent = [result for result in (again.pushed, *(tag.pushed for tag in again.tags)) if result is not None]
    assert [(result.pushed, result.uploaded, result.attached) for result in sent] == [(False, 0, 0)] * 4
