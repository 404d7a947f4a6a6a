"""What builds keep for the next build and may lose: cached layers and packed wheels, by their last use."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING, Any

from kfp.images.collect import Collected, Spare, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kfp.images.store import Store

_NOWHERE = frozenset({"nowhere"})
"""No blob of any store: what refers to it is of no use."""


def sweep(
    store: Store,
    caches: Path,
    *,
    max_size: int = 0,
    dry_run: bool = False,
    on_wait: Callable[[], None] = lambda: None,
) -> Collected:
    """Deletes what no image needs: blobs without a name, and cached layers and wheels beyond a size.

    Args:
        store: the image store.
        caches: the builds' caches, `KFP_HOME/cache`.
        max_size: bytes that the store and these caches may have together; 0 leaves only what images need.
        dry_run: tell only.
        on_wait: called once if builds have to be waited for.

    Raises:
        StoreError: the store is in use for too long, cannot be written, or lacks what one of its images needs.
        InvalidImage: an image of the store is damaged.
    """

    def find_spare() -> Iterator[Spare]:
        if not dry_run:
            _delete_staging(caches / "packages")
        yield from _spares(caches)

    return collect(store, find_spare=find_spare, max_size=max_size, dry_run=dry_run, on_wait=on_wait)


def _spares(caches: Path) -> Iterator[Spare]:
    for record in (caches / "layers").glob("*.json"):
        with contextlib.suppress(OSError):
            digest = _read(record).get("digest")
            digests = frozenset({digest}) if isinstance(digest, str) else _NOWHERE
            yield Spare(record.stat().st_mtime, record, digests)
    wheels = caches / "packages" / "wheels"
    for record in wheels.glob("*.json"):
        with contextlib.suppress(OSError):
            yield Spare(record.stat().st_mtime, record, files=(record.with_suffix(".part"),))
    for part in wheels.glob("*.part"):
        if not part.with_suffix(".json").exists():
            yield Spare(0, part, _NOWHERE)  # whoever wrote it was killed before it was recorded


def _read(record: Path) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        document = json.loads(record.read_text(encoding="utf-8"))
        return document if isinstance(document, dict) else {}
    return {}


def _delete_staging(packages: Path) -> None:
    """Deletes what killed builds left; while nothing is built, nobody else has any."""
    for abandoned in packages.glob("staging-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
