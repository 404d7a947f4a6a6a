from __future__ import annotations

import os
import tarfile
import time
from pathlib import Path

import pytest

from kfp.build.layer_cache import LayerCache
from kfp.build.packages import LAYER_LIMIT, PackageLayer, group_by_size, package_layers
from kfp.images.store import Store
from kfp.requirements import Distribution, Indexes, InstalledFile, Layout, Target, lock
from tests.build.conftest import files_of, texts_of
from tests.requirements.wheels import write_wheel

SITE = "usr/local/lib/python3.9/site-packages"
LAYOUT = Layout(SITE, "usr/local", "/usr/local/bin/python3.9")


def layers(store: Store, *requirements: str, layout: Layout = LAYOUT) -> tuple[PackageLayer, ...]:
    caches = store.root.parent / "cache"
    locked = lock(requirements, Target("3.9"), cache=caches / "locks")
    cache = LayerCache(caches / "layers", store.blobs)
    return package_layers(locked, layout, cache=cache, indexes=Indexes(), directory=caches / "packages")


def distribution(name: str, size: int) -> Distribution:
    return Distribution(name, "1", (InstalledFile(f"{SITE}/{name}.py", b"x" * size),))


def test_a_layer_holds_what_the_base_lacks(store: Store, wheels: Path) -> None:
    write_wheel(wheels, files={"tiny/a.py": "A"}, scripts={"tiny": "tiny.a:run"})
    (layer,) = layers(store, "tiny")
    assert layer.packages == ("tiny==1.0",)
    texts = texts_of(layer.layer)
    assert texts[f"{SITE}/tiny/a.py"] == "A"
    assert texts["usr/local/bin/tiny"].startswith("#!/usr/local/bin/python3.9\n")
    entries = files_of(layer.layer)
    assert entries["usr/local/bin/tiny"].mode == 0o755
    assert entries[f"{SITE}/tiny/a.py"].mode == 0o644
    with layer.layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        names = archive.getnames()
    assert SITE not in names
    assert "usr/local/bin" not in names
    assert f"{SITE}/tiny" in names


def test_the_same_packages_start_no_process(store: Store, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    (first,) = layers(store, "tiny")
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: "/there/is/no/uv")
    (again,) = layers(store, "tiny")
    assert (first.cached, again.cached) == (False, True)
    assert first.layer.diff_id == again.layer.diff_id
    assert not list((store.root.parent / "cache/packages").glob("staging-*"))


def test_what_a_killed_build_left_is_swept(store: Store, wheels: Path) -> None:
    write_wheel(wheels)
    folder = store.root.parent / "cache/packages"
    for name, age in (("staging-old", 100_000), ("staging-of-another-process", 10)):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - age, time.time() - age))
    layers(store, "tiny")
    assert [path.name for path in folder.glob("staging-*")] == ["staging-of-another-process"]


def test_only_the_changed_wheel_is_built_again(store: Store, wheels: Path) -> None:
    write_wheel(wheels, "large", files={"large.py": "x" * 10_000})
    write_wheel(wheels, "small")
    layers(store, "large", "small")
    write_wheel(wheels, "small", "1.1")
    large, small = layers(store, "large", "small")
    assert (large.cached, small.cached) == (True, False)
    assert (large.packages, small.packages) == (("large==1.0",), ("small==1.1",))


def test_another_layout_is_another_layer(store: Store, wheels: Path) -> None:
    write_wheel(wheels)
    elsewhere = Layout("opt/lib/python3.9/site-packages", "opt", "/opt/bin/python3")
    (first,), (second,) = layers(store, "tiny"), layers(store, "tiny", layout=elsewhere)
    assert not second.cached
    assert first.layer.diff_id != second.layer.diff_id


def test_two_wheels_with_the_same_file(store: Store, wheels: Path) -> None:
    for number in range(LAYER_LIMIT + 1):
        write_wheel(wheels, f"part{number}", files={"space/__init__.py": "", f"space/p{number}.py": ""})
    built = layers(store, *(f"part{number}" for number in range(LAYER_LIMIT + 1)))
    assert [len(layer.packages) for layer in built] == [1] * (LAYER_LIMIT - 1) + [2]
    assert f"{SITE}/space/__init__.py" in files_of(built[-1].layer)


def test_nothing_locked_is_no_layer(store: Store) -> None:
    assert layers(store) == ()


def test_groups_are_the_largest_first_and_at_most_eight() -> None:
    sizes = {f"p{number:02}": 100 + (number * 7) % 12 for number in range(12)}
    groups = group_by_size([distribution(name, size) for name, size in sizes.items()])
    assert len(groups) == LAYER_LIMIT
    singles = [sizes[group[0].name] for group in groups[:-1]]
    assert singles == sorted(sizes.values(), reverse=True)[: LAYER_LIMIT - 1]
    assert [each.name for each in groups[-1]] == sorted(each.name for each in groups[-1])
    assert sum(len(group) for group in groups) == len(sizes)
