"""The artifacts that the tasks of a run have made, found by name and looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.addresses import is_store
from kfp.engine.flow.values import Artifact
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kfp.engine.artifacts.fetch import Depot
    from kfp.engine.records.record import TaskRecord

_STEPS = ("container", "importer")
_MOST_NAMED = 5


class Made(msgspec.Struct, frozen=True):
    """An artifact of a run.

    Args:
        task: the task's path.
        name: the output's name, with the artifact's number in a list, from 0: `tables/3`.
        artifact: what it is.
    """

    task: str
    name: str
    artifact: Artifact

    @property
    def reference(self) -> str:
        """How it is named among the artifacts of its run: `train/model`."""
        return f"{self.task}/{self.name}"


def made(tasks: Sequence[TaskRecord]) -> list[Made]:
    """Return the artifacts of a run's steps and importers, in the order of the tasks.

    What leaves a DAG or a loop was made by one of them, and is not told twice.
    """
    return [each for task in tasks if task.kind in _STEPS for each in _of(task.path, task.outputs or {})]


def find(artifacts: Sequence[Made], said: str) -> Made:
    """Return the artifact that somebody means.

    Args:
        artifacts: those of a run.
        said: its reference, or as much of its end as tells it from the others.

    Raises:
        RunError: there is none, or several.
    """
    said = said.strip("/")
    found = [each for each in artifacts if each.reference == said]
    found = found or [each for each in artifacts if each.reference.endswith(f"/{said}")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RunError(f"the run has no artifact {said!r}", hint=f"it has {_named(artifacts) or 'none'}")
    raise RunError(f"several artifacts are called {said!r}: {_named(found)}", hint="give more of the path")


def size(artifact: Artifact, depot: Depot) -> int | None:
    """Return the bytes of an artifact, None where nobody knows: it is gone, or its store does not tell.

    Args:
        artifact: a file, a directory, or what lies in an object store.
        depot: asks the object store.
    """
    try:
        if is_store(artifact.uri):
            return depot.stores.listing(artifact.uri).size
        return _size_here(Path(artifact.path))
    except (OSError, RunError):
        return None


def _size_here(path: Path) -> int | None:
    if not path.is_absolute() or not path.exists():
        return None
    if path.is_file():
        return path.stat().st_size
    total = 0
    for directory, _, names in os.walk(path):
        total += sum(Path(directory, name).lstat().st_size for name in names)
    return total


def _of(task: str, outputs: Mapping[str, Any]) -> Iterator[Made]:
    for name, value in outputs.items():
        if _is_artifact(value):
            yield Made(task, name, Artifact.from_json(value))
        elif isinstance(value, list) and value and all(map(_is_artifact, value)):
            for number, each in enumerate(value):
                yield Made(task, f"{name}/{number}", Artifact.from_json(each))


def _is_artifact(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell an artifact from a parameter: a record says of neither which it is."""
    if not isinstance(value, dict) or not {"name", "type", "uri", "metadata"} <= value.keys():
        return False
    kind = value["type"]
    return isinstance(kind, dict) and isinstance(kind.get("schemaTitle"), str) and isinstance(value["uri"], str)


def _named(artifacts: Sequence[Made]) -> str:
    more = f" and {len(artifacts) - _MOST_NAMED} more" if len(artifacts) > _MOST_NAMED else ""
    return ", ".join(each.reference for each in artifacts[:_MOST_NAMED]) + more
