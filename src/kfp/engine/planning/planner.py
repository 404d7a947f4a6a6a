"""Resolves a PipelineSpec into what runs; everything that can be refused is refused here, before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from kfp.engine.flow.conditions import read_condition
from kfp.engine.flow.dag_outputs import selectors
from kfp.engine.flow.iterations import read_iterator
from kfp.engine.flow.selectors import read_selectors
from kfp.engine.planning.demand import demand
from kfp.engine.planning.needs import check_inputs
from kfp.engine.planning.plan import CLAIM_IMAGES, Dag, Plan, Task
from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.errors import RunError, SpecError
from kfp.ir.spec import CachingOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.platforms.reading import Settings
    from kfp.ir.spec import (
        ComponentSpec,
        ExecutorSpec,
        Json,
        PipelineSpec,
        PipelineTaskSpec,
        RetryPolicy,
        SinglePlatformSpec,
    )

_KUBERNETES = "kubernetes"
_ALWAYS = "ALL_UPSTREAM_TASKS_COMPLETED"
_MAX_DEPTH = 64
_MAX_TASKS = 1_000_000
"""What a DAG opens into at most: a few components that use each other twice make more tasks than any machine can."""
_MOST_RETRIES = 2**31 - 1  # what a document can say
_EXIT_HANDLER = re.compile(r"exit-handler-[0-9]+")


class _Reading(msgspec.Struct):
    spec: PipelineSpec
    platforms: Mapping[str, SinglePlatformSpec]
    dags: dict[tuple[str, RetryPolicy | None], Dag] = msgspec.field(default_factory=dict)
    steps: int = 0


def plan(spec: PipelineSpec, platforms: Mapping[str, SinglePlatformSpec] | None = None) -> Plan:
    """Resolve a PipelineSpec.

    Args:
        spec: a pipeline, as `kfp.ir.files` reads it.
        platforms: what platforms add to it, by platform name.

    Returns:
        The plan; a DAG component that several tasks use in the same way is planned once.

    Raises:
        SpecError: a reference leads nowhere, or a component contains itself.
        RunError: tasks wait for each other in a circle, or use a feature that this engine does not have.
    """
    if spec.root.dag is None:
        raise SpecError("root: the pipeline has no DAG", hint="compile a pipeline or a component, not an executor")
    reading = _Reading(spec, platforms or {})
    configs = [added.pipeline_config for added in reading.platforms.values() if added.pipeline_config is not None]
    root = _dag(reading, spec.root, "root", ())
    return Plan(spec.pipeline_info.name, root, reading.steps, *configs[:1])


def _dag(
    reading: _Reading, component: ComponentSpec, where: str, inside: tuple[str, ...], retry: RetryPolicy | None = None
) -> Dag:
    if component.dag is None:
        raise SpecError(f"{where}: the component has no DAG")
    if len(inside) > _MAX_DEPTH:
        raise SpecError(f"{where}: DAGs are nested more than {_MAX_DEPTH} deep")
    tasks = tuple(
        _task(reading, name, spec, f"{where}.dag.tasks.{name}", inside, retry)
        for name, spec in component.dag.tasks.items()
    )
    for task in tasks:
        check_inputs(reading.spec, component, task, where)
    index = {task.name: position for position, task in enumerate(tasks)}
    vertices = [
        Vertex(
            task.name,
            needs=tuple(sorted({_position(index, need, f"{where}.dag.tasks.{task.name}") for need in _needs(task)})),
            is_dag=task.dag is not None or task.iterator is not None,
            always=task.spec.trigger_policy is not None and task.spec.trigger_policy.strategy == _ALWAYS,
            retries=task.spec.retry_policy.max_retry_count if task.spec.retry_policy and not task.iterator else 0,
            at_exit=_is_exit(task.spec),
            request=task.request,
        )
        for task in tasks
    ]
    _check_outputs(component, index, where)
    size = sum(_size(task) for task in tasks)
    if size > _MAX_TASKS:
        raise SpecError(f"{where}: the DAG opens into more than {_MAX_TASKS:,} tasks")
    return Dag(component, tasks, Graph.of(vertices), size)


def _task(  # noqa: PLR0917
    reading: _Reading,
    name: str,
    spec: PipelineTaskSpec,
    where: str,
    inside: tuple[str, ...],
    retry: RetryPolicy | None,
) -> Task:
    reference = spec.component_ref.name
    component = reading.spec.components.get(reference)
    if component is None:
        raise SpecError(f"{where}.componentRef.name: there is no component {reference!r}")
    if retry is not None:
        spec = replace(spec, retry_policy=_retries(spec.retry_policy, retry))
    task = Task(
        name,
        spec,
        component,
        condition=read_condition(name, spec),
        iterator=read_iterator(name, spec),
        selectors=read_selectors(name, spec),
    )
    if component.dag is not None:
        if reference in inside:
            raise SpecError(f"components.{reference}: the component contains itself")
        known = reference, spec.retry_policy
        if known not in reading.dags:
            within = (*inside, reference)
            reading.dags[known] = _dag(reading, component, f"components.{reference}", within, spec.retry_policy)
        return replace(task, dag=reading.dags[known])
    label = component.executor_label or ""
    executor = reading.spec.deployment_spec.executors.get(label)
    if executor is None:
        raise SpecError(f"components.{reference}.executorLabel: there is no executor {label!r}")
    if executor.container is None and executor.importer is None:
        raise _unsupported(name, _kind(executor))
    reading.steps += 1
    added = {
        platform: config
        for platform, each in reading.platforms.items()
        if each.deployment_spec is not None and (config := each.deployment_spec.executors.get(label))
    }
    if executor.container is not None and executor.container.image in CLAIM_IMAGES:
        spec = replace(spec, caching_options=CachingOptions())  # what it does is not in its outputs
    return replace(
        task,
        spec=spec,
        label=label,
        container=executor.container,
        importer=executor.importer,
        platform=_platform(added.get(_KUBERNETES), label),
        ignored=tuple(platform for platform in added if platform != _KUBERNETES),
        request=demand(executor.container, f"deploymentSpec.executors.{label}"),
    )


def _retries(own: RetryPolicy | None, around: RetryPolicy) -> RetryPolicy:
    """Return how a task is retried in a DAG that is retried itself: its steps are, and those that are done stay so.

    A step has as many attempts at most as if all of the DAG began anew each time.
    """
    if own is None or not own.max_retry_count:
        return around
    attempts = (own.max_retry_count + 1) * (around.max_retry_count + 1)
    return replace(own, max_retry_count=min(attempts - 1, _MOST_RETRIES))


def _is_exit(spec: PipelineTaskSpec) -> bool:
    """Whether a task is the exit task of a `dsl.ExitHandler`, the only kind that waits for a group of that name."""
    always = spec.trigger_policy is not None and spec.trigger_policy.strategy == _ALWAYS
    return always and len(spec.dependent_tasks) == 1 and _EXIT_HANDLER.fullmatch(spec.dependent_tasks[0]) is not None


def _platform(config: Mapping[str, Json] | None, label: str) -> Settings | None:
    if not config:
        return None
    from kfp.engine.platforms.reading import read_settings  # noqa: PLC0415 - few pipelines have such settings

    return read_settings(config, f"platforms.{_KUBERNETES}.deploymentSpec.executors.{label}")


def _size(task: Task) -> int:
    """Return how many tasks a task is, itself included."""
    return 1 + (task.dag.size if task.dag is not None else 0)


def _needs(task: Task) -> Iterator[str]:
    """Yield the tasks that a task waits for: those that it names and those that its inputs and settings come from."""
    spec = task.spec
    yield from spec.dependent_tasks
    for name in task.platform.names() if task.platform is not None else ():
        if name.source is not None and name.source.task_output_parameter:
            yield name.source.task_output_parameter.producer_task
    for parameter in spec.inputs.parameters.values():
        if parameter.task_output_parameter:
            yield parameter.task_output_parameter.producer_task
        if parameter.task_final_status:
            yield parameter.task_final_status.producer_task
    for artifact in spec.inputs.artifacts.values():
        if artifact.task_output_artifact:
            yield artifact.task_output_artifact.producer_task


def _position(index: dict[str, int], name: str, where: str) -> int:
    if name not in index:
        raise SpecError(f"{where}: there is no task {name!r} in the same DAG")
    return index[name]


def _check_outputs(component: ComponentSpec, index: dict[str, int], where: str) -> None:
    if component.dag is None:
        return
    for name, parameter in component.dag.outputs.parameters.items():
        at = f"{where}.dag.outputs.parameters.{name}"
        sources = [selector.producer_subtask for selector in selectors(parameter)]
        if not sources:
            raise SpecError(f"{at}: the output comes from nowhere")
        for source in sources:
            _position(index, source, at)
    for name, artifact in component.dag.outputs.artifacts.items():
        at = f"{where}.dag.outputs.artifacts.{name}"
        for selector in artifact.artifact_selectors:
            _position(index, selector.producer_subtask, at)


def _kind(executor: ExecutorSpec) -> str:
    return "a resolver" if executor.resolver else "a custom job" if executor.custom_job else "an empty executor"


def _unsupported(task: str, feature: str) -> RunError:
    return RunError(
        f"task {task!r} uses {feature}, which this engine does not run yet",
        hint="nothing was started; run the pipeline on a Kubeflow Pipelines backend",
    )
