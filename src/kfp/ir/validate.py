"""Checks between the parts of a pipeline: every reference meets what it names, and nothing goes in circles.

What a group passes on is the exception, for upstream's compiler loses values there and backends take its documents:
`kfp.ir.sources` tells what comes from nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kfp.errors import SpecError
from kfp.ir.spec import (
    ComponentSpec,
    DagSpec,
    InputArtifactSpec,
    InputParameterSpec,
    PipelineSpec,
    PipelineTaskSpec,
)

_SHOWN = 10


def validate(spec: PipelineSpec) -> None:
    """Check every reference of a pipeline.

    Args:
        spec: the pipeline.

    Raises:
        SpecError: a reference meets nothing, a component has neither or both of a DAG and an executor, tasks wait
            for each other, or a component contains itself; the message carries the field's path.
    """
    if spec.root.dag is None:
        raise _error("root", "must hold a dag")
    if spec.schema_version and not spec.schema_version.startswith("2."):
        raise _error("schemaVersion", f"{spec.schema_version!r} is not understood; 2.0 and 2.1 are")
    for label, executor in spec.deployment_spec.executors.items():
        kinds = (executor.container, executor.importer, executor.resolver, executor.custom_job)
        if sum(kind is not None for kind in kinds) != 1:
            raise _error(f'deploymentSpec.executors["{label}"]', "must hold one of container, importer")
    _component(spec, spec.root, "root")
    for name, component in spec.components.items():
        _component(spec, component, f'components["{name}"]')
    _no_recursion(spec)


def _error(path: str, reason: str) -> SpecError:
    return SpecError(f"not a valid PipelineSpec: {path}: {reason}")


def _component(spec: PipelineSpec, component: ComponentSpec, path: str) -> None:
    if (component.dag is None) == (component.executor_label is None):
        raise _error(path, "must hold either a dag or an executorLabel")
    if component.dag is not None:
        _dag(spec, component.dag, f"{path}.dag")
    elif component.executor_label not in spec.deployment_spec.executors:
        raise _error(f"{path}.executorLabel", f"no executor {component.executor_label!r} in deploymentSpec.executors")


def _dag(spec: PipelineSpec, dag: DagSpec, path: str) -> None:
    dependencies: dict[str, set[str]] = {}
    for name, task in dag.tasks.items():
        where = f'{path}.tasks["{name}"]'
        if task.component_ref.name not in spec.components:
            raise _error(f"{where}.componentRef.name", f"no component {task.component_ref.name!r} in components")
        dependencies[name] = _task(spec, dag, task, where)
    if circle := _circle(dependencies):
        raise _error(f"{path}.tasks", f"they wait for each other: {', '.join(circle[:_SHOWN])}")


def _task(spec: PipelineSpec, dag: DagSpec, task: PipelineTaskSpec, path: str) -> set[str]:
    """Check what a task refers to; return the tasks that it waits for."""
    producers = set(task.dependent_tasks)
    for producer in task.dependent_tasks:
        if producer not in dag.tasks:
            raise _error(f"{path}.dependentTasks", f"no task {producer!r} in this dag")
    for key, parameter in task.inputs.parameters.items():
        producers.update(_parameter(spec, dag, parameter, f'{path}.inputs.parameters["{key}"]'))
    for key, artifact in task.inputs.artifacts.items():
        producers.update(_artifact(spec, dag, artifact, f'{path}.inputs.artifacts["{key}"]'))
    return producers


def _parameter(spec: PipelineSpec, dag: DagSpec, source: InputParameterSpec, path: str) -> Iterable[str]:
    kinds = (
        source.task_output_parameter,
        source.runtime_value,
        source.component_input_parameter,
        source.task_final_status,
    )
    if sum(kind is not None for kind in kinds) != 1:
        raise _error(
            path, "must hold one of taskOutputParameter, runtimeValue, componentInputParameter, taskFinalStatus"
        )
    if source.task_output_parameter is not None:
        producer = source.task_output_parameter
        _output(spec, dag, path, producer.producer_task, parameter=producer.output_parameter_key)
        return (producer.producer_task,)
    if source.task_final_status is not None:
        if source.task_final_status.producer_task not in dag.tasks:
            raise _error(path, f"no task {source.task_final_status.producer_task!r} in this dag")
        return (source.task_final_status.producer_task,)
    return ()


def _artifact(spec: PipelineSpec, dag: DagSpec, source: InputArtifactSpec, path: str) -> Iterable[str]:
    if (source.task_output_artifact is None) == (source.component_input_artifact is None):
        raise _error(path, "must hold either taskOutputArtifact or componentInputArtifact")
    if source.task_output_artifact is not None:
        producer = source.task_output_artifact
        _output(spec, dag, path, producer.producer_task, artifact=producer.output_artifact_key)
        return (producer.producer_task,)
    return ()


def _output(
    spec: PipelineSpec, dag: DagSpec, path: str, producer: str, *, parameter: str = "", artifact: str = ""
) -> None:
    if producer not in dag.tasks:
        raise _error(path, f"no task {producer!r} in this dag")
    component = spec.components.get(dag.tasks[producer].component_ref.name)
    if component is None or component.dag is not None:
        return
    definitions = component.output_definitions
    if parameter and parameter not in definitions.parameters:
        raise _error(path, f"task {producer!r} has no output parameter {parameter!r}")
    if artifact and artifact not in definitions.artifacts:
        raise _error(path, f"task {producer!r} has no output artifact {artifact!r}")


def _circle(dependencies: Mapping[str, set[str]]) -> list[str]:
    """Remove what waits for nothing until nothing is left; what remains waits in a circle (Kahn)."""
    waiting = {name: len(producers) for name, producers in dependencies.items()}
    consumers: dict[str, list[str]] = {name: [] for name in dependencies}
    for name, producers in dependencies.items():
        for producer in producers:
            consumers[producer].append(name)
    ready = [name for name, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for consumer in consumers[ready.pop()]:
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                ready.append(consumer)
    return [] if done == len(waiting) else sorted(name for name, count in waiting.items() if count)


def _no_recursion(spec: PipelineSpec) -> None:
    contained = {
        name: {task.component_ref.name for task in component.dag.tasks.values()} if component.dag else set()
        for name, component in spec.components.items()
    }
    if circle := _circle(contained):
        raise _error("components", f"they contain each other: {', '.join(circle[:_SHOWN])}")
