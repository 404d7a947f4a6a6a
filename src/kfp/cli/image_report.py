"""Images as rows of a table and as JSON."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kfp import units
from kfp.cli.tables import Column
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from kfp.images.image import Image
    from kfp.images.reference import Reference
    from kfp.images.store import Store, StoredImage

COLUMNS = (
    Column("NAME"),
    Column("ID", weight=3),
    Column("DIGEST", weight=1),
    Column("PLATFORM", weight=2),
    Column("SIZE", weight=4, right=True),
    Column("CREATED", weight=0),
)
UNKNOWN = "-"


def row(image: StoredImage) -> tuple[str, ...]:
    """Return an image's line of `kfp image list`."""
    return (
        image.reference.familiar,
        units.short_digest(image.id),
        units.short_digest(image.index or image.digest),
        str(image.platform),
        units.size(image.size),
        created(image.created),
    )


def created(text: str) -> str:
    """Return how long ago an image says it was made; reproducible builds say 1970, which tells nothing."""
    try:
        # Python 3.10 reads neither Z nor the nanoseconds that Docker writes.
        when = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
    except ValueError:
        return UNKNOWN
    if when.tzinfo is None or when.timestamp() <= 0:
        return UNKNOWN
    return units.age(when)


def summary(image: StoredImage) -> dict[str, Any]:
    """Return an image's entry of `kfp --output json image list`."""
    return {
        "name": image.reference.familiar,
        "id": image.id,
        "digest": image.digest,
        "index": image.index or None,
        "platform": str(image.platform),
        "size": image.size,
        "created": image.created or None,
        "complete": image.complete,
    }


def details(image: Image, reference: Reference, store: Store) -> dict[str, Any]:
    """Return what `kfp image inspect` prints.

    Args:
        image: the image; of an index, that of one platform.
        reference: the name that it was asked for.
        store: where its blobs are, or their origins.
    """
    steps = [step.created_by for step in image.config.history if not step.empty_layer]
    document = image.config.to_json()
    return {
        "name": reference.familiar,
        "id": image.id,
        "digest": image.digest,
        "mediaType": image.manifest.media_type,
        "platform": str(image.platform),
        "created": image.config.created or None,
        "size": image.manifest.config.size + sum(layer.descriptor.size for layer in image.layers),
        "labels": dict(image.config.labels),
        "config": document.get("config") or {},
        "layers": [
            {
                "digest": layer.descriptor.digest,
                "diffId": layer.diff_id,
                "mediaType": layer.descriptor.media_type,
                "size": layer.descriptor.size,
                "createdBy": steps[index] if len(steps) == len(image.layers) else None,
                **_whereabouts(layer.descriptor.digest, store),
            }
            for index, layer in enumerate(image.layers)
        ],
        "annotations": dict(image.manifest.annotations),
        "attached": [
            {
                "type": artifact.artifact_type,
                "digest": artifact.digest,
                "size": artifact.content.descriptor.size,
                "annotations": dict(artifact.manifest.annotations),
                "path": str(store.blobs.path(artifact.content.descriptor.digest)),
            }
            for artifact in store.attachments.of(image.digest)
        ],
        "index": _index(store.get_whole(reference)),
        "store": str(store.root),
    }


def _index(whole: Image | ImageIndex | None) -> dict[str, Any] | None:
    """Return what the name stands for where that are images for several platforms."""
    if not isinstance(whole, ImageIndex):
        return None
    here = {image.digest for image in whole.images}
    return {
        "digest": whole.digest,
        "mediaType": whole.index.media_type,
        "annotations": dict(whole.index.annotations),
        "images": [
            {
                "platform": None if entry.platform is None else str(entry.platform),
                "digest": entry.digest,
                "here": entry.digest in here,
            }
            for entry in whole.index.images
        ],
    }


def _whereabouts(digest: str, store: Store) -> dict[str, str | None]:
    if store.blobs.has(digest):
        return {"path": str(store.blobs.path(digest))}
    origin = store.origin(digest)
    return {"path": None, "origin": None if origin is None else origin.familiar}
