"""What a report shows of artifacts in object stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.engine.artifacts.store import ObjectStores


class Distant:
    """Reads small objects; a store that cannot be asked is not asked again.

    Args:
        limit: the most bytes of an object.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stores: ObjectStores | None = None
        self._is_lost = False

    def read(self, uri: str) -> bytes | None:
        """Return what lies at a URI, None for a directory, for what is too large, and where it cannot be had."""
        if self._is_lost:
            return None
        if self._stores is None:
            from kfp.engine.artifacts.store import ObjectStores  # noqa: PLC0415 - few runs have artifacts elsewhere

            self._stores = ObjectStores()
        try:
            found = self._stores.listing(uri)
            if found.is_directory or found.size > self._limit:
                return None
            return self._stores.read(uri, found.files[0], 0, found.size)
        except FileNotFoundError:
            return None
        except (OSError, RunError):
            self._is_lost = True
            return None
