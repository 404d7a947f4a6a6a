"""Where the values of a pipeline come from, and which ones come from nowhere.

Upstream's compiler loses values between groups: it gives a loop an item from outside the loop, where there is none, or
takes an output of a branch that does not declare it. Backends accept such documents and fail, if at all, when the value
is needed. So reading keeps them as they are (`kfp.ir.validate` looks at the structure alone), and whoever is about to
run one asks here.
"""

from __future__ import annotations

from collections.abc import Iterator

from kfp.ir.spec import ComponentSpec, DagSpec, PipelineSpec, PipelineTaskSpec


def missing(spec: PipelineSpec) -> Iterator[str]:
    """Yield the path of each field of a pipeline that refers to a value which is not there, and the reason."""
    components = {"root": spec.root, **{f'components["{name}"]': each for name, each in spec.components.items()}}
    for where, component in components.items():
        if component.dag is None:
            continue
        for name, task in component.dag.tasks.items():
            for kind, found in (
                ("parameters", missing_parameters(spec, component, task)),
                ("artifacts", missing_artifacts(spec, component, task)),
            ):
                for key, reason in found.items():
                    yield f'{where}.dag.tasks["{name}"].inputs.{kind}["{key}"]: {reason}'
        yield from (f"{where}.dag.outputs.{each}" for each in _outputs(spec, component.dag))


def missing_parameters(spec: PipelineSpec, component: ComponentSpec, task: PipelineTaskSpec) -> dict[str, str]:
    """Return the input parameters of a task that come from nowhere, each with the reason.

    Args:
        spec: the pipeline.
        component: whose DAG the task is in.
        task: the task.
    """
    found = {}
    for key, source in task.inputs.parameters.items():
        inside, output = source.component_input_parameter, source.task_output_parameter
        if inside is not None and inside not in component.input_definitions.parameters:
            found[key] = f"no input parameter {inside!r} here"
        if output is not None and component.dag is not None:
            reason = _parameter(spec, component.dag, output.producer_task, output.output_parameter_key)
            if reason:
                found[key] = reason
    return found


def missing_artifacts(spec: PipelineSpec, component: ComponentSpec, task: PipelineTaskSpec) -> dict[str, str]:
    """Return the input artifacts of a task that come from nowhere, each with the reason; see `missing_parameters`."""
    found = {}
    for key, source in task.inputs.artifacts.items():
        inside, output = source.component_input_artifact, source.task_output_artifact
        if inside is not None and inside not in component.input_definitions.artifacts:
            found[key] = f"no input artifact {inside!r} here"
        if output is not None and component.dag is not None:
            reason = _artifact(spec, component.dag, output.producer_task, output.output_artifact_key)
            if reason:
                found[key] = reason
    return found


def _outputs(spec: PipelineSpec, dag: DagSpec) -> Iterator[str]:
    for name, parameter in dag.outputs.parameters.items():
        selectors = [parameter.value_from_parameter] if parameter.value_from_parameter else []
        selectors += parameter.value_from_oneof.parameter_selectors if parameter.value_from_oneof else ()
        for each in selectors:
            if reason := _parameter(spec, dag, each.producer_subtask, each.output_parameter_key):
                yield f'parameters["{name}"]: {reason}'
    for name, artifact in dag.outputs.artifacts.items():
        for chosen in artifact.artifact_selectors:
            if reason := _artifact(spec, dag, chosen.producer_subtask, chosen.output_artifact_key):
                yield f'artifacts["{name}"]: {reason}'


def _parameter(spec: PipelineSpec, dag: DagSpec, producer: str, key: str) -> str:
    component = _component(spec, dag, producer)
    if component is None:
        return f"no task {producer!r} in this dag"
    known = component.output_definitions.parameters
    return "" if key in known else f"task {producer!r} has no output parameter {key!r}"


def _artifact(spec: PipelineSpec, dag: DagSpec, producer: str, key: str) -> str:
    component = _component(spec, dag, producer)
    if component is None:
        return f"no task {producer!r} in this dag"
    known = component.output_definitions.artifacts
    return "" if key in known else f"task {producer!r} has no output artifact {key!r}"


def _component(spec: PipelineSpec, dag: DagSpec, task: str) -> ComponentSpec | None:
    return spec.components.get(dag.tasks[task].component_ref.name) if task in dag.tasks else None
