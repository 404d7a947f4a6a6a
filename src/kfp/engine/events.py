"""What a run tells while it runs, in the order it happens, for whoever shows or records it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from kfp.engine.states import State


@dataclass(frozen=True)
class RunStarted:
    """The run is accepted: its arguments are bound and it is in the store."""

    run_id: str
    run_name: str
    pipeline: str
    experiment: str


@dataclass(frozen=True)
class TaskStarted:
    """An attempt of a step starts; `task` is the path of task names, joined by `/`."""

    task: str
    display_name: str
    attempt: int


@dataclass(frozen=True)
class TaskLog:
    """A line that a step wrote, without its line end; overlong lines come in pieces."""

    task: str
    line: str


@dataclass(frozen=True)
class TaskNotice:
    """Something about a task that its user should know and that stops nothing."""

    task: str
    message: str


@dataclass(frozen=True)
class TaskFinished:
    """A step, or a DAG inside the pipeline, has ended; `seconds` since its last attempt started."""

    task: str
    state: State
    seconds: float
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    log: Path | None = None


@dataclass(frozen=True)
class TaskRetried:
    """An attempt has failed and another one follows after `delay` seconds."""

    task: str
    attempt: int
    delay: float
    error: str


@dataclass(frozen=True)
class RunFinished:
    """The run is over; `outputs` are the root's, as `RunResult.outputs` has them."""

    run_id: str
    state: State
    seconds: float
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


Event: TypeAlias = "RunStarted | TaskStarted | TaskLog | TaskNotice | TaskFinished | TaskRetried | RunFinished"
