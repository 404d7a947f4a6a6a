"""A task of a DAG: `PipelineTaskSpec`, where it gets its inputs, when and how often it runs."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kfp.ir.spec.message import Message, OneOf
from kfp.ir.spec.scalars import Duration, Int32, TriggerStrategy
from kfp.ir.spec.values import ValueOrRuntimeParameter


class TaskOutputParameterSpec(Message, frozen=True):
    """An output parameter of another task of the same DAG."""

    producer_task: str
    output_parameter_key: str


class TaskFinalStatus(Message, frozen=True):
    """The final status of another task (or group) of the same DAG."""

    producer_task: str


class InputParameterSpec(Message, frozen=True):
    """`TaskInputsSpec.InputParameterSpec`: where a task's input parameter comes from; one of the first four.

    `parameter_expression_selector` is an expression such as `parseJson(string_value)["key"]` that picks a part.
    """

    task_output_parameter: TaskOutputParameterSpec | None = None
    runtime_value: ValueOrRuntimeParameter | None = None
    component_input_parameter: str | None = None
    task_final_status: TaskFinalStatus | None = None
    parameter_expression_selector: str = ""


class TaskOutputArtifactSpec(Message, frozen=True):
    """An output artifact of another task of the same DAG."""

    producer_task: str
    output_artifact_key: str


class InputArtifactSpec(Message, frozen=True):
    """`TaskInputsSpec.InputArtifactSpec`: where a task's input artifact comes from; one of the two."""

    task_output_artifact: TaskOutputArtifactSpec | None = None
    component_input_artifact: str | None = None


class TaskInputsSpec(Message, frozen=True):
    """`TaskInputsSpec`: the sources of a task's inputs by input name."""

    parameters: dict[str, InputParameterSpec] = msgspec.field(default_factory=dict)
    artifacts: dict[str, InputArtifactSpec] = msgspec.field(default_factory=dict)


NO_TASK_INPUTS = TaskInputsSpec()
"""Of a task that is given nothing."""


class PipelineTaskInfo(Message, frozen=True):
    """The task's display name."""

    name: str = ""


class CachingOptions(Message, frozen=True):
    """Whether a task's outputs may be taken from the cache; `cache_key` replaces the computed key."""

    enable_cache: bool = False
    cache_key: str = ""


class ComponentRef(Message, frozen=True):
    """The component of `PipelineSpec.components` that a task runs."""

    name: str


class TriggerPolicy(Message, frozen=True):
    """When a task runs: `condition` in CEL, `strategy` ALL_UPSTREAM_TASKS_SUCCEEDED or ..._COMPLETED."""

    condition: str = ""
    strategy: TriggerStrategy = "TRIGGER_STRATEGY_UNSPECIFIED"


class RetryPolicy(Message, frozen=True):
    """How often and how patiently a failed task is tried again; durations are text such as `3600s`."""

    max_retry_count: Int32 = 0
    backoff_duration: Duration | None = None
    backoff_factor: float = 0.0
    backoff_max_duration: Duration | None = None


class IteratorPolicy(Message, frozen=True):
    """How many iterations run at once; 0 means no limit."""

    parallelism_limit: Int32 = 0


class ParameterItems(OneOf, frozen=True):
    """The items of a loop: JSON text (`raw`), or an input parameter that holds a list."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("raw", "input_parameter")

    raw: str | None = None
    input_parameter: str | None = None


class ParameterIteratorSpec(Message, frozen=True):
    """A loop over values; each goes into the input parameter `item_input`."""

    items: ParameterItems
    item_input: str


class ArtifactItems(Message, frozen=True):
    """The items of a loop over artifacts: an input that is a list of artifacts."""

    input_artifact: str


class ArtifactIteratorSpec(Message, frozen=True):
    """A loop over artifacts; each goes into the input artifact `item_input`."""

    items: ArtifactItems
    item_input: str


class PipelineTaskSpec(OneOf, frozen=True):
    """`PipelineTaskSpec`: one node of a DAG."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("artifact_iterator", "parameter_iterator")

    component_ref: ComponentRef
    task_info: PipelineTaskInfo = PipelineTaskInfo()
    inputs: TaskInputsSpec = NO_TASK_INPUTS
    dependent_tasks: tuple[str, ...] = ()
    caching_options: CachingOptions | None = None
    trigger_policy: TriggerPolicy | None = None
    artifact_iterator: ArtifactIteratorSpec | None = None
    parameter_iterator: ParameterIteratorSpec | None = None
    retry_policy: RetryPolicy | None = None
    iterator_policy: IteratorPolicy | None = None
