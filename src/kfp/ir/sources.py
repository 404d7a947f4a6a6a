"""Where the values of a pipeline come from, and which ones come from nowhere.

Upstream's compiler loses values between groups: it gives a loop an item from outside the loop, where there is none, or
takes an output of a branch that does not declare it. Backends accept such documents and fail, if at all, when the value
is needed. So reading keeps them as they are (`kfp.ir.validate` looks at the structure alone), and whoever is about to
run one asks here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kfp.ir.spec import ComponentSpec, DagSpec, PipelineSpec, PipelineTaskSpec

Kind = Literal["parameter", "artifact"]


def missing(spec: PipelineSpec) -> Iterator[str]:
    """Yield the path of each field of a pipeline that refers to a value which is not there, and the reason."""
    components = {"root": spec.root, **{f'components["{name}"]': each for name, each in spec.components.items()}}
    for where, component in components.items():
        if component.dag is None:
            continue
        for name, task in component.dag.tasks.items():
            for kind, key, reason in missing_inputs(spec, component, task):
                yield f'{where}.dag.tasks["{name}"].inputs.{kind}s["{key}"]: {reason}'
        yield from (f"{where}.dag.outputs.{each}" for each in _outputs(spec, component.dag))


def missing_inputs(
    spec: PipelineSpec, component: ComponentSpec, task: PipelineTaskSpec
) -> Iterator[tuple[Kind, str, str]]:
    """Yield the inputs of a task that come from nowhere: kind, name, reason.

    Args:
        spec: the pipeline.
        component: whose DAG the task is in.
        task: the task.
    """
    for key, parameter in task.inputs.parameters.items():
        inside, output = parameter.component_input_parameter, parameter.task_output_parameter
        if inside is not None and inside not in component.input_definitions.parameters:
            yield "parameter", key, f"no input parameter {inside!r} here"
        elif output is not None and component.dag is not None:
            reason = _missing(spec, component.dag, output.producer_task, "parameter", output.output_parameter_key)
            if reason:
                yield "parameter", key, reason
    for key, artifact in task.inputs.artifacts.items():
        inside, made = artifact.component_input_artifact, artifact.task_output_artifact
        if inside is not None and inside not in component.input_definitions.artifacts:
            yield "artifact", key, f"no input artifact {inside!r} here"
        elif made is not None and component.dag is not None:
            reason = _missing(spec, component.dag, made.producer_task, "artifact", made.output_artifact_key)
            if reason:
                yield "artifact", key, reason


def _outputs(spec: PipelineSpec, dag: DagSpec) -> Iterator[str]:
    for name, parameter in dag.outputs.parameters.items():
        selectors = [parameter.value_from_parameter] if parameter.value_from_parameter else []
        selectors += parameter.value_from_oneof.parameter_selectors if parameter.value_from_oneof else ()
        for each in selectors:
            if reason := _missing(spec, dag, each.producer_subtask, "parameter", each.output_parameter_key):
                yield f'parameters["{name}"]: {reason}'
    for name, artifact in dag.outputs.artifacts.items():
        for chosen in artifact.artifact_selectors:
            if reason := _missing(spec, dag, chosen.producer_subtask, "artifact", chosen.output_artifact_key):
                yield f'artifacts["{name}"]: {reason}'


def _missing(spec: PipelineSpec, dag: DagSpec, producer: str, kind: Kind, key: str) -> str:
    """Say why a task of a DAG does not give an output, "" where it does."""
    if producer not in dag.tasks or dag.tasks[producer].component_ref.name not in spec.components:
        return f"no task {producer!r} in this dag"
    made = spec.components[dag.tasks[producer].component_ref.name].output_definitions
    known = made.parameters if kind == "parameter" else made.artifacts
    return "" if key in known else f"task {producer!r} has no output {kind} {key!r}"
