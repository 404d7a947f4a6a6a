"""What a component does when it is no DAG: `ExecutorSpec`, a container or an importer."""

from __future__ import annotations

from typing import Any

import msgspec

from kfp.ir.spec.message import Message
from kfp.ir.spec.scalars import Int32, Int64, Int64Text
from kfp.ir.spec.values import ArtifactTypeSchema, ValueOrRuntimeParameter


class AcceleratorConfig(Message, frozen=True):
    """Accelerators of a container: deprecated `type` and `count`, and the texts that may hold placeholders."""

    type: str = ""
    count: Int64 | Int64Text = 0
    resource_type: str = ""
    resource_count: str = ""


class ResourceSpec(Message, frozen=True):
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


class EnvVar(Message, frozen=True):
    """An environment variable of a container."""

    name: str
    value: str = ""


class Exec(Message, frozen=True):
    """A command that runs in the container before something else."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class Lifecycle(Message, frozen=True):
    """Hooks of a container."""

    pre_cache_check: Exec | None = None


class PipelineContainerSpec(Message, frozen=True):
    """`PipelineContainerSpec`: image, command and args of a step; all may hold placeholders."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None
    resources: ResourceSpec | None = None
    env: tuple[EnvVar, ...] = ()


class ImporterSpec(Message, frozen=True):
    """`ImporterSpec`: registers an artifact that exists already."""

    artifact_uri: ValueOrRuntimeParameter
    type_schema: ArtifactTypeSchema = ArtifactTypeSchema()
    properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    custom_properties: dict[str, ValueOrRuntimeParameter] = msgspec.field(default_factory=dict)
    reimport: bool = False
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    download_to_workspace: bool = False


class ArtifactQuerySpec(Message, frozen=True):
    """A query for artifacts that exist, and how many of them are wanted at most."""

    filter: str = ""
    limit: Int32 = 0


class ResolverSpec(Message, frozen=True):
    """`ResolverSpec`: finds artifacts, by the names of the outputs that they become; nothing here runs it."""

    output_artifact_queries: dict[str, ArtifactQuerySpec] = msgspec.field(default_factory=dict)


class CustomJobSpec(Message, frozen=True):
    """`AIPlatformCustomJobSpec`: a job of another system; nothing here runs it."""

    custom_job: dict[str, Any] | None = None


class ExecutorSpec(Message, frozen=True):
    """`ExecutorSpec`: what a component does when it is not a DAG; one of the four."""

    container: PipelineContainerSpec | None = None
    importer: ImporterSpec | None = None
    resolver: ResolverSpec | None = None
    custom_job: CustomJobSpec | None = None


class PipelineDeploymentConfig(Message, frozen=True):
    """`PipelineDeploymentConfig`: executors by label."""

    executors: dict[str, ExecutorSpec] = msgspec.field(default_factory=dict)
