"""A component's interface as the definitions of a PipelineSpec."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.interface import InputDefinition, Interface, OutputDefinition
from kfp.dsl.python_component import PythonComponent
from kfp.ir import spec as ir
from kfp.ir.values import coerce
from kfp.runtime.interface import ABSENT


def input_definitions(component: Interface) -> ir.ComponentInputsSpec:
    """Return what a component takes.

    Raises:
        ArgumentsError: a default is not of its parameter's type.
    """
    inputs = component.inputs
    if not inputs:
        return ir.NO_COMPONENT_INPUTS
    return ir.ComponentInputsSpec(
        parameters={
            name: _input_parameter(f"the default of {name!r} of component {component.name!r}", spec)
            for name, spec in inputs.items()
            if spec.type is not None
        },
        artifacts={
            name: ir.InputArtifactDefinition(
                artifact_type=_artifact_type(spec),
                is_artifact_list=spec.is_artifact_list,
                is_optional=spec.optional,
                description=spec.description,
            )
            for name, spec in inputs.items()
            if spec.type is None
        },
    )


def output_definitions(outputs: Mapping[str, OutputDefinition]) -> ir.ComponentOutputsSpec:
    """Return what a component gives."""
    if not outputs:
        return ir.NO_COMPONENT_OUTPUTS
    return ir.ComponentOutputsSpec(
        parameters={
            name: ir.OutputParameterDefinition(parameter_type=spec.type, description=spec.description)
            for name, spec in outputs.items()
            if spec.type is not None
        },
        artifacts={
            name: ir.OutputArtifactDefinition(
                artifact_type=_artifact_type(spec),
                is_artifact_list=spec.is_artifact_list,
                description=spec.description,
            )
            for name, spec in outputs.items()
            if spec.type is None
        },
    )


def task_config_passthroughs(component: BaseComponent) -> tuple[ir.TaskConfigPassthrough, ...]:
    """Return the settings of its tasks that a component takes over."""
    if not isinstance(component, PythonComponent):
        return ()
    return tuple(
        ir.TaskConfigPassthrough(field=passthrough.field.name, apply_to_task=passthrough.apply_to_task)
        for passthrough in component.settings.task_config_passthroughs
    )


def loaded_interface(spec: ir.PipelineSpec, component: ir.ComponentSpec) -> Interface:
    """Return the interface of a compiled pipeline.

    Args:
        spec: the pipeline, whose name and description it has.
        component: its root, or its only component.
    """
    taken, given = component.input_definitions, component.output_definitions
    inputs = {
        name: InputDefinition(
            parameter.parameter_type or parameter.type,
            default=ABSENT if parameter.default_value is UNSET else parameter.default_value,
            optional=parameter.is_optional or parameter.default_value is not UNSET,
            description=parameter.description,
            literals=parameter.literals,
        )
        for name, parameter in taken.parameters.items()
    }
    inputs.update(
        (
            name,
            InputDefinition(
                None,
                artifact.artifact_type.schema_title,
                artifact.artifact_type.schema_version,
                artifact.is_artifact_list,
                optional=artifact.is_optional,
                description=artifact.description,
            ),
        )
        for name, artifact in taken.artifacts.items()
    )
    outputs = {
        name: OutputDefinition(output.parameter_type or output.type, description=output.description)
        for name, output in given.parameters.items()
    }
    outputs.update(
        (
            name,
            OutputDefinition(
                None,
                output.artifact_type.schema_title,
                output.artifact_type.schema_version,
                output.is_artifact_list,
                output.description,
            ),
        )
        for name, output in given.artifacts.items()
    )
    info = spec.pipeline_info
    return Interface(info.name, info.description or None, inputs, outputs)


def _input_parameter(what: str, spec: InputDefinition) -> ir.InputParameterDefinition:
    has_default = spec.default is not ABSENT and spec.default is not None
    return ir.InputParameterDefinition(
        parameter_type=spec.type,
        default_value=coerce(spec.default, spec.type, what=what) if has_default else UNSET,
        is_optional=spec.optional,
        description=spec.description,
        literals=spec.literals,
    )


def _artifact_type(spec: InputDefinition | OutputDefinition) -> ir.ArtifactTypeSchema:
    return ir.ArtifactTypeSchema(schema_title=spec.schema_title, schema_version=spec.schema_version)
