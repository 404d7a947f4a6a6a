"""ConfigMaps as environment variables and as files."""

from __future__ import annotations

from kfp.dsl.pipeline_channel import PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import append
from kfp.kubernetes.source import env_source, volume_source


def use_config_map_as_env(
    task: PipelineTask,
    config_map_name: PipelineParameterChannel | str,
    config_map_key_to_env: dict[str, str],
    optional: bool = False,
) -> PipelineTask:
    """Set environment variables of a task from a ConfigMap.

    Args:
        task: the task.
        config_map_name: the ConfigMap's name, or a parameter that holds it.
        config_map_key_to_env: which of its keys goes into which variable.
        optional: whether the task runs where the ConfigMap or a key is missing.

    Returns:
        The task.
    """
    setter = "use_config_map_as_env"
    item = env_source(task, setter, "configMap", config_map_name, config_map_key_to_env, optional=optional)
    return append(task, setter, "configMapAsEnv", item)


def use_config_map_as_volume(
    task: PipelineTask, config_map_name: PipelineParameterChannel | str, mount_path: str, optional: bool = False
) -> PipelineTask:
    """Mount a ConfigMap's keys as files of a directory.

    Args:
        task: the task.
        config_map_name: the ConfigMap's name, or a parameter that holds it.
        mount_path: the directory.
        optional: whether the task runs where the ConfigMap is missing.

    Returns:
        The task.
    """
    setter = "use_config_map_as_volume"
    item = volume_source(task, setter, "configMap", config_map_name, mount_path, optional=optional)
    return append(task, setter, "configMapAsVolume", item)
