"""Locked packages as layers: the largest wheels each in one of their own, largest first, all others in the last."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from kfp.build.files import write_atomically
from kfp.errors import InvalidImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kfp.build.layer_cache import LayerCache
    from kfp.build.wheels import PackedWheel, Wheels
    from kfp.images.layer import Layer
    from kfp.requirements import Indexes, Layout, Lock, LockedPackage

LAYER_LIMIT = 8
_FORMAT = "2"


@dataclass(frozen=True)
class PackageLayer:
    """A layer, the packages in it (`name==version`), and whether it was built before."""

    layer: Layer
    packages: tuple[str, ...]
    cached: bool


class _Sized(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...


_T = TypeVar("_T", bound=_Sized)


def package_layers(
    lock: Lock, layout: Layout, *, cache: LayerCache, indexes: Indexes, directory: Path
) -> tuple[PackageLayer, ...]:
    """Builds the layers of locked packages, or finds them again without starting a process.

    Args:
        lock: the packages.
        layout: where the base keeps packages.
        cache: the layers that are known.
        indexes: where packages are downloaded from.
        directory: for records, packed wheels and staging.

    Raises:
        RequirementsError: a package cannot be downloaded or installed.
        InvalidImage: a package has a file that no layer may hold, or one where another has a directory.
        StoreError: the store cannot be written.
    """
    known = known_layers(lock, layout, cache=cache, directory=directory)
    if known is not None:
        return known
    from kfp.build.wheels import Wheels  # noqa: PLC0415 (start-up: most builds find their layers)

    with Wheels(lock, layout, cache.compressor, indexes, directory) as wheels:
        packed = wheels.packed({package.name: frozenset() for package in lock.packages})
        locked = {package.name: package for package in lock.packages}
        groups = group_by_size(packed.values())
        built = []
        for group in groups:
            members = [locked[wheel.name] for wheel in group]
            layer, cached = cache.keep(_key(lock, members, layout), partial(_layer, group, wheels, cache))
            built.append(PackageLayer(layer, tuple(map(str, members)), cached))
    names = [[wheel.name for wheel in group] for group in groups]
    with suppress(OSError):
        write_atomically(_record(lock, layout, directory), json.dumps(names).encode())
    return tuple(built)


def known_layers(lock: Lock, layout: Layout, *, cache: LayerCache, directory: Path) -> tuple[PackageLayer, ...] | None:
    """Gives the layers of locked packages where each is still in the store, None otherwise; see `package_layers`."""
    locked = {package.name: package for package in lock.packages}
    if not locked:
        return ()
    layers = []
    with suppress(OSError, ValueError, KeyError, TypeError):
        for names in json.loads(_record(lock, layout, directory).read_text(encoding="utf-8")):
            members = [locked[name] for name in names]
            layer = cache.get(_key(lock, members, layout))
            if layer is None:
                return None
            layers.append(PackageLayer(layer, tuple(map(str, members)), cached=True))
        return tuple(layers)
    return None


def group_by_size(wheels: Iterable[_T]) -> tuple[tuple[_T, ...], ...]:
    """Groups wheels into at most `LAYER_LIMIT` layers, so that one changed wheel changes little."""
    ordered = sorted(wheels, key=lambda wheel: (-wheel.size, wheel.name))
    if len(ordered) <= LAYER_LIMIT:
        return tuple((wheel,) for wheel in ordered)
    rest = sorted(ordered[LAYER_LIMIT - 1 :], key=lambda wheel: wheel.name)
    return (*((wheel,) for wheel in ordered[: LAYER_LIMIT - 1]), tuple(rest))


def _layer(group: Sequence[PackedWheel], wheels: Wheels, cache: LayerCache) -> Layer:
    from kfp.images.parts import join  # noqa: PLC0415 (start-up, as above)

    parts = _distinct(group, wheels)
    try:
        return join([wheel.part for wheel in parts], cache.blobs, cache.compressor)
    except InvalidImage:
        # A power failure may have cut what was packed earlier; what it takes to pack it anew is still known.
        wheels.forget([*group, *parts])
    packed = wheels.packed({wheel.name: frozenset() for wheel in group})
    parts = _distinct([packed[wheel.name] for wheel in group], wheels)
    return join([wheel.part for wheel in parts], cache.blobs, cache.compressor)


def _distinct(group: Sequence[PackedWheel], wheels: Wheels) -> list[PackedWheel]:
    """Takes paths that several wheels of a layer have out of all but the last of them."""
    last = {path: wheel.name for wheel in group for path in wheel.part.files}
    without = {wheel.name: frozenset(path for path in wheel.part.files if last[path] != wheel.name) for wheel in group}
    packed = wheels.packed({name: paths for name, paths in without.items() if paths})
    return [packed.get(wheel.name, wheel) for wheel in group]


def _record(lock: Lock, layout: Layout, directory: Path) -> Path:
    return directory / f"{_key(lock, lock.packages, layout)}.json"


def _key(lock: Lock, members: Sequence[LockedPackage], layout: Layout) -> str:
    parts = (_FORMAT, lock.key(members), layout.site_packages, layout.prefix, layout.interpreter)
    return f"packages-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"
