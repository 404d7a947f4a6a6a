"""What a run tells while it runs, in the order it happens, for whoever shows or records it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from kfp.engine.states import State


class RunStarted(msgspec.Struct, frozen=True):
    """The run is accepted: its arguments are bound and it is in the store."""

    run_id: str
    run_name: str
    pipeline: str
    experiment: str


class DagStarted(msgspec.Struct, frozen=True):
    """A DAG has its inputs and opens: the pipeline's own, one inside it, or a loop.

    Args:
        task: its path; empty for the pipeline's own.
        display_name: what a person calls it.
        tasks: name and display name of each task in it, producers first; for a loop, of each task in an iteration.
        iterations: how many iterations a loop has, named by their numbers from 0; None where it is no loop.
    """

    task: str
    display_name: str
    tasks: tuple[tuple[str, str], ...] = ()
    iterations: int | None = None


class TaskStarted(msgspec.Struct, frozen=True):
    """An attempt of a step starts; `task` is the path of task names, joined by `/`, `log` the file that it writes."""

    task: str
    display_name: str
    attempt: int
    log: Path | None = None


class TaskLog(msgspec.Struct, frozen=True):
    """A line that a step wrote, without its line end; overlong lines come in pieces."""

    task: str
    line: str


class TaskNotice(msgspec.Struct, frozen=True):
    """Something about a task that its user should know and that stops nothing."""

    task: str
    message: str


class TaskFinished(msgspec.Struct, frozen=True):
    """A step, or a DAG inside the pipeline, has ended.

    Args:
        task: its path.
        state: how it ended.
        seconds: since its last attempt started; None where it ended unseen, with the process that ran it.
        outputs: what it made, as JSON values by name.
        error: what went wrong, with the step's own traceback.
        log: the file with what its last attempt wrote.
        cache: what caching came to, as the task's record has it.
        kept: whether it had ended in an earlier go of the run, and did not run again in this one.
    """

    task: str
    state: State
    seconds: float | None
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    error: str | None = None
    log: Path | None = None
    cache: Mapping[str, Any] | None = None
    kept: bool = False


class TaskRetried(msgspec.Struct, frozen=True):
    """An attempt has failed; the next one, `attempt`, follows after `delay` seconds."""

    task: str
    attempt: int
    delay: float
    error: str


class RunNotice(msgspec.Struct, frozen=True):
    """Something about the whole run that its user should know and that stops nothing."""

    message: str


class RunCanceling(msgspec.Struct, frozen=True):
    """Somebody wants the run to stop; `at_once` where its steps are given no time."""

    reason: str
    at_once: bool = False


class RunFinished(msgspec.Struct, frozen=True):
    """The run is over; `outputs` are the root's, as `RunResult.outputs` has them."""

    run_id: str
    state: State
    seconds: float
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    error: str | None = None


Event: TypeAlias = (
    "RunStarted | DagStarted | TaskStarted | TaskLog | TaskNotice | TaskFinished | TaskRetried"
    " | RunNotice | RunCanceling | RunFinished"
)
