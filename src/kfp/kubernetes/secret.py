"""Secrets as environment variables and as files."""

from __future__ import annotations

from kfp.dsl.pipeline_channel import PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import append
from kfp.kubernetes.source import env_source, volume_source


def use_secret_as_env(
    task: PipelineTask,
    secret_name: PipelineParameterChannel | str,
    secret_key_to_env: dict[str, str],
    optional: bool = False,
) -> PipelineTask:
    """Set environment variables of a task from a secret.

    Args:
        task: the task.
        secret_name: the secret's name, or a parameter that holds it.
        secret_key_to_env: which of its keys goes into which variable.
        optional: whether the task runs where the secret or a key is missing.

    Returns:
        The task.
    """
    item = env_source(task, "use_secret_as_env", "secret", secret_name, secret_key_to_env, optional=optional)
    return append(task, "use_secret_as_env", "secretAsEnv", item)


def use_secret_as_volume(
    task: PipelineTask, secret_name: PipelineParameterChannel | str, mount_path: str, optional: bool = False
) -> PipelineTask:
    """Mount a secret's keys as files of a directory.

    Args:
        task: the task.
        secret_name: the secret's name, or a parameter that holds it.
        mount_path: the directory.
        optional: whether the task runs where the secret is missing.

    Returns:
        The task.
    """
    item = volume_source(task, "use_secret_as_volume", "secret", secret_name, mount_path, optional=optional)
    return append(task, "use_secret_as_volume", "secretAsVolume", item)
