"""How a task's image is pulled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kfp.dsl.pipeline_channel import PipelineChannel, PipelineParameterChannel
from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.kubernetes.settings import append, name, settings, text

_POLICIES = ("Always", "Never", "IfNotPresent")


def set_image_pull_policy(task: PipelineTask, policy: str) -> PipelineTask:
    """Set when a task's image is pulled.

    Args:
        task: the task.
        policy: `Always`, `Never` or `IfNotPresent`.

    Returns:
        The task.

    Raises:
        AuthoringError: the policy is another one.
    """
    if text(task, "set_image_pull_policy", "policy", policy) not in _POLICIES:
        raise AuthoringError(
            f"set_image_pull_policy() of task {task.name!r}: policy {policy!r} is unknown",
            hint=f"it is one of {', '.join(_POLICIES)}",
        )
    settings(task, "set_image_pull_policy")["imagePullPolicy"] = policy
    return task


def set_image_pull_secrets(
    task: PipelineTask, secret_names: list[str] | list[PipelineParameterChannel]
) -> PipelineTask:
    """Add secrets that a task's image is pulled with.

    Args:
        task: the task.
        secret_names: their names, each a text or a parameter that holds it.

    Returns:
        The task.
    """
    given: Sequence[str | PipelineChannel] = secret_names
    if not isinstance(given, (list, tuple)):
        raise ArgumentTypeError(
            f"set_image_pull_secrets() of task {task.name!r}: secret_names takes a list of names, not {given!r}"
        )
    settings(task, "set_image_pull_secrets")
    for secret in given:
        item: dict[str, Any] = {"secretNameParameter": name(task, "set_image_pull_secrets", "secret_names", secret)}
        if isinstance(secret, str) and secret:
            item["secretName"] = secret
        append(task, "set_image_pull_secrets", "imagePullSecret", item)
    return task
