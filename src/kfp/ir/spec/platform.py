"""What a platform such as Kubernetes adds to a pipeline: `PlatformSpec`."""

from __future__ import annotations

from typing import Any

import msgspec

from kfp.ir.spec.message import Message
from kfp.ir.spec.scalars import Int32


class PlatformDeploymentConfig(Message, frozen=True):
    """What a platform adds to executors, by label; each value is the platform's own JSON."""

    executors: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class KubernetesWorkspaceConfig(Message, frozen=True):
    """How the workspace's volume claim is made."""

    pvc_spec_patch: dict[str, Any] | None = None


class WorkspaceConfig(Message, frozen=True):
    """The workspace that the steps of a run share; `size` is a quantity such as `10Gi`."""

    size: str = ""
    kubernetes: KubernetesWorkspaceConfig | None = None


class PipelineConfig(Message, frozen=True):
    """Settings of a whole pipeline; times in seconds."""

    resource_ttl_on_completion: Int32 = 0
    resource_ttl_on_success: Int32 = 0
    resource_ttl_on_failure: Int32 = 0
    active_deadline_seconds: Int32 = 0
    workspace: WorkspaceConfig | None = None


class SinglePlatformSpec(Message, frozen=True):
    """`SinglePlatformSpec`: what one platform, such as `kubernetes`, adds to a pipeline."""

    deployment_spec: PlatformDeploymentConfig | None = None
    platform: str = ""
    config: dict[str, Any] | None = None
    pipeline_config: PipelineConfig | None = None


class PlatformSpec(Message, frozen=True):
    """`PlatformSpec`: platforms by name; the second document of a pipeline's file."""

    platforms: dict[str, SinglePlatformSpec] = msgspec.field(default_factory=dict)
