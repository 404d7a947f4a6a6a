"""What is found out before a run starts: whether its artifacts can be had, and can be kept where they are to go."""

from __future__ import annotations

import os
import threading
import uuid
from typing import TYPE_CHECKING

from kfp.engine.addresses import below
from kfp.engine.artifacts.endpoints import require
from kfp.engine.artifacts.store import ObjectStores, failure
from kfp.engine.artifacts.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_reach(uris: Iterable[str], root: str) -> None:
    """Refuse object stores that this machine cannot reach, and a pipeline root that nothing can be written to.

    Args:
        uris: what the run is known to need; what is in no object store is passed over.
        root: the run's own URI below its pipeline root; empty where that is on this machine.

    Raises:
        RunError: an extra is missing, nothing says which server is meant, or the root refuses.
    """
    require(uris, os.environ)
    if not root:
        return
    stores = ObjectStores()
    probe = below(root, f".kfp-probe-{uuid.uuid4().hex[:8]}")
    try:
        Transfer(_silent, threading.Event()).attempt(lambda: stores.put(probe, b""), tries=2)
    except OSError as error:
        raise failure("written to", root, error) from error
    try:
        stores.remove(probe)
    except OSError:  # who may write need not be allowed to delete
        return


def _silent(_: str) -> None:
    """Tell nobody."""
