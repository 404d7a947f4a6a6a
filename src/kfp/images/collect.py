"""Deletes what a store does not need: blobs to which no name leads, and, beyond a size, what only caches would like.

Nothing is deleted while somebody writes (see `store_lock`), and nothing that an image under a name needs. A kill at any
instant leaves a store that is whole: what is deleted is never what something else stands on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.images import durable, media_types, store_lock
from kfp.images.attachments import Attachments
from kfp.images.manifest import Index

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from kfp.images.descriptor import Descriptor
    from kfp.images.store import Store

_PATIENCE = 60.0


@dataclass(frozen=True)
class Spare:
    """Something that no image needs, but a cache would like to keep.

    Attributes:
        used: when it was of use last, seconds since 1970.
        record: the file that tells of it; it goes with it, and its few bytes do not count.
        digests: blobs of the store that belong to it.
        files: files elsewhere that belong to it.
    """

    used: float
    record: Path
    digests: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What a collection deleted, or would.

    Attributes:
        files: how many.
        freed: their bytes; a file with a second name elsewhere frees none.
        kept: bytes that are left: those that images need, and spare ones.
        needed: bytes that images need, which no limit deletes.
    """

    files: int
    freed: int
    kept: int
    needed: int


def collect(
    store: Store,
    *,
    find_spare: Callable[[], Iterable[Spare]] = tuple,
    max_size: int = 0,
    dry_run: bool = False,
    patience: float = _PATIENCE,
    on_wait: Callable[[], None] = lambda: None,
) -> Collected:
    """Delete what no name leads to.

    Args:
        store: where.
        find_spare: gives what may stay as long as there is room; called when nobody writes any more.
        max_size: bytes that store and spare files may have together; what was of use longest ago goes first.
        dry_run: tell only.
        patience: seconds to wait for builds and other writers to end.
        on_wait: called once if there are any.

    Raises:
        StoreError: the store is in use, cannot be written, or lacks a manifest that is named.
        InvalidImage: a manifest that is named is damaged; `Store.remove` takes its name away.
    """
    if not store.root.is_dir():
        return Collected(0, 0, 0, 0)
    if dry_run:
        return _Sweep(store, find_spare()).choose(max_size)
    store.blobs.prepare()
    with store_lock.alone(store.lock_path, patience=patience, on_wait=on_wait):
        durable.sweep(store.blobs.drafts)
        sweep = _Sweep(store, find_spare())
        collected = sweep.choose(max_size)
        with durable.storing(store.root):
            sweep.delete()
        return collected


def needed_blobs(store: Store) -> frozenset[str]:
    """The digests of everything that the names of a store lead to, whether it is here or not.

    Raises:
        StoreError: a manifest that is named is not here.
        InvalidImage: it is damaged.
    """
    return frozenset(_needed(store))


def _needed(store: Store) -> Iterator[str]:
    attachments = Attachments(store.blobs)
    todo: list[tuple[Descriptor, bool]] = [(entry, True) for entry in store.entries()]
    seen: set[str] = set()
    while todo:
        entry, required = todo.pop()
        if entry.digest in seen:
            continue
        seen.add(entry.digest)
        yield entry.digest
        yield from attachments.blobs_of(entry.digest)
        if not required and (entry.media_type not in media_types.ACCEPTED or not store.blobs.has(entry.digest)):
            continue  # an index may list images that were never fetched, and other things than images
        manifest = store.manifest(entry)
        if isinstance(manifest, Index):
            todo += [(each, False) for each in manifest.manifests]
        else:
            yield from (blob.digest for blob in (manifest.config, *manifest.layers))


class _Sweep:
    """Chooses among all files of a store and its spares, then deletes what was chosen."""

    def __init__(self, store: Store, spares: Iterable[Spare]) -> None:
        self._store = store
        self._needed = needed_blobs(store)
        self._blobs = {f"{path.parent.name}:{path.name}": path for path in (store.root / "blobs").glob("*/*")}
        self._spares: Sequence[Spare] = sorted(spares, key=lambda spare: -spare.used)
        self._doomed: list[Path] = []
        self._gone: set[str] = set()

    def choose(self, max_size: int) -> Collected:
        kept = _Files()
        for digest in self._needed & self._blobs.keys():
            kept.add(self._blobs[digest])
        needed = kept.bytes
        staying: set[str] = set(self._needed)
        room = True
        for spare in self._spares:
            files = [*spare.files, *(self._blobs[digest] for digest in spare.digests if digest in self._blobs)]
            cost = kept.cost(files)  # what lies there for an image anyway costs nothing
            whole = spare.digests <= self._blobs.keys()
            room = room and kept.bytes + cost <= max_size
            if whole and (room or cost == 0):
                staying |= spare.digests
                for path in files:
                    kept.add(path)
            else:
                self._doomed += [spare.record, *spare.files]
        self._doomed = [path for path in self._doomed if not kept.has(path)]
        self._gone = self._blobs.keys() - staying
        self._doomed += [self._blobs[digest] for digest in self._gone]
        doomed = _Files()
        for path in self._doomed:
            doomed.add(path)
        return Collected(doomed.count, doomed.freed, kept.bytes, needed)

    def delete(self) -> None:
        for path in self._doomed:
            path.unlink(missing_ok=True)
        for digest in self._gone:
            self._store.blobs.origins.forget(digest)
        attachments = Attachments(self._store.blobs)
        for subject in attachments.subjects():
            if subject not in self._needed:
                attachments.forget(subject)


class _Files:
    """Files with the bytes that they take, each once however many names it has."""

    def __init__(self) -> None:
        self._names: Counter[tuple[int, int]] = Counter()
        self._paths: set[Path] = set()
        self._status: dict[tuple[int, int], os.stat_result] = {}

    def add(self, path: Path) -> None:
        status = _status(path)
        if status is not None and path not in self._paths:
            self._paths.add(path)
            self._names[status.st_dev, status.st_ino] += 1
            self._status[status.st_dev, status.st_ino] = status

    def has(self, path: Path) -> bool:
        return path in self._paths

    def cost(self, paths: Iterable[Path]) -> int:
        """Bytes that these files would add."""
        added = {(s.st_dev, s.st_ino): s.st_size for s in map(_status, paths) if s is not None}
        return sum(size for inode, size in added.items() if inode not in self._status)

    @property
    def count(self) -> int:
        return len(self._paths)

    @property
    def bytes(self) -> int:
        return sum(status.st_size for status in self._status.values())

    @property
    def freed(self) -> int:
        """Bytes that deleting all of them gives back."""
        return sum(s.st_size for inode, s in self._status.items() if s.st_nlink <= self._names[inode])


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
