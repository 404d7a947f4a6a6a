"""What a run gives back to the program that started it: files on this machine."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.addresses import basename
from kfp.engine.artifacts.placing import is_wanted
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.layout import path_name
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def bring_here(values: Values, home: Path, run_id: str, tell: Callable[[str], None]) -> Values:
    """Return what a run has made with a file on this machine for each artifact that lies elsewhere.

    Most of them wait in the cache of what was uploaded. One that cannot be had has no file.

    Args:
        values: the outputs.
        home: the home directory.
        run_id: the run, in whose directory they come to lie.
        tell: takes lines of progress.
    """
    if not any(is_wanted(each) for group in values.artifacts.values() for each in group):
        return values
    from kfp.engine.artifacts.fetch import Depot  # noqa: PLC0415 - few runs have artifacts elsewhere
    from kfp.engine.artifacts.transfer import Transfer  # noqa: PLC0415

    transfer = Transfer(tell, threading.Event())
    directory = home / "runs" / run_id / "outputs"
    depot = Depot(home, os.environ)

    def brought(artifact: Artifact, name: str, number: int) -> Artifact:
        path = directory / path_name(name) / str(number) / basename(artifact.uri)
        if not is_wanted(artifact):
            return artifact
        try:
            depot.fetch(artifact.uri, path, transfer)
        except RunError:
            return artifact
        return replace(artifact, custom_path=str(path))

    try:
        artifacts = {
            name: tuple(brought(each, name, number) for number, each in enumerate(group))
            for name, group in values.artifacts.items()
        }
    finally:
        depot.close()
    return Values(values.parameters, artifacts)
