"""Artifacts on their way out of a run, as objects with local paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.runtime.artifacts import Artifact
from kfp.runtime.system_artifacts import titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.values import Artifact as EngineArtifact
    from kfp.engine.flow.values import Values


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
