"""Ctrl-C while a run runs: exit tasks still run, and are told; a second one stops them too."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path

from kfp.engine.planning.plan import Task
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.result import RunResult
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Report, Step, StepEnd
from tests.engine.conftest import given
from tests.engine.flow.test_final_status import handled


class Running:
    """A step that runs until it is stopped."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.lock = threading.Lock()

    def cancel(self, *, force: bool = False) -> None:
        if self.lock.acquire(blocking=False):
            self.report.ended(StepEnd(canceled=True))


class Interrupted:
    """Sends Ctrl-C when a step starts, once for each of those that it was given; other steps end well."""

    def __init__(self, *tasks: str) -> None:
        self.tasks = tasks
        self.steps: list[Step] = []

    def check(self, tasks: Iterable[Task]) -> None:
        """Accept everything."""

    def close(self) -> None:
        """Nothing is held."""

    def start(self, step: Step, report: Report) -> Running:
        self.steps.append(step)
        running = Running(report)
        if step.task in self.tasks:
            os.kill(os.getpid(), signal.SIGINT)
        else:
            for output in json.loads(step.executor_input)["outputs"].get("parameters", {}).values():
                Path(output["outputFile"]).write_text("x")
            report.ended(StepEnd())
        return running


def run(home: Path, executor: Interrupted) -> RunResult:
    planned, settings = plan(handled().document().spec), RunSettings(home=home)
    return execute(planned, {}, executor, settings=settings, recorder=NoRecorder())


def states(result: RunResult) -> dict[str, str]:
    return {name.rpartition("/")[2]: str(task.state) for name, task in result.tasks.items()}


def test_the_exit_task_is_told_that_its_scope_was_canceled(tmp_path: Path) -> None:
    executor = Interrupted("exit-handler-1/inner/first")
    result = run(tmp_path, executor)
    assert (result.state, result.signal) == (State.CANCELED, signal.SIGINT)
    assert states(result) == {
        "first": "CANCELED",
        "second": "SKIPPED",
        "inner": "CANCELED",
        "exit-handler-1": "CANCELED",
        "last": "SUCCEEDED",
    }
    assert [step.task for step in executor.steps] == ["exit-handler-1/inner/first", "last"]
    assert given(executor.steps[-1])["status"]["state"] == "CANCELLED"


def test_a_second_one_stops_the_exit_task(tmp_path: Path) -> None:
    result = run(tmp_path, Interrupted("exit-handler-1/inner/first", "last"))
    assert result.state is State.CANCELED
    assert states(result)["last"] == "CANCELED"


def test_a_first_one_spares_an_exit_task_that_runs(tmp_path: Path) -> None:
    class Late(Interrupted):
        def start(self, step: Step, report: Report) -> Running:
            if step.task == "last":
                os.kill(os.getpid(), signal.SIGINT)
            return super().start(step, report)

    result = run(tmp_path, Late())
    assert states(result)["last"] == states(result)["exit-handler-1"] == "SUCCEEDED"
