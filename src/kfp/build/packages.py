"""Locked packages as layers: the largest wheels each in one of their own, largest first, all others in the last."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kfp.build.layer_cache import LayerCache
    from kfp.images.layer import Layer
    from kfp.images.tar import Entry
    from kfp.requirements import Distribution, Indexes, Layout, Lock, LockedPackage

LAYER_LIMIT = 8
_FORMAT = "1"
_ABANDONED = 24 * 3600
"""Seconds after which a staging directory was surely left by a build that was killed."""
_OF_THE_BASE = ("bin", "etc", "games", "include", "lib", "sbin", "share", "src")


@dataclass(frozen=True)
class PackageLayer:
    """A layer, the packages in it (`name==version`), and whether it was built before."""

    layer: Layer
    packages: tuple[str, ...]
    cached: bool


def package_layers(
    lock: Lock, layout: Layout, *, cache: LayerCache, indexes: Indexes, directory: Path
) -> tuple[PackageLayer, ...]:
    """Builds the layers of locked packages, or finds them again without starting a process.

    Args:
        lock: the packages.
        layout: where the base keeps packages.
        cache: the layers that are known.
        indexes: where packages are downloaded from.
        directory: for records and for staging.

    Raises:
        RequirementsError: a package cannot be downloaded or installed.
        StoreError: the store cannot be written.
    """
    if not lock.packages:
        return ()
    record = directory / f"{_key(lock, lock.packages, layout)}.json"
    known = _known(record, lock, layout, cache)
    if known is not None:
        return known
    import shutil  # noqa: PLC0415 (start-up: most builds find their layers)
    import tempfile  # noqa: PLC0415 (as above)

    from kfp.requirements import install  # noqa: PLC0415 (as above)

    directory.mkdir(parents=True, exist_ok=True)
    for abandoned in directory.glob("staging-*"):
        if abandoned.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(abandoned, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(dir=directory, prefix="staging-"))
    try:
        distributions = install(lock.packages, lock.target, layout, staging=staging, indexes=indexes)
        groups = group_by_size(distributions)
        locked = {package.name: package for package in lock.packages}
        built = []
        for group in groups:
            members = [locked[distribution.name] for distribution in group]
            layer, cached = cache.build(_key(lock, members, layout), partial(_entries, group, layout))
            built.append(PackageLayer(layer, tuple(map(str, members)), cached))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    names = [[distribution.name for distribution in group] for group in groups]
    with suppress(OSError):
        write_atomically(record, json.dumps(names).encode())
    return tuple(built)


def group_by_size(distributions: Sequence[Distribution]) -> tuple[tuple[Distribution, ...], ...]:
    """Groups distributions into at most `LAYER_LIMIT` layers, so that one changed wheel changes little."""
    ordered = sorted(distributions, key=lambda distribution: (-distribution.size, distribution.name))
    if len(ordered) <= LAYER_LIMIT:
        return tuple((distribution,) for distribution in ordered)
    rest = sorted(ordered[LAYER_LIMIT - 1 :], key=lambda distribution: distribution.name)
    return (*((distribution,) for distribution in ordered[: LAYER_LIMIT - 1]), tuple(rest))


def _known(record: Path, lock: Lock, layout: Layout, cache: LayerCache) -> tuple[PackageLayer, ...] | None:
    """Gives all layers where each is still in the store."""
    locked = {package.name: package for package in lock.packages}
    layers = []
    with suppress(OSError, ValueError, KeyError, TypeError):
        for names in json.loads(record.read_text(encoding="utf-8")):
            members = [locked[name] for name in names]
            layer = cache.get(_key(lock, members, layout))
            if layer is None:
                return None
            layers.append(PackageLayer(layer, tuple(map(str, members)), cached=True))
        return tuple(layers)
    return None


def _key(lock: Lock, members: Sequence[LockedPackage], layout: Layout) -> str:
    parts = (_FORMAT, lock.key(members), layout.site_packages, layout.prefix, layout.interpreter)
    return f"packages-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def _entries(distributions: Sequence[Distribution], layout: Layout) -> Iterator[Entry]:
    """Gives the files and the directories that the base lacks; a path that two wheels have is the later one's."""
    from kfp.build.tree import missing_directories  # noqa: PLC0415 (start-up: most builds find their layers)
    from kfp.images.tar import Entry  # noqa: PLC0415 (as above)

    files = {file.path: file for distribution in distributions for file in distribution.files}
    present = (layout.site_packages, *(f"{layout.prefix}/{folder}" for folder in _OF_THE_BASE))
    yield from missing_directories(files, present)
    for file in files.values():
        if isinstance(file.source, bytes):
            yield Entry.file(file.path, file.source, executable=file.executable)
        else:
            yield Entry.copy(file.path, file.source, executable=file.executable)
