"""How long a task may take."""

from __future__ import annotations

from kfp.dsl.pipeline_task import PipelineTask
from kfp.errors import AuthoringError
from kfp.kubernetes.settings import settings, whole


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
