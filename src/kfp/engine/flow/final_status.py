"""What an exit task is told of the task before it: its final status (`PipelineTaskFinalStatus` of the SDK)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.states import State
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CANCELLED = "CANCELLED"  # as the SDK spells it
_UNKNOWN = 2  # google.rpc.Code: an error of which no more is known than its message


class Ending(msgspec.Struct, frozen=True):
    """How a task ended, and what went wrong: of a DAG, in the first of its tasks that failed."""

    state: State
    error: str | None = None


def final_status(task: str, endings: Mapping[str, Ending], job: str) -> dict[str, Any]:
    """Return the final status of a task, in JSON.

    Args:
        task: the task's name.
        endings: how the tasks of its DAG have ended, by name.
        job: the run's resource name.

    Raises:
        RunError: the task has not ended.
    """
    ending = endings.get(task)
    if ending is None:
        raise RunError(f"the status of task {task!r} is asked for before it has ended")
    status: dict[str, Any] = {
        "state": _CANCELLED if ending.state is State.CANCELED else str(ending.state),
        "pipelineJobResourceName": job,
        "pipelineTaskName": task,
    }
    if ending.error is not None:
        status["error"] = {"code": _UNKNOWN, "message": ending.error}
    return status
