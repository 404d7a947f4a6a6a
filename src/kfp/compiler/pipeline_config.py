"""The settings of a whole pipeline, which stand in the document's second part, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kfp.dsl.pipeline_config import PipelineConfig
from kfp.errors import AuthoringError
from kfp.ir import spec as ir

_PLATFORM = "kubernetes"
_WORKSPACE = "{{$.workspace_path}}"


def with_config(document: ir.Document, config: PipelineConfig | None) -> ir.Document:
    """Return a pipeline's document with its settings.

    Raises:
        AuthoringError: something in the pipeline uses a workspace, and the settings have none.
    """
    if config is None or config.workspace is None:
        _check_no_workspace(document.spec)
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


def _check_no_workspace(spec: ir.PipelineSpec) -> None:
    where = next(_workspace_users(spec), None)
    if where is not None:
        raise AuthoringError(
            f"pipeline {spec.pipeline_info.name!r} has no workspace, but {where}",
            hint="@dsl.pipeline(pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size='1Gi')))",
        )


def _workspace_users(spec: ir.PipelineSpec) -> Iterator[str]:
    for label, executor in spec.deployment_spec.executors.items():
        if executor.importer is not None and executor.importer.download_to_workspace:
            yield f"the importer {label.removeprefix('exec-')!r} downloads into it"
    for component in (spec.root, *spec.components.values()):
        for name, task in component.dag.tasks.items() if component.dag is not None else ():
            for key, source in task.inputs.parameters.items():
                value = source.runtime_value
                if value is not None and isinstance(value.constant, str) and _WORKSPACE in value.constant:
                    yield f"the argument {key!r} of task {name!r} has its path"
