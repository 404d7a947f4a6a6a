"""The content of artifacts, wherever they lie."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.caching.contents import NOTHING, Content, content_of

if TYPE_CHECKING:
    from kfp.engine.artifacts.store import ObjectStores
    from kfp.engine.caching.contents import Memory, Watch
    from kfp.engine.flow.values import Artifact, Values


class ArtifactContents:
    """Reads the content of artifacts: of files here, or of what an object store says of its objects.

    Args:
        memory: remembers what is large.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._stores: ObjectStores | None = None

    def of(self, values: Values, watch: Watch) -> dict[str, tuple[Content, ...]]:
        """Return the content of the artifacts among inputs or outputs, by name and in order.

        Args:
            values: the inputs or outputs.
            watch: who waits for it.

        Raises:
            Interrupted: it was stopped.
            RunError: an artifact changes all the time, or its store cannot be asked.
            OSError: an artifact cannot be read.
        """
        return {name: tuple(self._content(each, watch) for each in group) for name, group in values.artifacts.items()}

    def _content(self, artifact: Artifact, watch: Watch) -> Content:
        if artifact.custom_path or "://" not in artifact.uri:
            path = Path(artifact.custom_path or artifact.uri)
            return content_of(path, memory=self._memory, watch=watch)
        from kfp.engine import addresses  # noqa: PLC0415 - most runs have local artifacts alone

        if addresses.is_content(artifact.schema_title) and addresses.is_store(artifact.uri):
            return self._remote(artifact.uri)
        here = addresses.local(artifact.uri)
        if here.startswith("/"):
            return content_of(Path(here), memory=self._memory, watch=watch)
        return Content("uri " + hashlib.sha256(artifact.uri.encode("utf-8", "surrogatepass")).hexdigest())

    def _remote(self, uri: str) -> Content:
        """Tell objects by their versions, such as ETags: nothing is downloaded."""
        from kfp.engine.artifacts.store import ObjectStores  # noqa: PLC0415 - as above

        self._stores = self._stores or ObjectStores()
        try:
            listing = self._stores.listing(uri)
        except FileNotFoundError:
            return NOTHING
        told = [[file.name, file.size, file.version] for file in listing.files]
        text = json.dumps([sorted(told), sorted(listing.directories)])
        return Content("remote " + hashlib.sha256(text.encode()).hexdigest(), listing.size)
