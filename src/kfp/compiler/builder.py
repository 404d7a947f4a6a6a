"""The shared part of a document while it is compiled: components and executors under unique names.

Every task has a component of its own, named after it, as KFP names them. Executors that are the same are written once.
A pipeline inside a pipeline, compiled or loaded, is merged: what it holds keeps its names where they are free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kfp.compiler.executors import Containers
from kfp.ir import spec as ir

_COMPONENT, _EXECUTOR = "comp-", "exec-"


class Builder:
    """Components and executors by their names.

    Attributes:
        components: of the whole document.
        executors: of the whole document, by label.
        platforms: what each platform adds to executors, by platform and label.
        containers: the containers of components that were compiled already.
    """

    def __init__(self) -> None:
        self.components: dict[str, ir.ComponentSpec] = {}
        self.executors: dict[str, ir.ExecutorSpec] = {}
        self.platforms: dict[str, dict[str, dict[str, Any]]] = {}
        self.containers = Containers()
        self._next: dict[str, int] = {}
        self._labels: dict[object, str] = {}
        self._reserved: set[str] = set()

    def reserve(self, wanted: str) -> str:
        """Return a free component name, the wanted one or one with the next number, and take it."""
        name, number = wanted, self._next.get(wanted, 1)
        while name in self._reserved:
            number += 1
            name = f"{wanted}-{number}"
        self._next[wanted] = number
        self._reserved.add(name)
        return name

    def label(self, component: str, executor: ir.ExecutorSpec, platforms: Mapping[str, Mapping[str, Any]]) -> str:
        """Return the label of an executor: that of an equal one, else one named after the component.

        Args:
            component: the component's name in the document.
            executor: what the component runs.
            platforms: what platforms add to it.
        """
        key = (_key(executor), msgspec.json.encode(platforms, order="deterministic") if platforms else b"")
        label = self._labels.get(key)
        if label is None:
            label = _EXECUTOR + component.removeprefix(_COMPONENT)
            self._labels[key] = label
            self.executors[label] = executor
            for platform, config in platforms.items():
                self.platforms.setdefault(platform, {})[label] = dict(config)
        return label

    def merge(self, document: ir.Document) -> ir.ComponentSpec:
        """Take in all components of another document; return its root with their new names in place."""
        names = self._rename(document.spec.components)
        for old, component in document.spec.components.items():
            renamed = _renamed(component, names)
            if component.executor_label is not None:
                executor = document.spec.deployment_spec.executors[component.executor_label]
                label = self.label(names[old], executor, platform_configs(document, component.executor_label))
                renamed = msgspec.structs.replace(renamed, executor_label=label)
            self.components[names[old]] = renamed
        return _renamed(document.spec.root, names)

    def document(self, spec: ir.PipelineSpec) -> ir.Document:
        """Return the finished document for a pipeline that lacks only what was collected here."""
        whole = msgspec.structs.replace(
            spec,
            components=self.components,
            deployment_spec=ir.PipelineDeploymentConfig(executors=self.executors),
        )
        platforms = {
            name: ir.SinglePlatformSpec(deployment_spec=ir.PlatformDeploymentConfig(executors=executors))
            for name, executors in self.platforms.items()
        }
        return ir.Document(spec=whole, platforms=platforms)

    def _rename(self, wanted: Iterable[str]) -> dict[str, str]:
        """Return new names by old ones: those that are free stay, before any other takes one of them.

        KFP takes the names one by one as a protobuf map has them, in another order every time; this is one of them.
        """
        ordered = sorted(wanted)
        free = [name for name in ordered if name not in self._reserved]
        self._reserved.update(free)
        names = {name: name for name in free}
        names.update((name, self.reserve(name)) for name in ordered if name not in names)
        return names


def platform_configs(document: ir.Document, label: str) -> dict[str, dict[str, Any]]:
    """Return what each platform adds to an executor of a document."""
    return {
        name: platform.deployment_spec.executors[label]
        for name, platform in document.platforms.items()
        if platform.deployment_spec is not None and label in platform.deployment_spec.executors
    }


def _renamed(component: ir.ComponentSpec, names: Mapping[str, str]) -> ir.ComponentSpec:
    if component.dag is None:
        return component
    tasks = {
        name: msgspec.structs.replace(task, component_ref=ir.ComponentRef(name=names[task.component_ref.name]))
        for name, task in component.dag.tasks.items()
    }
    return msgspec.structs.replace(component, dag=msgspec.structs.replace(component.dag, tasks=tasks))


def _key(executor: ir.ExecutorSpec) -> object:
    """Return what equal executors share; a container is hashable as it is, an importer holds dicts."""
    return executor if executor.container is not None else msgspec.json.encode(executor, order="deterministic")
