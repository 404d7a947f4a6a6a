"""What a component takes and gives: `ComponentInputsSpec` and `ComponentOutputsSpec`."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from kfp.ir.spec.message import Message
from kfp.ir.spec.scalars import ParameterType, PrimitiveType
from kfp.ir.spec.values import ArtifactTypeSchema, ValueOrRuntimeParameter


class InputParameterDefinition(Message, frozen=True):
    """`ComponentInputsSpec.ParameterSpec`: a parameter that a component takes.

    `parameter_type` is one of NUMBER_DOUBLE, NUMBER_INTEGER, STRING, BOOLEAN, LIST, STRUCT, TASK_FINAL_STATUS,
    TASK_CONFIG. `type` is the deprecated INT, DOUBLE or STRING of documents before schema 2.1.
    """

    parameter_type: ParameterType | None = None
    type: PrimitiveType | None = None
    default_value: Any = UNSET
    is_optional: bool = False
    description: str = ""
    literals: tuple[Any, ...] = ()


class InputArtifactDefinition(Message, frozen=True):
    """`ComponentInputsSpec.ArtifactSpec`: an artifact, or a list of artifacts, that a component takes."""

    artifact_type: ArtifactTypeSchema = ArtifactTypeSchema()
    is_artifact_list: bool = False
    is_optional: bool = False
    description: str = ""


class ComponentInputsSpec(Message, frozen=True):
    """`ComponentInputsSpec`: the inputs of a component by name."""

    artifacts: dict[str, InputArtifactDefinition] = msgspec.field(default_factory=dict)
    parameters: dict[str, InputParameterDefinition] = msgspec.field(default_factory=dict)


NO_COMPONENT_INPUTS = ComponentInputsSpec()
"""Of a component that takes nothing; the default is left out of documents, an equal struct is written as `{}`."""


class OutputParameterDefinition(Message, frozen=True):
    """`ComponentOutputsSpec.ParameterSpec`: a parameter that a component gives."""

    parameter_type: ParameterType | None = None
    type: PrimitiveType | None = None
    description: str = ""


class OutputArtifactDefinition(Message, frozen=True):
    """`ComponentOutputsSpec.ArtifactSpec`: an artifact, or a list of artifacts, that a component gives."""

    artifact_type: ArtifactTypeSchema = ArtifactTypeSchema()
    properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    custom_properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    is_artifact_list: bool = False
    description: str = ""


class ComponentOutputsSpec(Message, frozen=True):
    """`ComponentOutputsSpec`: the outputs of a component by name."""

    artifacts: dict[str, OutputArtifactDefinition] = msgspec.field(default_factory=dict)
    parameters: dict[str, OutputParameterDefinition] = msgspec.field(default_factory=dict)


NO_COMPONENT_OUTPUTS = ComponentOutputsSpec()
"""Of a component that gives nothing."""
