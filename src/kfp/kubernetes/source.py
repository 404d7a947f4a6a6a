"""What secrets and ConfigMaps share: named sets of keys that a task sees as variables or as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kfp.dsl.pipeline_channel import PipelineChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes import settings
from kfp.kubernetes.settings import text, texts


def env_source(
    task: PipelineTask,
    setter: str,
    kind: str,
    name: str | PipelineChannel,
    key_to_env: Mapping[str, str],
    *,
    optional: bool,
) -> dict[str, Any]:
    """Return a `SecretAsEnv` or `ConfigMapAsEnv`.

    Args:
        task: the task.
        setter: the function that asks, for messages.
        kind: `secret` or `configMap`, which begins the names of the fields.
        name: the name of the set, or a parameter that holds it.
        key_to_env: key → environment variable.
        optional: whether the set may be missing.
    """
    pairs = texts(task, setter, f"{_parameter(kind)}_key_to_env", key_to_env)
    item = _named(task, setter, kind, name)
    if pairs:
        item["keyToEnv"] = [{f"{kind}Key": key, "envVar": variable} for key, variable in pairs.items()]
    return _with_optional(task, setter, item, optional=optional)


def volume_source(
    task: PipelineTask, setter: str, kind: str, name: str | PipelineChannel, mount_path: str, *, optional: bool
) -> dict[str, Any]:
    """Return a `SecretAsVolume` or `ConfigMapAsVolume`; the arguments are those of `env_source`."""
    item = _named(task, setter, kind, name)
    path = text(task, setter, "mount_path", mount_path)
    if path:
        item["mountPath"] = path
    return _with_optional(task, setter, item, optional=optional)


def _named(task: PipelineTask, setter: str, kind: str, name: str | PipelineChannel) -> dict[str, Any]:
    """Name the set in both of its fields; the one without `Parameter` is for backends before KFP 2.4."""
    value = settings.name(task, setter, f"{_parameter(kind)}_name", name)
    item: dict[str, Any] = {f"{kind}NameParameter": value}
    if isinstance(name, str) and name:
        item[f"{kind}Name"] = name
    return item


def _with_optional(task: PipelineTask, setter: str, item: dict[str, Any], *, optional: bool | None) -> dict[str, Any]:
    return item if optional is None else {**item, "optional": settings.flag(task, setter, "optional", optional)}


def _parameter(kind: str) -> str:
    return {"configMap": "config_map"}.get(kind, kind)
