"""PipelineSpec and PlatformSpec as typed, immutable values: the language between authoring and running.

The structs follow `pipeline_spec.proto` of KFP (package `ml_pipelines`) message by message. Attributes carry the
proto's snake_case names; on the wire they are camelCase, and what has its default value is left out, as the protobuf
JSON mapping does. Values (`constant`, `default_value`, `literals`, `metadata`) are plain JSON values of Python, and
an integer stays an integer. A field of the proto's type `google.protobuf.Value` that is absent is `UNSET`, because
`None` is a value there.

Reading and writing files is `kfp.ir.files`; checks across messages are `kfp.ir.validate`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

SCHEMA_VERSION = "2.1.0"

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, a list of such, or a dict of such by text."""


class _Message(
    msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """What every message shares: camelCase on the wire, defaults left out, unknown fields refused."""


# ---- values and types ----------------------------------------------------------------------------------------------


class Value(_Message, frozen=True):
    """The deprecated typed constant (`Value`); new documents use `ValueOrRuntimeParameter.constant`."""

    int_value: int | str | None = None
    double_value: float | None = None
    string_value: str | None = None


class ValueOrRuntimeParameter(_Message, frozen=True):
    """A constant, possibly with `{{$...}}` placeholders in its strings, or the name of a component input.

    `runtime_parameter` names the component input whose value is meant (importers use it).
    """

    constant: Any = UNSET
    runtime_parameter: str | None = None
    constant_value: Value | None = None


class ArtifactTypeSchema(_Message, frozen=True):
    """An artifact's type: `system.Dataset` and its version, or a schema by URI or by its text."""

    schema_title: str | None = None
    schema_uri: str | None = None
    instance_schema: str | None = None
    schema_version: str = ""


# ---- what a component takes and gives ------------------------------------------------------------------------------


class InputParameterDefinition(_Message, frozen=True):
    """`ComponentInputsSpec.ParameterSpec`: a parameter that a component takes.

    `parameter_type` is one of NUMBER_DOUBLE, NUMBER_INTEGER, STRING, BOOLEAN, LIST, STRUCT, TASK_FINAL_STATUS,
    TASK_CONFIG. `type` is the deprecated INT, DOUBLE or STRING of documents before schema 2.1.
    """

    parameter_type: str | None = None
    type: str | None = None
    default_value: Any = UNSET
    is_optional: bool = False
    description: str = ""
    literals: tuple[Any, ...] = ()


class InputArtifactDefinition(_Message, frozen=True):
    """`ComponentInputsSpec.ArtifactSpec`: an artifact, or a list of artifacts, that a component takes."""

    artifact_type: ArtifactTypeSchema = ArtifactTypeSchema()
    is_artifact_list: bool = False
    is_optional: bool = False
    description: str = ""


class ComponentInputsSpec(_Message, frozen=True):
    """`ComponentInputsSpec`: the inputs of a component by name."""

    artifacts: dict[str, InputArtifactDefinition] = msgspec.field(default_factory=dict)
    parameters: dict[str, InputParameterDefinition] = msgspec.field(default_factory=dict)


NO_COMPONENT_INPUTS = ComponentInputsSpec()
"""Of a component that takes nothing; the default is left out of documents, an equal struct is written as `{}`."""


class OutputParameterDefinition(_Message, frozen=True):
    """`ComponentOutputsSpec.ParameterSpec`: a parameter that a component gives."""

    parameter_type: str | None = None
    type: str | None = None
    description: str = ""


class OutputArtifactDefinition(_Message, frozen=True):
    """`ComponentOutputsSpec.ArtifactSpec`: an artifact, or a list of artifacts, that a component gives."""

    artifact_type: ArtifactTypeSchema = ArtifactTypeSchema()
    properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    custom_properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    is_artifact_list: bool = False
    description: str = ""


class ComponentOutputsSpec(_Message, frozen=True):
    """`ComponentOutputsSpec`: the outputs of a component by name."""

    artifacts: dict[str, OutputArtifactDefinition] = msgspec.field(default_factory=dict)
    parameters: dict[str, OutputParameterDefinition] = msgspec.field(default_factory=dict)


NO_COMPONENT_OUTPUTS = ComponentOutputsSpec()
"""Of a component that gives nothing."""


# ---- what a task is given ------------------------------------------------------------------------------------------


class TaskOutputParameterSpec(_Message, frozen=True):
    """An output parameter of another task of the same DAG."""

    producer_task: str
    output_parameter_key: str


class TaskFinalStatus(_Message, frozen=True):
    """The final status of another task (or group) of the same DAG."""

    producer_task: str


class InputParameterSpec(_Message, frozen=True):
    """`TaskInputsSpec.InputParameterSpec`: where a task's input parameter comes from; one of the first four.

    `parameter_expression_selector` is an expression such as `parseJson(string_value)["key"]` that picks a part.
    """

    task_output_parameter: TaskOutputParameterSpec | None = None
    runtime_value: ValueOrRuntimeParameter | None = None
    component_input_parameter: str | None = None
    task_final_status: TaskFinalStatus | None = None
    parameter_expression_selector: str = ""


class TaskOutputArtifactSpec(_Message, frozen=True):
    """An output artifact of another task of the same DAG."""

    producer_task: str
    output_artifact_key: str


class InputArtifactSpec(_Message, frozen=True):
    """`TaskInputsSpec.InputArtifactSpec`: where a task's input artifact comes from; one of the two."""

    task_output_artifact: TaskOutputArtifactSpec | None = None
    component_input_artifact: str | None = None


class TaskInputsSpec(_Message, frozen=True):
    """`TaskInputsSpec`: the sources of a task's inputs by input name."""

    parameters: dict[str, InputParameterSpec] = msgspec.field(default_factory=dict)
    artifacts: dict[str, InputArtifactSpec] = msgspec.field(default_factory=dict)


NO_TASK_INPUTS = TaskInputsSpec()
"""Of a task that is given nothing."""


# ---- a task --------------------------------------------------------------------------------------------------------


class PipelineTaskInfo(_Message, frozen=True):
    """The task's display name."""

    name: str = ""


class CachingOptions(_Message, frozen=True):
    """Whether a task's outputs may be taken from the cache; `cache_key` replaces the computed key."""

    enable_cache: bool = False
    cache_key: str = ""


class ComponentRef(_Message, frozen=True):
    """The component of `PipelineSpec.components` that a task runs."""

    name: str


class TriggerPolicy(_Message, frozen=True):
    """When a task runs: `condition` in CEL, `strategy` ALL_UPSTREAM_TASKS_SUCCEEDED or ..._COMPLETED."""

    condition: str = ""
    strategy: str = "TRIGGER_STRATEGY_UNSPECIFIED"


class RetryPolicy(_Message, frozen=True):
    """How often and how patiently a failed task is tried again; durations are text such as `3600s`."""

    max_retry_count: int = 0
    backoff_duration: str | None = None
    backoff_factor: float = 0.0
    backoff_max_duration: str | None = None


class IteratorPolicy(_Message, frozen=True):
    """How many iterations run at once; 0 means no limit."""

    parallelism_limit: int = 0


class ParameterItems(_Message, frozen=True):
    """The items of a loop: JSON text (`raw`), or an input parameter that holds a list."""

    raw: str | None = None
    input_parameter: str | None = None


class ParameterIteratorSpec(_Message, frozen=True):
    """A loop over values; each goes into the input parameter `item_input`."""

    items: ParameterItems
    item_input: str


class ArtifactItems(_Message, frozen=True):
    """The items of a loop over artifacts: an input that is a list of artifacts."""

    input_artifact: str


class ArtifactIteratorSpec(_Message, frozen=True):
    """A loop over artifacts; each goes into the input artifact `item_input`."""

    items: ArtifactItems
    item_input: str


class PipelineTaskSpec(_Message, frozen=True):
    """`PipelineTaskSpec`: one node of a DAG."""

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


# ---- a DAG and its outputs -----------------------------------------------------------------------------------------


class ArtifactSelectorSpec(_Message, frozen=True):
    """An output artifact of a task inside the DAG."""

    producer_subtask: str
    output_artifact_key: str


class DagOutputArtifactSpec(_Message, frozen=True):
    """The candidates for an output artifact of the DAG: the first that exists is taken."""

    artifact_selectors: tuple[ArtifactSelectorSpec, ...] = ()


class ParameterSelectorSpec(_Message, frozen=True):
    """An output parameter of a task inside the DAG."""

    producer_subtask: str
    output_parameter_key: str


class ParameterSelectorsSpec(_Message, frozen=True):
    """The candidates for an output parameter of the DAG: the first that exists is taken."""

    parameter_selectors: tuple[ParameterSelectorSpec, ...] = ()


class DagOutputParameterSpec(_Message, frozen=True):
    """Where an output parameter of the DAG comes from; one of the two."""

    value_from_parameter: ParameterSelectorSpec | None = None
    value_from_oneof: ParameterSelectorsSpec | None = None


class DagOutputsSpec(_Message, frozen=True):
    """`DagOutputsSpec`: the sources of a DAG's outputs by output name."""

    artifacts: dict[str, DagOutputArtifactSpec] = msgspec.field(default_factory=dict)
    parameters: dict[str, DagOutputParameterSpec] = msgspec.field(default_factory=dict)


NO_DAG_OUTPUTS = DagOutputsSpec()
"""Of a DAG that nothing leaves."""


class DagSpec(_Message, frozen=True):
    """`DagSpec`: tasks by name, and which of their outputs leave the DAG."""

    tasks: dict[str, PipelineTaskSpec] = msgspec.field(default_factory=dict)
    outputs: DagOutputsSpec = NO_DAG_OUTPUTS


# ---- executors -----------------------------------------------------------------------------------------------------


class AcceleratorConfig(_Message, frozen=True):
    """Accelerators of a container: deprecated `type` and `count`, and the texts that may hold placeholders."""

    type: str = ""
    count: int | str = 0
    resource_type: str = ""
    resource_count: str = ""


class ResourceSpec(_Message, frozen=True):
    """Resources of a container.

    `cpu_*` are cores and `memory_*` are GB (deprecated); `resource_*` are texts that may hold placeholders.
    """

    cpu_limit: float = 0.0
    memory_limit: float = 0.0
    cpu_request: float = 0.0
    memory_request: float = 0.0
    resource_cpu_limit: str = ""
    resource_memory_limit: str = ""
    resource_cpu_request: str = ""
    resource_memory_request: str = ""
    accelerator: AcceleratorConfig | None = None


class EnvVar(_Message, frozen=True):
    """An environment variable of a container."""

    name: str
    value: str = ""


class Exec(_Message, frozen=True):
    """A command that runs in the container before something else."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class Lifecycle(_Message, frozen=True):
    """Hooks of a container."""

    pre_cache_check: Exec | None = None


class PipelineContainerSpec(_Message, frozen=True):
    """`PipelineContainerSpec`: image, command and args of a step; all may hold placeholders."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None
    resources: ResourceSpec | None = None
    env: tuple[EnvVar, ...] = ()


class ImporterSpec(_Message, frozen=True):
    """`ImporterSpec`: registers an artifact that exists already."""

    artifact_uri: ValueOrRuntimeParameter
    type_schema: ArtifactTypeSchema = ArtifactTypeSchema()
    properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    custom_properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    reimport: bool = False
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    download_to_workspace: bool = False


class ExecutorSpec(_Message, frozen=True):
    """`ExecutorSpec`: what a component does when it is not a DAG; one of the four.

    `resolver` and `custom_job` are kept as they are: nothing here runs them.
    """

    container: PipelineContainerSpec | None = None
    importer: ImporterSpec | None = None
    resolver: dict[str, Any] | None = None
    custom_job: dict[str, Any] | None = None


class PipelineDeploymentConfig(_Message, frozen=True):
    """`PipelineDeploymentConfig`: executors by label."""

    executors: dict[str, ExecutorSpec] = msgspec.field(default_factory=dict)


# ---- platforms -----------------------------------------------------------------------------------------------------


class PlatformDeploymentConfig(_Message, frozen=True):
    """What a platform adds to executors, by label; each value is the platform's own JSON."""

    executors: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class KubernetesWorkspaceConfig(_Message, frozen=True):
    """How the workspace's volume claim is made."""

    pvc_spec_patch: dict[str, Any] | None = None


class WorkspaceConfig(_Message, frozen=True):
    """The workspace that the steps of a run share; `size` is a quantity such as `10Gi`."""

    size: str = ""
    kubernetes: KubernetesWorkspaceConfig | None = None


class PipelineConfig(_Message, frozen=True):
    """Settings of a whole pipeline; times in seconds."""

    resource_ttl_on_completion: int = 0
    resource_ttl_on_success: int = 0
    resource_ttl_on_failure: int = 0
    active_deadline_seconds: int = 0
    workspace: WorkspaceConfig | None = None


class SinglePlatformSpec(_Message, frozen=True):
    """`SinglePlatformSpec`: what one platform, such as `kubernetes`, adds to a pipeline."""

    deployment_spec: PlatformDeploymentConfig | None = None
    platform: str = ""
    config: dict[str, Any] | None = None
    pipeline_config: PipelineConfig | None = None


class PlatformSpec(_Message, frozen=True):
    """`PlatformSpec`: platforms by name; the second document of a pipeline's file."""

    platforms: dict[str, SinglePlatformSpec] = msgspec.field(default_factory=dict)


# ---- components and the pipeline -----------------------------------------------------------------------------------


class TaskConfigPassthrough(_Message, frozen=True):
    """A part of the task's configuration that the step receives instead of, or besides, its pod."""

    field: str = "NONE"
    apply_to_task: bool = False


class ComponentSpec(_Message, frozen=True):
    """`ComponentSpec`: inputs, outputs, and either a DAG or the label of an executor."""

    input_definitions: ComponentInputsSpec = NO_COMPONENT_INPUTS
    output_definitions: ComponentOutputsSpec = NO_COMPONENT_OUTPUTS
    dag: DagSpec | None = None
    executor_label: str | None = None
    single_platform_specs: tuple[SinglePlatformSpec, ...] = ()
    task_config_passthroughs: tuple[TaskConfigPassthrough, ...] = ()


class PipelineInfo(_Message, frozen=True):
    """A pipeline's name, and what a reader sees of it."""

    name: str = ""
    display_name: str = ""
    description: str = ""


class PipelineSpec(_Message, frozen=True):
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


__all__ = [
    "NO_COMPONENT_INPUTS",
    "NO_COMPONENT_OUTPUTS",
    "NO_DAG_OUTPUTS",
    "NO_TASK_INPUTS",
    "SCHEMA_VERSION",
    "UNSET",
    "Json",
    "UnsetType",
] + [name for name, item in list(globals().items()) if isinstance(item, type) and issubclass(item, msgspec.Struct)]
