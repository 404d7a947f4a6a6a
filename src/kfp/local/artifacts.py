"""Artifacts on their way from a user's program into a run, and out of it as objects with local paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.runtime.artifacts import Artifact
from kfp.runtime.system_artifacts import titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.values import Artifact as EngineArtifact
    from kfp.engine.values import Values
    from kfp.ir.spec import Json


def to_json(value: Json) -> Json:
    """Return an argument as the engine takes it: an artifact, or a list of them, in its JSON form."""
    if isinstance(value, Artifact):
        kind = {"schemaTitle": value.schema_title, "schemaVersion": value.schema_version}
        uri = value.uri if "://" in value.uri else str(Path(value.uri).absolute())
        return {"name": value.name, "type": kind, "uri": uri, "metadata": dict(value.metadata)}
    if isinstance(value, (list, tuple)) and any(isinstance(each, Artifact) for each in value):
        return [to_json(each) for each in value]
    return value


def to_objects(outputs: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return a task's outputs as a program takes them: parameters as they are, artifacts as objects.

    Args:
        outputs: JSON values by name.
        values: the same, which says what is an artifact.
    """
    made = dict(outputs)
    for name in made.keys() & values.artifacts.keys():
        objects = [_artifact(each) for each in values.artifacts[name]]
        made[name] = objects if isinstance(made[name], list) else objects[0]
    return made


def _artifact(made: EngineArtifact) -> Artifact:
    artifact: Artifact = titled(made.schema_title)(name=made.name, uri=made.uri, metadata=dict(made.metadata))
    if artifact.schema_title != made.schema_title:
        artifact.schema_title = made.schema_title
    if made.custom_path:
        artifact.custom_path = made.custom_path
    return artifact
