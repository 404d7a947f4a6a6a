"""Takes what a step has made to the pipeline root, where that is an object store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.addresses import is_store
from kfp.engine.artifacts.placing import goal, inputs_directory, is_missing, written_path
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.outputs import read_outputs
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kfp.engine.artifacts.fetch import Depot
    from kfp.engine.artifacts.transfer import Transfer
    from kfp.engine.layout import StepPaths
    from kfp.ir.spec import ComponentSpec


def publish(
    component: ComponentSpec,
    paths: StepPaths,
    depot: Callable[[], Depot],
    transfer: Transfer,
    seen: Sequence[Path] | None = None,
) -> tuple[Values, list[str]]:
    """Read a step's outputs and upload those that belong to the pipeline root.

    Args:
        component: declares them.
        paths: where they are.
        depot: moves them.
        transfer: is told, and may be given up.
        seen: the directories of this machine that the step saw; None for all of it.

    Returns:
        The outputs with their final URIs, and warnings.

    Raises:
        Canceled: it was given up.
        RunError: an output cannot be read, or cannot be uploaded.
    """
    values, notices = read_outputs(component, paths, seen)
    uploads: dict[Path, str] = {}
    artifacts = {
        name: tuple(_final(each, paths, uploads) for each in group) for name, group in values.artifacts.items()
    }
    for path, uri in uploads.items():
        _upload(path, uri, depot(), transfer)
    for path, uri in uploads.items():
        is_nested = any(path in other.parents or other in path.parents for other in uploads)
        _let_go(path, uri if not is_nested else "", depot(), transfer)
    return Values(values.parameters, artifacts), notices


def _final(artifact: Artifact, paths: StepPaths, uploads: dict[Path, str]) -> Artifact:
    """Return an output as later steps know it, and note what must be uploaded for that."""
    uri, path = goal(artifact, paths), written_path(artifact, paths)
    if paths.root and path is not None and is_store(uri) and uri.startswith(f"{paths.root}/"):
        if not is_missing(artifact, paths) and path.exists():
            uploads[path] = uri
        return replace(artifact, uri=uri, custom_path="")
    if artifact.custom_path.startswith(f"{inputs_directory(paths)}/"):  # an input, handed on
        return replace(artifact, custom_path="")
    return artifact


def _upload(path: Path, uri: str, depot: Depot, transfer: Transfer) -> None:
    from kfp.engine.artifacts.store import failure  # noqa: PLC0415 - start-up time
    from kfp.engine.artifacts.upload import upload  # noqa: PLC0415

    try:
        upload(path, uri, stores=depot.stores, workers=depot.workers, transfer=transfer)
    except OSError as error:
        raise failure("uploaded", uri, error) from error


def _let_go(path: Path, uri: str, depot: Depot, transfer: Transfer) -> None:
    """Hand what was uploaded to the cache, where the next step looks for it."""
    try:
        if uri:
            depot.adopt(uri, path, transfer)
    except (OSError, RunError):  # it is where it belongs; a step that wants it downloads it
        pass
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
