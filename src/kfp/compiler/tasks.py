"""Tasks as the task specs of a DAG; each brings its component."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kfp.compiler.builder import Builder, platform_configs
from kfp.compiler.executors import changed, with_settings
from kfp.compiler.inputs import TaskInputs
from kfp.compiler.interface import input_definitions, output_definitions, task_config_passthroughs
from kfp.compiler.wiring import Wiring
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.pipeline_task import PipelineTask
from kfp.dsl.task_settings import TaskSettings
from kfp.dsl.yaml_component import YamlComponent
from kfp.ir import spec as ir

_WHEN_ENDED = ir.TriggerPolicy(strategy="ALL_UPSTREAM_TASKS_COMPLETED")


class Tasks:
    """Compiles the tasks of a pipeline.

    Args:
        builder: gets the components and executors.
        wiring: the ports of the pipeline's groups, which take in what tasks need.
        compile_pipeline: compiles a component that is a pipeline, or that was loaded, as a whole.
    """

    def __init__(
        self, builder: Builder, wiring: Wiring, compile_pipeline: Callable[[BaseComponent], ir.Document]
    ) -> None:
        self._builder = builder
        self._wiring = wiring
        self._compile_pipeline = compile_pipeline
        self._documents: dict[int, ir.Document] = {}
        self._interfaces: dict[int, ir.ComponentSpec] = {}

    def compile(self, task: PipelineTask, name: str) -> ir.PipelineTaskSpec:
        """Return a task, and put its component into the builder under a name that was reserved for it."""
        inputs = TaskInputs(task, self._wiring)
        self._builder.components[name] = self._component(task, name, inputs)
        settings = task.settings
        return ir.PipelineTaskSpec(
            component_ref=ir.ComponentRef(name=name),
            task_info=ir.PipelineTaskInfo(name=settings.display_name or task.name),
            inputs=inputs.spec(),
            dependent_tasks=tuple(sorted(task.pipeline.waits.get(task.name, ()))),
            trigger_policy=_WHEN_ENDED if task.exit_of is not None or task.ignores_failure else None,
            caching_options=ir.CachingOptions(enable_cache=settings.enable_caching, cache_key=settings.cache_key),
            retry_policy=_retry(settings),
        )

    def _component(self, task: PipelineTask, name: str, inputs: TaskInputs) -> ir.ComponentSpec:
        component = task.component
        if isinstance(component, (GraphComponent, YamlComponent)):
            document = self._documents.get(id(component))
            if document is None:
                document = self._documents[id(component)] = self._compile_pipeline(component)
            if component.is_container:
                return self._single(task, document, name, inputs)
            return self._builder.merge(document)
        executor = self._builder.containers.of_task(task, inputs.embed)
        label = self._builder.label(name, executor, inputs.platforms())
        return msgspec.structs.replace(self._interface(component), executor_label=label)

    def _interface(self, component: BaseComponent) -> ir.ComponentSpec:
        interface = self._interfaces.get(id(component))
        if interface is None:
            interface = self._interfaces[id(component)] = ir.ComponentSpec(
                input_definitions=input_definitions(component.interface),
                output_definitions=output_definitions(component.interface.outputs),
                task_config_passthroughs=task_config_passthroughs(component),
            )
        return interface

    def _single(self, task: PipelineTask, document: ir.Document, name: str, inputs: TaskInputs) -> ir.ComponentSpec:
        """Return the only component of a loaded document, which stands for the document as a whole."""
        (component,) = document.spec.components.values()
        label = component.executor_label or ""
        executor = document.spec.deployment_spec.executors[label]
        if executor.container is not None:
            executor = msgspec.structs.replace(executor, container=changed(executor.container, task.component))
        executor = with_settings(executor, task, inputs.embed)
        platforms = {**platform_configs(document, label), **inputs.platforms()}
        return msgspec.structs.replace(component, executor_label=self._builder.label(name, executor, platforms))


def _retry(settings: TaskSettings) -> ir.RetryPolicy | None:
    retry = settings.retry
    if retry is None:
        return None
    return ir.RetryPolicy(
        max_retry_count=retry.retries,
        backoff_duration=f"{retry.backoff_seconds}s",
        backoff_factor=retry.backoff_factor,
        backoff_max_duration=f"{retry.backoff_max_seconds}s",
    )
