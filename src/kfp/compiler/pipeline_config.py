"""The settings of a whole pipeline, which stand in the document's second part."""

from __future__ import annotations

import msgspec

from kfp.dsl.pipeline_config import PipelineConfig
from kfp.ir import spec as ir

_PLATFORM = "kubernetes"


def with_config(document: ir.Document, config: PipelineConfig | None) -> ir.Document:
    """Return a pipeline's document with its settings."""
    if config is None:
        return document
    platform = document.platforms.get(_PLATFORM, ir.SinglePlatformSpec())
    found = _config(config)
    if found == ir.PipelineConfig():
        return document
    platforms = {**document.platforms, _PLATFORM: msgspec.structs.replace(platform, pipeline_config=found)}
    return msgspec.structs.replace(document, platforms=platforms)


def _config(config: PipelineConfig) -> ir.PipelineConfig:
    workspace = None
    if config.workspace is not None:
        patch = config.workspace.kubernetes.pvcSpecPatch
        workspace = ir.WorkspaceConfig(
            size=config.workspace.size, kubernetes=ir.KubernetesWorkspaceConfig(pvc_spec_patch=patch)
        )
    return ir.PipelineConfig(
        resource_ttl_on_completion=config.ttl_seconds_after_finished or 0,
        resource_ttl_on_success=config.ttl_seconds_after_success or 0,
        resource_ttl_on_failure=config.ttl_seconds_after_failure or 0,
        active_deadline_seconds=config.active_deadline_seconds or 0,
        workspace=workspace,
    )
