"""Whom a task's container runs as."""

from __future__ import annotations

from typing import Any

from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError
from kfp.kubernetes.settings import flag, settings, whole


def set_security_context(
    task: PipelineTask,
    run_as_user: int | None = None,
    run_as_group: int | None = None,
    run_as_non_root: bool | None = None,
) -> PipelineTask:
    """Set whom a task's container runs as; what is None stays as it was.

    Args:
        task: the task.
        run_as_user: the user's number.
        run_as_group: the group's number.
        run_as_non_root: whether the container is refused where it would run as root.

    Returns:
        The task.

    Raises:
        AuthoringError: nothing is given, or a number is negative.
    """
    setter = "set_security_context"
    context: dict[str, Any] = {}
    for field, parameter, number in (
        ("runAsUser", "run_as_user", run_as_user),
        ("runAsGroup", "run_as_group", run_as_group),
    ):
        if number is not None:
            if whole(task, setter, parameter, number) < 0:
                raise AuthoringError(f"{setter}() of task {task.name!r}: {parameter} is 0 or more, not {number}")
            context[field] = str(number)
    if run_as_non_root is not None:
        context["runAsNonRoot"] = flag(task, setter, "run_as_non_root", run_as_non_root)
    if not context:
        raise AuthoringError(
            f"{setter}() of task {task.name!r} sets nothing", hint="give run_as_user, run_as_group or run_as_non_root"
        )
    settings(task, setter).setdefault("securityContext", {}).update(context)
    return task
