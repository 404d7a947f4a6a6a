"""Components and the pipeline: `ComponentSpec`, `PipelineSpec`, and the document that holds it."""

from __future__ import annotations

import msgspec

from kfp.ir.spec.dag import DagSpec
from kfp.ir.spec.executor import PipelineDeploymentConfig
from kfp.ir.spec.interface import NO_COMPONENT_INPUTS, NO_COMPONENT_OUTPUTS, ComponentInputsSpec, ComponentOutputsSpec
from kfp.ir.spec.message import Message
from kfp.ir.spec.platform import SinglePlatformSpec
from kfp.ir.spec.scalars import PassthroughField


class TaskConfigPassthrough(Message, frozen=True):
    """A part of the task's configuration that the step receives instead of, or besides, its pod."""

    field: PassthroughField = "NONE"
    apply_to_task: bool = False


class ComponentSpec(Message, frozen=True):
    """`ComponentSpec`: inputs, outputs, and either a DAG or the label of an executor."""

    input_definitions: ComponentInputsSpec = NO_COMPONENT_INPUTS
    output_definitions: ComponentOutputsSpec = NO_COMPONENT_OUTPUTS
    dag: DagSpec | None = None
    executor_label: str | None = None
    single_platform_specs: tuple[SinglePlatformSpec, ...] = ()
    task_config_passthroughs: tuple[TaskConfigPassthrough, ...] = ()


class PipelineInfo(Message, frozen=True):
    """A pipeline's name, and what a reader sees of it."""

    name: str = ""
    display_name: str = ""
    description: str = ""


class PipelineSpec(Message, frozen=True):
    """`PipelineSpec`: a whole pipeline. `root` is the DAG that runs; `components` are all it refers to."""

    pipeline_info: PipelineInfo
    root: ComponentSpec
    components: dict[str, ComponentSpec] = msgspec.field(default_factory=dict)
    deployment_spec: PipelineDeploymentConfig = PipelineDeploymentConfig()
    schema_version: str = ""
    sdk_version: str = ""
    default_pipeline_root: str = ""


class Document(msgspec.Struct, frozen=True):
    """What a pipeline's file holds: the PipelineSpec, and what platforms add to it, by platform name."""

    spec: PipelineSpec
    platforms: dict[str, SinglePlatformSpec] = msgspec.field(default_factory=dict)
