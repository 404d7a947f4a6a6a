"""A component or pipeline as a document: the pure function behind the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kfp.compiler.builder import Builder
from kfp.compiler.checks import check
from kfp.compiler.checks.workspace import check_no_workspace
from kfp.compiler.groups import Groups
from kfp.compiler.interface import input_definitions, output_definitions, task_config_passthroughs
from kfp.compiler.pipeline_config import with_config
from kfp.compiler.tasks import Tasks
from kfp.compiler.wiring import Wiring
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.defaults import as_default
from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.interface import Interface
from kfp.dsl.pipeline_context import Pipeline
from kfp.dsl.pipeline_task import PipelineTask
from kfp.dsl.yaml_component import YamlComponent
from kfp.errors import ArgumentsError, AuthoringError
from kfp.ir import spec as ir
from kfp.ir.values import coerce, show
from kfp.version import SDK_VERSION


def document(
    component: BaseComponent,
    *,
    name: str | None = None,
    display_name: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> ir.Document:
    """Return a pipeline or component as a document.

    Args:
        component: a pipeline; any other component becomes the only task of one.
        name: replaces the pipeline's name.
        display_name: replaces the name that people see.
        parameters: new defaults of the pipeline's parameters.

    Raises:
        AuthoringError: the object is not a component, or a component in it cannot work.
        ArgumentsError: one of `parameters` is unknown or of the wrong type.
    """
    if not isinstance(component, BaseComponent):
        raise AuthoringError(
            f"{component!r} is neither a pipeline nor a component", hint="decorate it with @dsl.pipeline"
        )
    check(component)
    compiled = _document(component)
    if not isinstance(component, YamlComponent):
        config = component.settings.pipeline_config if isinstance(component, GraphComponent) else None
        if config is None or config.workspace is None:
            check_no_workspace(compiled.spec, component)
        compiled = with_config(compiled, config)
    info, root = compiled.spec.pipeline_info, compiled.spec.root
    if name or display_name:
        info = ir.PipelineInfo(
            name=name or info.name, display_name=display_name or info.display_name, description=info.description
        )
    if parameters:
        root = msgspec.structs.replace(root, input_definitions=_with_defaults(info.name, root, parameters))
    return msgspec.structs.replace(compiled, spec=msgspec.structs.replace(compiled.spec, pipeline_info=info, root=root))


def _document(component: BaseComponent) -> ir.Document:
    if isinstance(component, YamlComponent):
        loaded: ir.Document = component.document
        return loaded
    if isinstance(component, GraphComponent):
        return _compile(component.interface, component.pipeline, component)
    compiled = _compile(component.interface, _alone(component), None)
    passthroughs = task_config_passthroughs(component)
    if not passthroughs:
        return compiled
    root = msgspec.structs.replace(compiled.spec.root, task_config_passthroughs=passthroughs)
    return msgspec.structs.replace(compiled, spec=msgspec.structs.replace(compiled.spec, root=root))


def _alone(component: BaseComponent) -> Pipeline:
    """Return a pipeline whose only task is a component, with the component's inputs and outputs."""
    pipeline = Pipeline(component.name, component.interface.inputs)
    task = PipelineTask(component, dict(pipeline.inputs), pipeline)
    pipeline.outputs.update(task.channels)
    return pipeline


def _compile(interface: Interface, pipeline: Pipeline, graph: GraphComponent | None) -> ir.Document:
    builder = Builder()
    root = _root(interface, pipeline, builder)
    info = ir.PipelineInfo(name=interface.name)
    pipeline_root = ""
    if graph is not None:
        settings = graph.settings
        pipeline_root = settings.pipeline_root
        info = ir.PipelineInfo(
            name=interface.name, display_name=settings.display_name, description=interface.description or ""
        )
    return builder.document(
        ir.PipelineSpec(
            pipeline_info=info,
            root=root,
            schema_version=ir.SCHEMA_VERSION,
            sdk_version=f"kfp-{SDK_VERSION}",
            default_pipeline_root=pipeline_root,
        )
    )


def _root(interface: Interface, pipeline: Pipeline, builder: Builder) -> ir.ComponentSpec:
    wiring = Wiring(pipeline.root)
    tasks = Tasks(builder, wiring, _document)
    dag, components = Groups(pipeline, wiring, builder.reserve, tasks.compile).compile()
    builder.components.update(components)
    return ir.ComponentSpec(
        input_definitions=input_definitions(interface),
        output_definitions=output_definitions(interface.outputs),
        dag=dag,
    )


def _with_defaults(name: str, root: ir.ComponentSpec, values: Mapping[str, Any]) -> ir.ComponentInputsSpec:
    known = dict(root.input_definitions.parameters)
    for key, value in values.items():
        if key not in known:
            raise ArgumentsError(
                f"pipeline {name!r} has no parameter {key!r}", hint=f"its parameters are {', '.join(known) or 'none'}"
            )
        known[key] = msgspec.structs.replace(known[key], default_value=_default(name, key, known[key], value))
    return msgspec.structs.replace(root.input_definitions, parameters=known)


def _default(name: str, key: str, parameter: ir.InputParameterDefinition, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a parameter's new default; None is none."""
    if value is None:
        return msgspec.UNSET
    kind, what = parameter.parameter_type, f"parameter {key!r} of pipeline {name!r}"
    if kind == "STRING" and not isinstance(value, str):
        raise ArgumentsError(f"{what} takes text, not {show(value)}")
    return coerce(as_default(kind, value), kind, what=what)
