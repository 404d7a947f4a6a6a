from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kfp import requirements
from kfp.build.layer_cache import LayerCache
from kfp.build.packages import LAYER_LIMIT, PackageLayer, package_layers
from kfp.images.compression import Compressor
from kfp.images.store import Store
from kfp.requirements import Distribution, Indexes, Layout, LockedPackage, Target, lock
from tests.build.conftest import texts_of
from tests.requirements.wheels import write_wheel

SITE = "usr/local/lib/python3.9/site-packages"
LAYOUT = Layout(SITE, "usr/local", "/usr/local/bin/python3.9")
NAMES = tuple(f"part{number}" for number in range(LAYER_LIMIT + 2))


def layers(
    store: Store, *requirements: str, compressor: Compressor = "fast", architecture: str = "amd64"
) -> tuple[PackageLayer, ...]:
    caches = store.root.parent / "cache"
    locked = lock(requirements, Target("3.9", "linux", architecture), cache=caches / "locks")
    cache = LayerCache(caches / "layers", store.blobs, compressor)
    return package_layers(locked, LAYOUT, cache=cache, indexes=Indexes(), directory=caches / "packages")


def write_all(wheels: Path, **more: dict[str, str]) -> None:
    for name in NAMES:
        write_wheel(wheels, name, files={f"{name}.py": text(name), **more.get(name, {})})


def text(name: str, said: str = "") -> str:
    """The longer the smaller the number, so that part7, part8 and part9 are in a layer together."""
    return (said or name).ljust(5000 - 100 * int(name[-1]))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the packages that were to be installed, for each time that any were."""
    asked: list[list[str]] = []
    real = requirements.install

    def listening(packages: Sequence[LockedPackage], *arguments: Any, **more: Any) -> tuple[Distribution, ...]:
        asked.append([package.name for package in packages])
        return real(packages, *arguments, **more)

    monkeypatch.setattr(requirements, "install", listening)
    return asked


def test_a_changed_wheel_is_all_that_is_installed(store: Store, wheels: Path, installed: list[list[str]]) -> None:
    """The layer of many wheels is put together from those that did not change, which are not even unpacked again."""
    write_all(wheels)
    before = layers(store, *NAMES)
    write_wheel(wheels, "part8", "1.1", files={"part8.py": text("part8", "changed")})
    after = layers(store, *NAMES)
    assert installed == [sorted(NAMES), ["part8"]]
    assert [layer.cached for layer in after] == [True] * (LAYER_LIMIT - 1) + [False]
    assert texts_of(after[-1].layer)[f"{SITE}/part8.py"] == text("part8", "changed")
    assert texts_of(after[-1].layer)[f"{SITE}/part9.py"] == texts_of(before[-1].layer)[f"{SITE}/part9.py"]


def test_a_wheel_for_every_platform_is_packed_for_one(store: Store, wheels: Path, installed: list[list[str]]) -> None:
    write_wheel(wheels, "pure")
    write_wheel(wheels, "native", tag="cp39-cp39-manylinux_2_17_x86_64")
    write_wheel(wheels, "native", tag="cp39-cp39-manylinux_2_17_aarch64", files={"native.py": "arm"})
    for architecture in ("amd64", "arm64"):
        made = layers(store, "pure", "native", architecture=architecture)
        assert sorted(name for layer in made for name in layer.packages) == ["native==1.0", "pure==1.0"]
    assert installed == [["native", "pure"], ["native"]]


def test_a_layer_is_the_same_whether_its_wheels_were_known(store: Store, wheels: Path, tmp_path: Path) -> None:
    write_all(wheels)
    for name in NAMES:
        layers(store, name)
    warm, cold = layers(store, *NAMES), layers(Store(tmp_path / "elsewhere/images"), *NAMES)
    assert [each.layer.diff_id for each in warm] == [each.layer.diff_id for each in cold]
    assert [each.layer.descriptor for each in warm] == [each.layer.descriptor for each in cold]


def test_a_directory_of_several_wheels_is_one_entry(store: Store, wheels: Path) -> None:
    """A second entry would only reset the directory's attributes; some readers refuse it."""
    write_all(wheels, **{name: {f"space/{name}.py": ""} for name in NAMES})
    last = layers(store, *NAMES)[-1]
    with last.layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        names = archive.getnames()
    assert len(set(names)) == len(names)
    assert names.index(f"{SITE}/space") < names.index(f"{SITE}/space/part9.py")
    assert SITE not in names


def test_of_a_file_that_wheels_share_the_last_one_s_stays(store: Store, wheels: Path) -> None:
    write_all(wheels, **{name: {"shared.py": name} for name in ("part7", "part8", "part9")})
    last = layers(store, *NAMES)[-1]
    assert last.packages == ("part7==1.0", "part8==1.0", "part9==1.0")
    assert texts_of(last.layer)[f"{SITE}/shared.py"] == "part9"
    with last.layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        assert archive.getnames().count(f"{SITE}/shared.py") == 1


def test_what_a_power_failure_cut_is_packed_anew(store: Store, wheels: Path) -> None:
    write_all(wheels)
    before = layers(store, *NAMES)
    for layer in before:
        store.blobs.path(layer.layer.descriptor.digest).unlink()
    for path in (store.root.parent / "cache/packages/wheels").glob("*.part"):
        data = bytearray(path.read_bytes())
        data[-40:] = bytes(40)
        path.write_bytes(data)
    assert [each.layer.diff_id for each in layers(store, *NAMES)] == [each.layer.diff_id for each in before]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"size": 1, "mediaType": "", "digest": 3}'])
def test_a_damaged_record_is_none(store: Store, wheels: Path, text: str) -> None:
    write_wheel(wheels)
    (before,) = layers(store, "tiny")
    store.blobs.path(before.layer.descriptor.digest).unlink()
    (record,) = (store.root.parent / "cache/packages/wheels").glob("*.json")
    record.write_text(text)
    (after,) = layers(store, "tiny")
    assert (after.cached, after.layer.descriptor) == (False, before.layer.descriptor)


def test_each_compressor_has_its_own_layers_of_the_same_contents(store: Store, wheels: Path) -> None:
    write_all(wheels)
    made = {name: layers(store, *NAMES, compressor=name) for name in ("fast", "portable", "zstd")}
    again = {name: layers(store, *NAMES, compressor=name) for name in ("fast", "portable", "zstd")}
    assert all(not each.cached for built in made.values() for each in built)
    assert all(each.cached for built in again.values() for each in built)
    assert len({tuple(each.layer.diff_id for each in built) for built in made.values()}) == 1
    assert len({tuple(each.layer.descriptor.digest for each in built) for built in again.values()}) == 3
