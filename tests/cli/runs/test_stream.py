"""A run's events as lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp.cli.runs.paths import column_for
from kfp.cli.runs.stream import Stream
from kfp.engine.events import (
    DagStarted,
    Event,
    RunCanceling,
    RunFinished,
    RunNotice,
    RunStarted,
    TaskFinished,
    TaskLog,
    TaskNotice,
    TaskRetried,
    TaskStarted,
)
from kfp.engine.states import State
from kfp.ir.convert import to_spec

EVENTS: list[Event] = [
    RunStarted("r1", "a run", "math-pipeline", "Default"),
    DagStarted("", "math-pipeline", (("add", "add"), ("condition-1", "condition-1"))),
    RunNotice("the disk is slow"),
    TaskStarted("add", "add", 1),
    TaskLog("add", "  1%\r 50%\rhello"),
    TaskFinished("add", State.SUCCEEDED, 0.052, {"Output": 5}),
    TaskNotice("condition-1/add", "its memory limit has no effect here"),
    TaskStarted("condition-1/add", "add", 1),
    TaskLog("condition-1/add", "Traceback (most recent call last):"),
    TaskRetried("condition-1/add", 2, 0.5, "exit code 1"),
    TaskStarted("condition-1/add", "add", 2),
    TaskFinished("condition-1/add", State.FAILED, 61.0, error="exit code 1", log=Path("/x")),
    TaskFinished("condition-1", State.FAILED, 62.0),
    TaskFinished("condition-2", State.SKIPPED, 0.0),
    TaskRetried("for-loop-1/3/fit", 2, 0.0, "the step ended with exit code 3"),
    TaskNotice("for-loop-1/0/fit", "it has no effect"),
    TaskNotice("for-loop-1/1/fit", "it has no effect"),
    TaskFinished("hit", State.SUCCEEDED, 0.01, cache={"state": "hit"}),
    TaskFinished("kept", State.SUCCEEDED, 0.01, log=Path("/x"), kept=True),
    TaskFinished("for-loop-1/8/fit", State.SUCCEEDED, 0.01, log=Path("/x"), kept=True),
    TaskFinished("for-loop-1/9/fit", State.SUCCEEDED, 0.01, log=Path("/x"), kept=True),
    TaskFinished("for-loop-1", State.SUCCEEDED, 1.0),
    RunCanceling("the run was canceled"),
    RunCanceling("the run was canceled", at_once=True),
    RunFinished("r1", State.FAILED, 62.5),
]


def test_lines(capfd: pytest.CaptureFixture[str]) -> None:
    stream = Stream(len("condition-1/add"))
    for event in EVENTS:
        stream(event)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "run r1 of math-pipeline, experiment Default",
        "note: the disk is slow",
        "add               started",
        "add             | hello",
        "add               SUCCEEDED in 0.05 s",
        "condition-1/add   note: its memory limit has no effect here",
        "condition-1/add   started",
        "condition-1/add | Traceback (most recent call last):",
        "condition-1/add   FAILED, once more in 0.50 s: exit code 1",
        "condition-1/add   started, attempt 2",
        "condition-1/add   FAILED in 1 min 1 s: exit code 1",
        "condition-1       FAILED",
        "condition-2       SKIPPED",
        "for-loop-1/3/fit   FAILED, once more at once: the step ended with exit code 3",
        "for-loop-1/0/fit   note: it has no effect",
        "hit                SUCCEEDED, cached",
        "kept               SUCCEEDED before",
        "canceling: the run was canceled",
        "stopping at once",
        "2 steps of loops had been done before",
    ]


def test_unknown_tasks_widen_the_column(capfd: pytest.CaptureFixture[str]) -> None:
    stream = Stream()
    for task in ("a", "longer", "b"):
        stream(TaskLog(task, "x"))
    assert capfd.readouterr().err.splitlines() == ["a | x", "longer | x", "b      | x"]
    stream(TaskLog("x" * 60, "x"))
    stream(TaskLog("b", "x"))
    assert capfd.readouterr().err.splitlines() == [f"{'x' * 60} | x", f"{'b':40} | x"]


def test_the_column_is_as_wide_as_nested_names() -> None:
    step = {"componentRef": {"name": "comp-step"}}
    document = {
        "pipelineInfo": {"name": "p"},
        "root": {
            "dag": {
                "tasks": {
                    "loop": {
                        "componentRef": {"name": "comp-loop"},
                        "parameterIterator": {"itemInput": "i", "items": {"raw": "[1]"}},
                    },
                    "add": step,
                }
            }
        },
        "components": {"comp-loop": {"dag": {"tasks": {"inner-step": step}}}, "comp-step": {"executorLabel": "e"}},
    }
    assert column_for(to_spec(document)) == len("loop/99/inner-step")
