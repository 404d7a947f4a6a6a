"""Documents as the official protobuf messages of `kfp-pipeline-spec`, built on demand."""

from __future__ import annotations

from google.protobuf import json_format  # type: ignore[import-untyped,unused-ignore]

from kfp.compiler.compile import document
from kfp.dsl.base_component import BaseComponent
from kfp.dsl.component_task_config import TaskConfigPassthrough
from kfp.ir.convert import to_json
from kfp.pipeline_spec import pipeline_spec_pb2  # type: ignore[import-untyped,unused-ignore]


def pipeline_spec(component: BaseComponent) -> pipeline_spec_pb2.PipelineSpec:
    """Return a component compiled as a pipeline."""
    return json_format.ParseDict(to_json(document(component).spec), pipeline_spec_pb2.PipelineSpec())


def task_config_passthrough(passthrough: TaskConfigPassthrough) -> pipeline_spec_pb2.TaskConfigPassthrough:
    """Return a group of settings that a component takes over."""
    return pipeline_spec_pb2.TaskConfigPassthrough(
        field=passthrough.field.value, apply_to_task=passthrough.apply_to_task
    )


def platform_spec(component: BaseComponent) -> pipeline_spec_pb2.PlatformSpec:
    """Return what platforms add to a compiled component."""
    platforms = {"platforms": to_json(document(component).platforms)}
    return json_format.ParseDict(platforms, pipeline_spec_pb2.PlatformSpec())
