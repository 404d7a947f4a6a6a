from __future__ import annotations

import os
from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions
from kfp.build.sweeping import sweep
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import TARGET, Write, component
from tests.requirements.wheels import write_wheel

NAME = Reference.parse(TARGET)


def built(folder: Path, store: Store) -> list[bool]:
    (made,) = build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
    return [layer.cached for layer in made.platforms[0].layers]


@pytest.fixture
def caches(kfp_home: Path) -> Path:
    return kfp_home / "cache"


def test_a_swept_store_builds_again(source: Write, store: Store, wheels: Path, caches: Path) -> None:
    write_wheel(wheels, "big", files={"big.py": os.urandom(3000).hex()})
    write_wheel(wheels, "small")
    folder = source({"a.py": component(packages=("big", "small"))})
    assert not any(built(folder, store))
    sweep(store, caches)
    assert all(built(folder, store)), "what the image stands on stays cached"
    store.remove(NAME)
    swept = sweep(store, caches, max_size=1 << 30)
    assert swept.needed < 1000 < swept.kept
    assert all(built(folder, store)), "there was room for the layers"
    store.remove(NAME)
    swept = sweep(store, caches)
    assert (swept.kept, swept.freed > 4000) == (swept.needed, True)
    assert not any(built(folder, store))
    assert store.get(NAME) is not None


def test_the_layers_used_last_stay(source: Write, store: Store, caches: Path) -> None:
    folder = source({"a.py": component(), "b.txt": os.urandom(20_000).hex()})
    built(folder, store)
    (first,) = (caches / "layers").glob("source-*")
    os.utime(first, (1, 1))
    source({"b.txt": os.urandom(20_000).hex()})
    built(folder, store)
    store.remove(NAME)
    whole = sweep(store, caches, max_size=1 << 30, dry_run=True)
    assert sweep(store, caches, max_size=whole.kept - 1000).kept < whole.kept
    assert not first.exists()
    assert all(built(folder, store))


def test_a_layer_that_is_found_again_was_used(source: Write, store: Store, caches: Path) -> None:
    folder = source({"a.py": component()})
    built(folder, store)
    records = [*(caches / "layers").iterdir()]
    for record in records:
        os.utime(record, (1, 1))
    built(folder, store)
    assert min(record.stat().st_mtime for record in records) > 1


def test_what_killed_builds_left_is_deleted(store: Store, caches: Path) -> None:
    staging, part = caches / "packages/staging-x/prefix", caches / "packages/wheels/abc.part"
    for path in (staging, part.parent):
        path.mkdir(parents=True)
    part.write_bytes(b"x" * 100)
    (caches / "layers").mkdir()
    (caches / "layers/damaged.json").write_text("no JSON")
    assert sweep(store, caches, max_size=1 << 30, dry_run=True).freed > 100
    assert part.exists()
    sweep(store, caches, max_size=1 << 30)
    assert [path for path in caches.rglob("*") if path.is_file()] == []
    assert not staging.parent.exists()
