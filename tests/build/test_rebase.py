from __future__ import annotations

from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions, BuiltLayer
from kfp.build.assembly import put_on
from kfp.build.explain import explain
from kfp.build.history import History
from kfp.build.rebase import rebase
from kfp.errors import BuildError, ImageNotFound, SkiffError
from kfp.images.distribution.pull import resolve
from kfp.images.distribution.push import push
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.build.conftest import PYTHON, TARGET, Write, component, python_base
from tests.images.test_store_kill import drain
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel

NAME, OTHER = Reference.parse(TARGET), Reference.parse("localhost/other-name:1")
NEW = Reference.parse("localhost/new-base:2")
AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


def base(store: Store, *, libc: str = "", platform: Platform = AMD, **env: str) -> Image:
    """Another base, with a layer of its own."""
    image = python_base({**PYTHON, **env}, platform).append(
        build_layer([Entry.file("etc/new", str(platform).encode())], store.blobs), created_by="new base"
    )
    return image.with_config(image.config.with_labels({"skiff.libc": libc})) if libc else image


def built(source: Write, store: Store, *, platforms: tuple[Platform, ...] = ()) -> Path:
    folder = source({"a.py": component(packages=("tiny", "tiny-more"))})
    build.build(build.plan(folder), store=store, options=BuildOptions(platforms, push=False))
    return folder


def whole(store: Store, name: Reference = NAME) -> Image | ImageIndex:
    found = store.get_whole(name)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def packages(wheels: Path) -> None:
    write_wheel(wheels, "tiny")
    write_wheel(wheels, "tiny_more")


@pytest.mark.parametrize("platforms", [(), (ARM, AMD)])
def test_the_outcome_is_what_a_build_gives(source: Write, store: Store, platforms: tuple[Platform, ...]) -> None:
    # The base's name stays, as when it was patched: the component's source, which names it, is the same then.
    name = Reference.parse("localhost/base:1")
    if platforms:
        store.put(ImageIndex.of(python_base(platform=each) for each in platforms), name)
    built(source, store, platforms=platforms)
    before = whole(store).digest
    new = [base(store, platform=each, LANG="C", PYTHONPATH="/opt/here") for each in platforms or (AMD,)]
    store.put(ImageIndex.of(new) if platforms else new[0], name)
    done = rebase(NAME, name, store=store, name=OTHER)
    assert (done.changed, done.former_base, done.base) == (True, str(name), name)
    assert [each.platform for each in done.platforms] == list(platforms or (AMD,))
    assert whole(store).digest == before, "the outcome has another name"
    built(source, store, platforms=platforms)
    assert whole(store, OTHER).digest == whole(store).digest == done.digest


def test_the_name_stays_if_no_other_is_given(source: Write, store: Store, kfp_home: Path) -> None:
    built(source, store)
    store.put(base(store, LANG="C"), NEW)
    assert rebase(NAME, NEW, store=store).changed
    assert not rebase(NAME, NEW, store=store).changed
    image = store.get(NAME)
    assert image is not None
    assert image.config.env["LANG"] == "C"
    newest, older = History(kfp_home / "cache/builds").read(NAME)
    (platform,) = explain(newest, older).platforms
    assert [change.part for change in platform.parts if change.changed] == ["base", "settings"]
    assert newest.platforms[0].layers == older.platforms[0].layers


def test_an_image_on_an_image_keeps_only_its_own_layers(source: Write, store: Store) -> None:
    files = {
        "a.py": component("low", packages=("tiny",)),
        "b.py": component("high", base=TARGET, target=str(OTHER), packages=("tiny-more",)),
    }
    build.build(build.plan(source(files)), store=store, options=BuildOptions(push=False))
    store.put(base(store), NEW)
    rebase(OTHER, NEW, store=store)
    image = store.get(OTHER)
    assert image is not None
    assert len(image.layers) == 1 + 3
    assert image.config.labels["skiff.packages"] == "tiny-more==1.0"


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"PYTHON_VERSION": "3.12.1"}, BuildError, "built for Python 3.9, and the base has Python 3.12"),
        ({"libc": "musl-1.2"}, BuildError, "are for glibc, and the base has musl"),
        ({"libc": "glibc-2.17"}, BuildError, "the older glibc-2.17"),
        ({"platform": ARM}, ImageNotFound, "not for linux/amd64, only for linux/arm64"),
    ],
)
def test_a_base_that_does_not_fit_is_refused(
    source: Write, store: Store, settings: dict[str, str], error: type[SkiffError], says: str
) -> None:
    built(source, store)
    store.put(base(store, **settings), NEW)  # type: ignore[arg-type]
    before = whole(store).digest
    with pytest.raises(error) as raised:
        rebase(NAME, NEW, store=store)
    assert says in raised.value.message
    assert raised.value.hint
    assert whole(store).digest == before


def test_a_newer_library_is_no_obstacle(source: Write, store: Store) -> None:
    built(source, store)
    store.put(base(store, libc="glibc-2.41"), NEW)
    assert rebase(NAME, NEW, store=store).changed


def test_without_packages_only_the_version_counts(source: Write, store: Store) -> None:
    build.build(build.plan(source({"a.py": component()})), store=store, options=BuildOptions(push=False))
    store.put(base(store, libc="musl-1.2"), NEW)
    assert rebase(NAME, NEW, store=store, name=OTHER).changed
    store.put(base(store, PYTHON_VERSION="3.13.0"), NEW)
    with pytest.raises(BuildError, match=r"Python 3\.13"):
        rebase(NAME, NEW, store=store)


def test_images_of_others_are_refused(store: Store) -> None:
    store.put(base(store), NEW)
    with pytest.raises(BuildError, match="was not built by"):
        rebase(NEW, NEW, store=store)
    with pytest.raises(ImageNotFound):
        rebase(Reference.parse("localhost/absent:1"), NEW, store=store)


def test_packages_that_no_index_has_are_told_of_the_own_alone(store: Store) -> None:
    layer = BuiltLayer("source", "", build_layer([Entry.file("a", b"")], store.blobs), cached=False)
    name = Reference.parse("localhost/base:1")
    below = put_on(python_base(), name, [layer], ["mine==1", "six==1"], local=["mine==1"], labels={})
    assert below.config.labels["skiff.local-packages"] == "mine==1"
    above = put_on(below, name, [layer], ["other==2"], local=["other==2"], labels={})
    assert above.config.labels["skiff.packages"].split() == ["mine==1", "six==1", "other==2"]
    assert above.config.labels["skiff.local-packages"].split() == ["mine==1", "other==2"]
    newer = put_on(below, name, [layer], ["mine==2"], labels={})
    assert newer.config.labels["skiff.packages"].split() == ["six==1", "mine==2"]
    assert newer.config.labels["skiff.local-packages"] == ""


def test_what_lies_in_registries_is_rebased_without_a_download(
    source: Write, store: Store, registry: RunningRegistry, tmp_path: Path
) -> None:
    name, new = (Reference.parse(f"{registry.host}/rebase/{each}:1") for each in ("image", "base"))
    folder = source({"a.py": component(target=str(name), packages=("tiny",))})
    build.build(build.plan(folder), store=store, options=BuildOptions())
    patched = base(store, LANG="C")
    push(patched, new)

    empty = Store(tmp_path / "empty")
    rebase(name, new, store=empty)
    rebased = empty.get(name)
    assert rebased is not None
    assert [empty.blobs.has(layer.descriptor.digest) for layer in rebased.layers] == [False] * 4
    result = push(rebased, name)
    assert (result.pushed, result.uploaded) == (True, 1)  # the configuration; the base's layer is mounted
    image = resolve(name, store=Store(tmp_path / "another"))
    assert image.config.env["LANG"] == "C"
    for layer in image.layers:
        drain(layer)
