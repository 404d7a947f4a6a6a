"""PipelineSpec and PlatformSpec as typed, immutable values: the language between authoring and running.

The structs follow `pipeline_spec.proto` of KFP (package `ml_pipelines`) message by message. Attributes carry the
proto's snake_case names; on the wire they are camelCase, and what has its default value is left out, as the protobuf
JSON mapping does. Values (`constant`, `default_value`, `literals`, `metadata`) are plain JSON values of Python, and
an integer stays an integer. A field of the proto's type `google.protobuf.Value` that is absent is `UNSET`, because
`None` is a value there.

Reading and writing files is `kfp.ir.files`; checks across messages are `kfp.ir.validate`.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from kfp.ir.spec.dag import (
    NO_DAG_OUTPUTS,
    ArtifactSelectorSpec,
    DagOutputArtifactSpec,
    DagOutputParameterSpec,
    DagOutputsSpec,
    DagSpec,
    ParameterSelectorSpec,
    ParameterSelectorsSpec,
)
from kfp.ir.spec.executor import (
    AcceleratorConfig,
    ArtifactQuerySpec,
    CustomJobSpec,
    EnvVar,
    Exec,
    ExecutorSpec,
    ImporterSpec,
    Lifecycle,
    PipelineContainerSpec,
    PipelineDeploymentConfig,
    ResolverSpec,
    ResourceSpec,
)
from kfp.ir.spec.interface import (
    NO_COMPONENT_INPUTS,
    NO_COMPONENT_OUTPUTS,
    ComponentInputsSpec,
    ComponentOutputsSpec,
    InputArtifactDefinition,
    InputParameterDefinition,
    OutputArtifactDefinition,
    OutputParameterDefinition,
)
from kfp.ir.spec.message import Json
from kfp.ir.spec.pipeline import (
    ComponentSpec,
    Document,
    PipelineInfo,
    PipelineSpec,
    TaskConfigPassthrough,
)
from kfp.ir.spec.platform import (
    KubernetesWorkspaceConfig,
    PipelineConfig,
    PlatformDeploymentConfig,
    PlatformSpec,
    SinglePlatformSpec,
    WorkspaceConfig,
)
from kfp.ir.spec.task import (
    NO_TASK_INPUTS,
    ArtifactItems,
    ArtifactIteratorSpec,
    CachingOptions,
    ComponentRef,
    InputArtifactSpec,
    InputParameterSpec,
    IteratorPolicy,
    ParameterItems,
    ParameterIteratorSpec,
    PipelineTaskInfo,
    PipelineTaskSpec,
    RetryPolicy,
    TaskFinalStatus,
    TaskInputsSpec,
    TaskOutputArtifactSpec,
    TaskOutputParameterSpec,
    TriggerPolicy,
)
from kfp.ir.spec.values import (
    ArtifactTypeSchema,
    Value,
    ValueOrRuntimeParameter,
)

SCHEMA_VERSION = "2.1.0"

__all__ = [
    "NO_COMPONENT_INPUTS",
    "NO_COMPONENT_OUTPUTS",
    "NO_DAG_OUTPUTS",
    "NO_TASK_INPUTS",
    "SCHEMA_VERSION",
    "UNSET",
    "AcceleratorConfig",
    "ArtifactItems",
    "ArtifactIteratorSpec",
    "ArtifactQuerySpec",
    "ArtifactSelectorSpec",
    "ArtifactTypeSchema",
    "CachingOptions",
    "ComponentInputsSpec",
    "ComponentOutputsSpec",
    "ComponentRef",
    "ComponentSpec",
    "CustomJobSpec",
    "DagOutputArtifactSpec",
    "DagOutputParameterSpec",
    "DagOutputsSpec",
    "DagSpec",
    "Document",
    "EnvVar",
    "Exec",
    "ExecutorSpec",
    "ImporterSpec",
    "InputArtifactDefinition",
    "InputArtifactSpec",
    "InputParameterDefinition",
    "InputParameterSpec",
    "IteratorPolicy",
    "Json",
    "KubernetesWorkspaceConfig",
    "Lifecycle",
    "OutputArtifactDefinition",
    "OutputParameterDefinition",
    "ParameterItems",
    "ParameterIteratorSpec",
    "ParameterSelectorSpec",
    "ParameterSelectorsSpec",
    "PipelineConfig",
    "PipelineContainerSpec",
    "PipelineDeploymentConfig",
    "PipelineInfo",
    "PipelineSpec",
    "PipelineTaskInfo",
    "PipelineTaskSpec",
    "PlatformDeploymentConfig",
    "PlatformSpec",
    "ResolverSpec",
    "ResourceSpec",
    "RetryPolicy",
    "SinglePlatformSpec",
    "TaskConfigPassthrough",
    "TaskFinalStatus",
    "TaskInputsSpec",
    "TaskOutputArtifactSpec",
    "TaskOutputParameterSpec",
    "TriggerPolicy",
    "UnsetType",
    "Value",
    "ValueOrRuntimeParameter",
    "WorkspaceConfig",
]
