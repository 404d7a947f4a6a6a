"""The executor input (`ExecutorInput` of the schema): the JSON that tells a step its inputs and where outputs go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.flow.values import Artifact
from kfp.ir.values import as_go_writes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.flow.values import Values
    from kfp.engine.layout import StepPaths
    from kfp.ir.spec import ComponentSpec


def output_artifacts(component: ComponentSpec, paths: StepPaths) -> dict[str, tuple[Artifact, ...]]:
    """Return a component's output artifacts as they are before the step runs.

    Args:
        component: declares their types and first metadata.
        paths: where they go.
    """
    made: dict[str, tuple[Artifact, ...]] = {}
    for name, definition in component.output_definitions.artifacts.items():
        metadata = as_go_writes(dict(definition.metadata))
        artifact = Artifact.of_type(definition.artifact_type, name, paths.artifact_uri(name), metadata)
        if paths.root:
            artifact = replace(artifact, custom_path=str(paths.artifact(name)))
        made[name] = (artifact,)
    return made


def executor_input(component: ComponentSpec, inputs: Values, paths: StepPaths) -> dict[str, Any]:
    """Return what a step is told.

    Args:
        component: declares the outputs.
        inputs: the task's bound inputs.
        paths: where the outputs go.

    Returns:
        The JSON form of `ExecutorInput`; empty members are left out, as the protobuf JSON mapping does.
    """
    told: dict[str, Any] = {"inputs": {}, "outputs": {"outputFile": str(paths.executor_output)}}
    if inputs.parameters:
        told["inputs"]["parameterValues"] = dict(inputs.parameters)
    if inputs.artifacts:
        told["inputs"]["artifacts"] = _artifacts(inputs.artifacts)
    outputs = component.output_definitions
    if outputs.parameters:
        told["outputs"]["parameters"] = {
            name: {"outputFile": str(paths.parameter(name))} for name in outputs.parameters
        }
    if outputs.artifacts:
        told["outputs"]["artifacts"] = _artifacts(output_artifacts(component, paths))
    return told


def _artifacts(groups: Mapping[str, tuple[Artifact, ...]]) -> dict[str, Any]:
    return {name: {"artifacts": [artifact.to_json() for artifact in group]} for name, group in groups.items()}
