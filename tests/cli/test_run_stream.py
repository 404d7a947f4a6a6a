"""A run's events as lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp.cli.run_stream import Stream
from kfp.engine.events import (
    Event,
    RunFinished,
    RunStarted,
    TaskFinished,
    TaskLog,
    TaskNotice,
    TaskRetried,
    TaskStarted,
)
from kfp.engine.states import State

EVENTS: list[Event] = [
    RunStarted("r1", "a run", "math-pipeline", "Default"),
    TaskStarted("add", "add", 1),
    TaskLog("add", "hello"),
    TaskFinished("add", State.SUCCEEDED, 0.052, {"Output": 5}),
    TaskNotice("condition-1/add", "its memory limit has no effect here"),
    TaskStarted("condition-1/add", "add", 1),
    TaskLog("condition-1/add", "Traceback (most recent call last):"),
    TaskRetried("condition-1/add", 1, 0.5, "exit code 1"),
    TaskStarted("condition-1/add", "add", 2),
    TaskFinished("condition-1/add", State.FAILED, 61.0, error="exit code 1", log=Path("/x")),
    TaskFinished("condition-1", State.FAILED, 62.0),
    TaskFinished("condition-2", State.SKIPPED, 0.0),
    TaskFinished("for-loop-1", State.SUCCEEDED, 1.0),
    RunFinished("r1", State.FAILED, 62.5),
]


def test_lines(capfd: pytest.CaptureFixture[str]) -> None:
    stream = Stream(["add", "condition-1/add"])
    for event in EVENTS:
        stream(event)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "run r1 of math-pipeline, experiment Default",
        "add               started",
        "add             | hello",
        "add               SUCCEEDED in 0.05 s",
        "condition-1/add   note: its memory limit has no effect here",
        "condition-1/add   started",
        "condition-1/add | Traceback (most recent call last):",
        "condition-1/add   FAILED, once more in 0.50 s",
        "condition-1/add   started, attempt 2",
        "condition-1/add   FAILED in 1 min 1 s: exit code 1",
        "condition-1       FAILED",
        "condition-2       SKIPPED",
    ]


def test_unknown_tasks_widen_the_column(capfd: pytest.CaptureFixture[str]) -> None:
    stream = Stream()
    for task in ("a", "longer", "b"):
        stream(TaskLog(task, "x"))
    assert capfd.readouterr().err.splitlines() == ["a | x", "longer | x", "b      | x"]
