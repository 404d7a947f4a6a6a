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


class TaskStarted(msgspec.Struct, frozen=True):
    """An attempt of a step starts; `task` is the path of task names, joined by `/`."""

    task: str
    display_name: str
    attempt: int


class TaskLog(msgspec.Struct, frozen=True):
    """A line that a step wrote, without its line end; overlong lines come in pieces."""

    task: str
    line: str


class TaskNotice(msgspec.Struct, frozen=True):
    """Something about a task that its user should know and that stops nothing."""

    task: str
    message: str


class TaskFinished(msgspec.Struct, frozen=True):
    """A step, or a DAG inside the pipeline, has ended; `seconds` since its last attempt started."""

    task: str
    state: State
    seconds: float
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    error: str | None = None
    log: Path | None = None


class TaskRetried(msgspec.Struct, frozen=True):
    """An attempt has failed and another one follows after `delay` seconds."""

    task: str
    attempt: int
    delay: float
    error: str


class RunFinished(msgspec.Struct, frozen=True):
    """The run is over; `outputs` are the root's, as `RunResult.outputs` has them."""

    run_id: str
    state: State
    seconds: float
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    error: str | None = None


Event: TypeAlias = "RunStarted | TaskStarted | TaskLog | TaskNotice | TaskFinished | TaskRetried | RunFinished"
