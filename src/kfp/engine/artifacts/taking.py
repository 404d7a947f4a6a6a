"""Takes artifacts out of a run: copies for their user, wherever they lie; and the end of all that a run has made."""

from __future__ import annotations

import os
import re
import shutil
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.addresses import basename, is_elsewhere, is_store, redacted
from kfp.engine.artifacts.store import ObjectStores, failure
from kfp.engine.artifacts.transfer import Transfer, Workers
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.artifacts.fetch import Depot
    from kfp.engine.flow.values import Artifact

_METADATA_ALONE = ("system.Metrics", "system.ClassificationMetrics", "system.SlicedClassificationMetrics")
"""Types whose artifacts need no file."""
_RUN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def take(artifact: Artifact, into: Path, depot: Depot, transfer: Transfer) -> Path:
    """Copy an artifact's content to a directory.

    Args:
        artifact: what is wanted.
        into: the directory, which is made where it is not there.
        depot: brings what lies elsewhere.
        transfer: is told.

    Returns:
        The new file or directory, named as the last part of the artifact's URI.

    Raises:
        RunError: it is gone, cannot be had, or something of that name is there.
        OSError: the disk refuses.
    """
    target = into / basename(artifact.uri)
    if os.path.lexists(target):
        raise RunError(f"{target} is there already", hint="give another directory, or move it away")
    into.mkdir(parents=True, exist_ok=True)
    if is_elsewhere(artifact.uri) and not (artifact.custom_path and Path(artifact.custom_path).exists()):
        depot.fetch(artifact.uri, target, transfer, own=True)
        return target
    source = Path(artifact.path)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.is_file():
        shutil.copyfile(source, target)
    else:
        raise RunError(f"{redacted(artifact.path)}: {absence(artifact)}")
    return target


def absence(artifact: Artifact) -> str:
    """Return why there is no file of an artifact on this machine where one could be."""
    if artifact.schema_title in _METADATA_ALONE and artifact.metadata:
        return "there is no file, the metadata are all of it"
    return "nothing lies there any more"


def delete_artifacts(uri: str, tell: Callable[[str], None] | None = None) -> int:
    """Delete all that a run has in an object store.

    Args:
        uri: `RunRecord.artifacts`: the run's own URI, which ends with the run's identifier. A run that has its
            artifacts on this machine has none there.
        tell: takes lines of progress.

    Returns:
        How many objects there were.

    Raises:
        RunError: the URI is no run's, or the store refuses.
    """
    if not is_store(uri):
        return 0
    if not _RUN.fullmatch(uri.rstrip("/").rpartition("/")[2]):
        raise RunError(f"{redacted(uri)} is no run's own, and nothing is deleted there")
    stores, workers = ObjectStores(), Workers()
    transfer = Transfer(tell or _silent, threading.Event())
    try:
        found = transfer.attempt(partial(stores.keys, uri))
        transfer.begin(f"deleting {redacted(uri)}", 0)
        workers.each(transfer, (partial(stores.remove, each) for each in found))
    except OSError as error:
        raise failure("deleted", uri, error) from error
    finally:
        workers.close()
    return len(found)


def _silent(_: str) -> None:
    """Tell nobody."""
