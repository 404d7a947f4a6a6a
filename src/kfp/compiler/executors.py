"""Executors of tasks: what runs in a task's container, written once for all tasks that run the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kfp.compiler.command import container_args, container_command
from kfp.compiler.importer import importer_executor
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.container import ContainerComponent
from kfp.dsl.importer_node import ImporterComponent
from kfp.dsl.names import check_names
from kfp.dsl.pipeline_task import PipelineTask
from kfp.dsl.placeholders import element_struct
from kfp.dsl.python_component import PythonComponent
from kfp.dsl.quantities import cores, count, gigabytes
from kfp.dsl.task_settings import TaskSettings
from kfp.errors import AuthoringError
from kfp.ir import spec as ir

Embed = Callable[[str], str]
"""Replaces the channels in a text by the placeholders of the task's inputs."""

_AMOUNTS = (
    ("cpu_limit", cores),
    ("memory_limit", gigabytes),
    ("cpu_request", cores),
    ("memory_request", gigabytes),
)


class Containers:
    """The containers of components, each made and checked once."""

    def __init__(self) -> None:
        self._made: dict[int, ir.PipelineContainerSpec] = {}

    def of_task(self, task: PipelineTask, embed: Embed) -> ir.ExecutorSpec:
        """Return the executor of a task: its component's container with the task's settings.

        Raises:
            AuthoringError: the component's function cannot run.
        """
        if isinstance(task.component, ImporterComponent):
            return importer_executor(task.component)
        container = self._of_component(task)
        changes = _changes(task, embed)
        if changes:
            container = msgspec.structs.replace(container, **changes)
        return ir.ExecutorSpec(container=container)

    def _of_component(self, task: PipelineTask) -> ir.PipelineContainerSpec:
        component = task.component
        container = self._made.get(id(component))
        if container is None:
            if isinstance(component, PythonComponent):
                check_names(component)
                container = ir.PipelineContainerSpec(
                    image=component.target_image or component.base_image,
                    command=container_command(component),
                    args=container_args(component),
                )
            elif isinstance(component, ContainerComponent):
                container = ir.PipelineContainerSpec(
                    image=component.container.image,
                    command=_elements(component.command),
                    args=_elements(component.args),
                )
            else:
                raise AuthoringError(f"component {component.name!r} cannot be compiled: {type(component).__name__}")
            container = changed(container, component)
            self._made[id(component)] = container
        return container


def changed(container: ir.PipelineContainerSpec, component: BaseComponent) -> ir.PipelineContainerSpec:
    """Return a component's container with what was assigned to its `component_spec`."""
    changes = component.container_changes
    if not changes:
        return container
    for part in ("command", "args"):
        if part in changes:
            changes[part] = _elements([element_struct(element) for element in changes[part] or ()])
    if "env" in changes:
        changes["env"] = tuple(ir.EnvVar(name=name, value=value) for name, value in (changes["env"] or {}).items())
    return msgspec.structs.replace(container, **changes)


def _elements(structs: Sequence[object]) -> tuple[str, ...]:
    return tuple(struct if isinstance(struct, str) else json.dumps(struct) for struct in structs)


def with_settings(executor: ir.ExecutorSpec, task: PipelineTask, embed: Embed) -> ir.ExecutorSpec:
    """Return an executor of a loaded component with a task's settings; its own environment stays below the task's."""
    changes = _changes(task, embed)
    if not changes or executor.container is None:
        return executor
    if "env" in changes:
        own = {variable.name: variable for variable in executor.container.env}
        own.update((variable.name, variable) for variable in changes["env"])
        changes["env"] = tuple(own.values())
    return msgspec.structs.replace(executor, container=msgspec.structs.replace(executor.container, **changes))


def _changes(task: PipelineTask, embed: Embed) -> dict[str, Any]:
    settings = task.settings
    changes: dict[str, Any] = {part: tuple(map(embed, texts)) for part, texts in task.commands.items()}
    if settings.container_image is not None:
        changes["image"] = embed(settings.container_image)
    if settings.env:
        changes["env"] = tuple(ir.EnvVar(name=name, value=value) for name, value in settings.env)
    resources: dict[str, Any] = {}
    for name, amount in _AMOUNTS:
        text = getattr(settings, name)
        if text is None:
            continue
        embedded = embed(text)
        resources[f"resource_{name}"] = embedded
        if embedded == text and amount(text):
            resources[name] = amount(text)
    if settings.accelerator_type is not None or settings.accelerator_limit is not None:
        resources["accelerator"] = _accelerator(settings, embed)
    if resources:
        changes["resources"] = ir.ResourceSpec(**resources)
    return changes


def _accelerator(settings: TaskSettings, embed: Embed) -> ir.AcceleratorConfig:
    """Return the accelerators of a task, also in the older fields, which cannot hold channels; one where none says."""
    kind, limit = settings.accelerator_type or "", settings.accelerator_limit or "1"
    resource_type, resource_count = embed(kind), embed(limit)
    return ir.AcceleratorConfig(
        type=kind if resource_type == kind else "",
        count=limit if resource_count == limit and count(limit) else 0,
        resource_type=resource_type,
        resource_count=resource_count,
    )
