"""A task's pod: its labels and annotations, its deadline, whom it runs as."""

from __future__ import annotations

from typing import Any

from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError
from kfp.kubernetes.settings import flag, settings, text, whole


def add_pod_label(task: PipelineTask, label_key: str, label_value: str) -> PipelineTask:
    """Set a label of a task's pod.

    Args:
        task: the task.
        label_key: the label's name.
        label_value: its value.

    Returns:
        The task.
    """
    key = text(task, "add_pod_label", "label_key", label_key)
    _metadata(task, "add_pod_label", "labels")[key] = text(task, "add_pod_label", "label_value", label_value)
    return task


def add_pod_annotation(task: PipelineTask, annotation_key: str, annotation_value: str) -> PipelineTask:
    """Set an annotation of a task's pod.

    Args:
        task: the task.
        annotation_key: the annotation's name.
        annotation_value: its value.

    Returns:
        The task.
    """
    key = text(task, "add_pod_annotation", "annotation_key", annotation_key)
    value = text(task, "add_pod_annotation", "annotation_value", annotation_value)
    _metadata(task, "add_pod_annotation", "annotations")[key] = value
    return task


def set_timeout(task: PipelineTask, seconds: int) -> PipelineTask:
    """Set how long a task may take until it is ended.

    Args:
        task: the task.
        seconds: the deadline; 0 takes one away that was set before.

    Returns:
        The task.

    Raises:
        AuthoringError: `seconds` is negative.
    """
    if whole(task, "set_timeout", "seconds", seconds) < 0:
        raise AuthoringError(f"set_timeout() of task {task.name!r}: seconds is 0 or more, not {seconds}")
    own = settings(task, "set_timeout")
    own.pop("activeDeadlineSeconds", None)
    if seconds:
        own["activeDeadlineSeconds"] = str(seconds)
    return task


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


def _metadata(task: PipelineTask, setter: str, field: str) -> dict[str, str]:
    metadata: dict[str, str] = settings(task, setter).setdefault("podMetadata", {}).setdefault(field, {})
    return metadata
