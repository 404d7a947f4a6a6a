"""Brings whatever a URI names to this machine: from an object store, a web server or an image, through the cache."""

from __future__ import annotations

import json
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from kfp.engine.addresses import IMAGE, is_elsewhere, is_store, redacted, scheme
from kfp.engine.artifacts.cache import ArtifactCache, cache_limit, key_of
from kfp.engine.artifacts.transfer import Canceled, Workers
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.engine.artifacts.store import ObjectStores
    from kfp.engine.artifacts.transfer import Transfer


class Depot:
    """What a run has of other places: the object stores that it knows, and what came from there, in the home's cache.

    Args:
        home: the home directory.
        environment: says how large the cache may be.

    Raises:
        RunError: it does not say that in a way that can be read.
    """

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self._home = home
        self._directory = home / "cache" / "artifacts"
        self.cache = ArtifactCache(self._directory, cache_limit(environment))
        self.workers = Workers()
        self._stores: ObjectStores | None = None

    @property
    def stores(self) -> ObjectStores:
        """The object stores."""
        if self._stores is None:
            from kfp.engine.artifacts.store import ObjectStores  # noqa: PLC0415 - start-up time

            self._stores = ObjectStores()
        return self._stores

    def fetch(self, uri: str, into: Path, transfer: Transfer, *, fresh: bool = True, own: bool = False) -> None:
        """Put what a URI names where a step finds it.

        Args:
            uri: what is wanted.
            into: the file or directory that it becomes; what is there is removed.
            transfer: is told, and may be given up.
            fresh: whether to ask its origin if it is still the same; an object store is always asked.
            own: whether it is to be written to.

        Raises:
            Canceled: it was given up.
            RunError: it cannot be had.
        """
        if not is_elsewhere(uri):
            raise RunError(f"{redacted(uri)} is nothing that can be downloaded")
        try:
            if is_store(uri):
                self._from_store(uri, into, transfer, own=own)
            elif scheme(uri) == IMAGE:
                self._from_image(uri, into, transfer, fresh=fresh, own=own)
            else:
                self._from_web(uri, into, transfer, fresh=fresh, own=own)
        except (Canceled, RunError):
            raise
        except SkiffError as error:
            raise RunError(f"{redacted(uri)} cannot be downloaded: {error.message}", hint=error.hint) from error
        except OSError as error:
            from kfp.engine.artifacts.store import failure  # noqa: PLC0415 - start-up time

            raise failure("downloaded", uri, error) from error

    def adopt(self, uri: str, path: Path, transfer: Transfer) -> None:
        """Keep what was just uploaded to an object store, so that no step of this machine downloads it again.

        Raises:
            Canceled: it was given up.
            Exception: the store's error.
        """
        self.cache.adopt(self._store_key(uri, transfer)[0], path, transfer)

    def close(self) -> None:
        """End the threads that move things."""
        self.workers.close()

    def _store_key(self, uri: str, transfer: Transfer) -> tuple[str, Any]:
        listing = transfer.attempt(lambda: self.stores.listing(uri))
        facts = (f"{file.name}\0{file.size}\0{file.version}" for file in listing.files)
        return key_of("store", uri, *facts, *listing.directories), listing

    def _from_store(self, uri: str, into: Path, transfer: Transfer, *, own: bool) -> None:
        from kfp.engine.artifacts.download import download  # noqa: PLC0415 - start-up time

        key, listing = self._store_key(uri, transfer)
        make = partial(download, listing, stores=self.stores, workers=self.workers, transfer=transfer)
        self.cache.obtain(key, into, make, transfer, own=own)

    def _from_web(self, uri: str, into: Path, transfer: Transfer, *, fresh: bool, own: bool) -> None:
        from kfp.engine.artifacts.web import Download  # noqa: PLC0415 - start-up time

        page = key_of("web", uri)
        note = self._directory / "web" / page
        with self.cache.locked(page, transfer):
            known = _read(note)
            if not self.cache.has(known.get("content", "")):
                known = {}
            asked = Download(uri, transfer)
            try:
                is_same = bool(known) and not (fresh and asked.ask(known))
                content = known["content"] if is_same else key_of("web", uri, uuid.uuid4().hex)
                self.cache.obtain(content, into, asked.write, transfer, own=own)
                if not is_same:
                    note.parent.mkdir(parents=True, exist_ok=True)
                    said = {"content": content, "etag": asked.etag, "modified": asked.modified}
                    note.write_text(json.dumps(said), encoding="utf-8")
            finally:
                asked.close()

    def _from_image(self, uri: str, into: Path, transfer: Transfer, *, fresh: bool, own: bool) -> None:
        from kfp.engine.artifacts.model_image import find_image, unpack_models  # noqa: PLC0415 - start-up time

        image = find_image(uri, self._home, refresh=fresh)
        key = key_of("image", image.digest)
        make = partial(unpack_models, image, uri, transfer)
        self.cache.obtain(key, into, make, transfer, own=own)


def _read(note: Path) -> dict[str, str]:
    try:
        known = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in known.items()} if isinstance(known, dict) else {}
