"""A DAG: `DagSpec`, its tasks, and which of their outputs leave it."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kfp.ir.spec.message import Message, OneOf
from kfp.ir.spec.task import PipelineTaskSpec


class ArtifactSelectorSpec(Message, frozen=True):
    """An output artifact of a task inside the DAG."""

    producer_subtask: str
    output_artifact_key: str


class DagOutputArtifactSpec(Message, frozen=True):
    """The candidates for an output artifact of the DAG: the first that exists is taken."""

    artifact_selectors: tuple[ArtifactSelectorSpec, ...] = ()


class ParameterSelectorSpec(Message, frozen=True):
    """An output parameter of a task inside the DAG."""

    producer_subtask: str
    output_parameter_key: str


class ParameterSelectorsSpec(Message, frozen=True):
    """The candidates for an output parameter of the DAG: the first that exists is taken."""

    parameter_selectors: tuple[ParameterSelectorSpec, ...] = ()


class DagOutputParameterSpec(OneOf, frozen=True):
    """Where an output parameter of the DAG comes from; one of the two."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("value_from_parameter", "value_from_oneof")

    value_from_parameter: ParameterSelectorSpec | None = None
    value_from_oneof: ParameterSelectorsSpec | None = None


class DagOutputsSpec(Message, frozen=True):
    """`DagOutputsSpec`: the sources of a DAG's outputs by output name."""

    artifacts: dict[str, DagOutputArtifactSpec] = msgspec.field(default_factory=dict)
    parameters: dict[str, DagOutputParameterSpec] = msgspec.field(default_factory=dict)


NO_DAG_OUTPUTS = DagOutputsSpec()
"""Of a DAG that nothing leaves."""


class DagSpec(Message, frozen=True):
    """`DagSpec`: tasks by name, and which of their outputs leave the DAG."""

    tasks: dict[str, PipelineTaskSpec] = msgspec.field(default_factory=dict)
    outputs: DagOutputsSpec = NO_DAG_OUTPUTS
