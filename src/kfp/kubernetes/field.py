"""Fields of the pod as environment variables."""

from __future__ import annotations

from kfp.dsl.pipeline_task import PipelineTask
from kfp.kubernetes.settings import append, text


def use_field_path_as_env(task: PipelineTask, env_name: str, field_path: str) -> PipelineTask:
    """Set an environment variable of a task from a field of its pod.

    Args:
        task: the task.
        env_name: the variable.
        field_path: the field, such as `metadata.name`, as the downward API of Kubernetes writes it.

    Returns:
        The task.
    """
    item = {
        "name": text(task, "use_field_path_as_env", "env_name", env_name),
        "fieldPath": text(task, "use_field_path_as_env", "field_path", field_path),
    }
    return append(task, "use_field_path_as_env", "fieldPathAsEnv", item)
