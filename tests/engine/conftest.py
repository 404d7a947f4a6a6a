"""A run with an executor that runs nothing, for the tests of the loop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.result import RunResult
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.step import Step, StepEnd
from kfp.ir.arguments import bind
from tests.engine.documents import Pipeline

Behaviour = Callable[[Step], "StepEnd | None"]


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., tuple[RunResult, FakeExecutor]]:
    """Run a pipeline; each step does what a function says."""

    def run(
        pipeline: Pipeline, behave: Behaviour, arguments: dict[str, Any] | None = None
    ) -> tuple[RunResult, FakeExecutor]:
        spec = pipeline.document().spec
        executor = FakeExecutor(lambda step: behave(step) or StepEnd())
        settings = RunSettings(home=tmp_path / "home", pipeline_root=tmp_path / "root", workspace=tmp_path / "work")
        result = execute(plan(spec), bind(spec, arguments or {}), executor, settings=settings, recorder=NoRecorder())
        return result, executor

    return run


def given(step: Step) -> dict[str, Any]:
    """The parameters that a step was given."""
    values: dict[str, Any] = json.loads(step.executor_input)["inputs"].get("parameterValues", {})
    return values


def computes(compute: Callable[[str, dict[str, Any]], dict[str, Any] | None]) -> Behaviour:
    """Have a function of the task's path and parameters give the output parameters; None fails."""

    def behave(step: Step) -> StepEnd | None:
        outputs = compute(step.task, given(step))
        if outputs is None:
            return StepEnd(error="it broke")
        told = json.dumps({"parameterValues": outputs})
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text(told)
        return None

    return behave
