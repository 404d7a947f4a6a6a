"""Groups of tasks as components with a DAG, and as the tasks that run them."""

from __future__ import annotations

import json
from collections.abc import Callable

from kfp.compiler.conditions import condition
from kfp.compiler.wiring import Ports, Source, Wiring, is_choice
from kfp.dsl.conditions import ConditionGroup
from kfp.dsl.exit_handler import ExitHandler
from kfp.dsl.parallel_for import ParallelFor
from kfp.dsl.pipeline_channel import PipelineChannel
from kfp.dsl.pipeline_context import Pipeline
from kfp.dsl.pipeline_task import PipelineTask
from kfp.dsl.tasks_group import TasksGroup
from kfp.ir import spec as ir

TaskSpec = Callable[[PipelineTask, str], ir.PipelineTaskSpec]
"""Compiles a task under the name that its component gets."""


class Groups:
    """Compiles the DAGs of a pipeline.

    Args:
        pipeline: the pipeline.
        wiring: the ports of its groups.
        reserve: gives a free component name, the wanted one where it is free.
        compile_task: compiles a task.
    """

    def __init__(
        self, pipeline: Pipeline, wiring: Wiring, reserve: Callable[[str], str], compile_task: TaskSpec
    ) -> None:
        self._pipeline = pipeline
        self._wiring = wiring
        self._reserve = reserve
        self._compile_task = compile_task
        self._tasks: dict[str, ir.PipelineTaskSpec] = {}
        self._names: dict[str, str] = {}

    def compile(self) -> tuple[ir.DagSpec, dict[str, ir.ComponentSpec]]:
        """Return the pipeline's own DAG, and the components of the groups in it by name."""
        root = self._pipeline.root
        self._visit(root)
        outputs = self._root_outputs()
        components: dict[str, ir.ComponentSpec] = {}
        return ir.DagSpec(tasks=self._members(root, components), outputs=outputs), components

    def _visit(self, group: TasksGroup) -> None:
        """Compile the tasks of a group, then those of the groups inside; all ports are known afterwards.

        The groups get their names first, before what is inside of pipelines beside them. An exit task comes after
        the tasks that it waits for: its component's name is the later one.
        """
        for inner in group.groups:
            self._names[inner.name] = self._reserve(f"comp-{inner.name}")
        for member in group.members:
            if isinstance(member, PipelineTask) and member.exit_of is None:
                name = self._names[member.name] = self._reserve(f"comp-{member.name}")
                self._tasks[member.name] = self._compile_task(member, name)
        for inner in group.groups:
            self._visit(inner)
            if isinstance(inner, ExitHandler):
                task = inner.exit_task
                self._names[task.name] = self._reserve(f"comp-{task.name}")
                self._tasks[task.name] = self._compile_task(task, self._names[task.name])

    def _members(self, group: TasksGroup, components: dict[str, ir.ComponentSpec]) -> dict[str, ir.PipelineTaskSpec]:
        specs = {}
        for member in group.members:
            if isinstance(member, TasksGroup):
                components[self._names[member.name]] = self._component(member, components)
                specs[member.name] = self._task(member)
            else:
                specs[member.name] = self._tasks[member.name]
        return specs

    def _component(self, group: TasksGroup, components: dict[str, ir.ComponentSpec]) -> ir.ComponentSpec:
        ports = self._wiring.ports(group)
        return ir.ComponentSpec(
            input_definitions=_inputs(ports),
            output_definitions=_outputs(ports),
            dag=ir.DagSpec(tasks=self._members(group, components), outputs=_dag_outputs(group, ports)),
        )

    def _task(self, group: TasksGroup) -> ir.PipelineTaskSpec:
        inputs = self._wiring.ports(group).inputs
        taken = {name: (channel, source) for name, (channel, source) in inputs.items() if source is not None}
        parameters = {name: source.parameter() for name, (channel, source) in taken.items() if channel.type is not None}
        artifacts = {name: source.artifact() for name, (channel, source) in taken.items() if channel.type is None}
        trigger = None
        if isinstance(group, ConditionGroup):
            trigger = ir.TriggerPolicy(condition=condition(group, self._wiring))
        parameter_iterator, artifact_iterator, policy = _iterators(group, self._wiring)
        return ir.PipelineTaskSpec(
            component_ref=ir.ComponentRef(name=self._names[group.name]),
            task_info=ir.PipelineTaskInfo(name=group.display_name or group.name),
            inputs=ir.TaskInputsSpec(parameters=parameters, artifacts=artifacts) if taken else ir.NO_TASK_INPUTS,
            dependent_tasks=tuple(sorted(self._pipeline.waits.get(group.name, ()))),
            trigger_policy=trigger,
            parameter_iterator=parameter_iterator,
            artifact_iterator=artifact_iterator,
            iterator_policy=policy,
        )

    def _root_outputs(self) -> ir.DagOutputsSpec:
        root = self._pipeline.root
        parameters: dict[str, ir.DagOutputParameterSpec] = {}
        artifacts: dict[str, ir.DagOutputArtifactSpec] = {}
        for name, channel in self._pipeline.outputs.items():
            source = self._wiring.source(channel, root)
            if channel.type is None:
                artifacts[name] = ir.DagOutputArtifactSpec(artifact_selectors=(_artifact_selector(source),))
            else:
                parameters[name] = ir.DagOutputParameterSpec(value_from_parameter=_parameter_selector(source))
        return _outputs_spec(parameters, artifacts)


def _iterators(
    group: TasksGroup, wiring: Wiring
) -> tuple[ir.ParameterIteratorSpec | None, ir.ArtifactIteratorSpec | None, ir.IteratorPolicy | None]:
    if not isinstance(group, ParallelFor):
        return None, None, None
    policy = ir.IteratorPolicy(parallelism_limit=group.parallelism) if group.parallelism else None
    if not isinstance(group.items, PipelineChannel):
        items = ir.ParameterItems(raw=json.dumps(group.items, sort_keys=True))
        return ir.ParameterIteratorSpec(items=items, item_input=group.item.key), None, policy
    name = wiring.take(group.items, group)
    if group.items.type is None:
        artifacts = ir.ArtifactItems(input_artifact=name)
        return None, ir.ArtifactIteratorSpec(items=artifacts, item_input=group.item.key), policy
    items = ir.ParameterItems(input_parameter=name)
    return ir.ParameterIteratorSpec(items=items, item_input=group.item.key), None, policy


def _inputs(ports: Ports) -> ir.ComponentInputsSpec:
    if not ports.inputs:
        return ir.NO_COMPONENT_INPUTS
    channels = {name: channel for name, (channel, _) in ports.inputs.items()}
    return ir.ComponentInputsSpec(
        parameters={
            name: ir.InputParameterDefinition(parameter_type=channel.type)
            for name, channel in channels.items()
            if channel.type is not None
        },
        artifacts={
            name: ir.InputArtifactDefinition(
                artifact_type=_artifact_type(channel), is_artifact_list=channel.is_artifact_list
            )
            for name, channel in channels.items()
            if channel.type is None
        },
    )


def _outputs(ports: Ports) -> ir.ComponentOutputsSpec:
    if not ports.outputs:
        return ir.NO_COMPONENT_OUTPUTS
    channels = {name: channel for name, (channel, _) in ports.outputs.items()}
    return ir.ComponentOutputsSpec(
        parameters={
            name: ir.OutputParameterDefinition(parameter_type=channel.type)
            for name, channel in channels.items()
            if channel.type is not None
        },
        artifacts={
            name: ir.OutputArtifactDefinition(
                artifact_type=_artifact_type(channel), is_artifact_list=channel.is_artifact_list
            )
            for name, channel in channels.items()
            if channel.type is None
        },
    )


def _dag_outputs(group: TasksGroup, ports: Ports) -> ir.DagOutputsSpec:
    parameters: dict[str, ir.DagOutputParameterSpec] = {}
    artifacts: dict[str, ir.DagOutputArtifactSpec] = {}
    for name, (channel, sources) in ports.outputs.items():
        if channel.type is None:
            selectors = tuple(_artifact_selector(source) for source in sources)
            artifacts[name] = ir.DagOutputArtifactSpec(artifact_selectors=selectors)
        elif is_choice(group, channel):
            choices = ir.ParameterSelectorsSpec(
                parameter_selectors=tuple(_parameter_selector(source) for source in sources)
            )
            parameters[name] = ir.DagOutputParameterSpec(value_from_oneof=choices)
        else:
            parameters[name] = ir.DagOutputParameterSpec(value_from_parameter=_parameter_selector(sources[0]))
    return _outputs_spec(parameters, artifacts)


def _outputs_spec(
    parameters: dict[str, ir.DagOutputParameterSpec], artifacts: dict[str, ir.DagOutputArtifactSpec]
) -> ir.DagOutputsSpec:
    if not parameters and not artifacts:
        return ir.NO_DAG_OUTPUTS
    return ir.DagOutputsSpec(parameters=parameters, artifacts=artifacts)


def _parameter_selector(source: Source) -> ir.ParameterSelectorSpec:
    return ir.ParameterSelectorSpec(producer_subtask=source.producer or "", output_parameter_key=source.key)


def _artifact_selector(source: Source) -> ir.ArtifactSelectorSpec:
    return ir.ArtifactSelectorSpec(producer_subtask=source.producer or "", output_artifact_key=source.key)


def _artifact_type(channel: PipelineChannel) -> ir.ArtifactTypeSchema:
    return ir.ArtifactTypeSchema(schema_title=channel.schema_title, schema_version=channel.schema_version)
