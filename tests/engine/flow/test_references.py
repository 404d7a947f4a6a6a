"""What every placeholder stands for in a step's command, and in the constants of a task's inputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.step import Step, StepEnd
from tests.engine.conftest import given
from tests.engine.documents import Pipeline

ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
NAMES = {
    "pipeline_job_name": "named-[0-9a-f]{8}",
    "pipeline_job_resource_name": ".*named-[0-9a-f]{8}",
    "pipeline_job_uuid": ID,
    "pipeline_task_name": "show",
    "pipeline_task_uuid": f"{ID}/show",
    "pipeline_job_create_time_utc": TIME,
    "pipeline_job_schedule_time_utc": TIME,
    "pipeline_root": "/.*/root/named/.*",
    "workspace_path": "/.*/work",
}
PARTS = {
    "inputs.parameters['n']": "7",
    "inputs.parameters['t']": 'x "y"',
    "inputs.parameters['l']": re.escape('[1, {"a": null}]'),
    "inputs.artifacts['data'].uri": "/.*/make/data",
    "inputs.artifacts['data'].path": "/.*/make/data",
    "inputs.artifacts['data'].value": "content",
    "inputs.artifacts['data'].metadata['rows']": "3",
    "inputs.artifacts['data'].metadata['deep']": re.escape('{"a": [1]}'),
    "inputs.artifacts['data'].metadata": re.escape('{"rows": 3, "deep": {"a": [1]}}'),
    "inputs.artifacts['data'].metadata['absent']": "",
    "outputs.artifacts['made'].uri": "/.*/show/made",
    "outputs.artifacts['made'].path": "/.*/show/made",
    "outputs.parameters['o'].output_file": "/.*/parameters/o",
    "outputs.output_file": "/.*/executor_output.json",
}


def behave(step: Step) -> StepEnd | None:
    told = json.loads(step.executor_input)["outputs"]
    if step.task == "make":
        Path(told["artifacts"]["data"]["artifacts"][0]["uri"]).write_text("content")
        said: dict[str, Any] = {"artifacts": {"data": {"artifacts": [{"metadata": {"rows": 3, "deep": {"a": [1]}}}]}}}
    else:
        said = {"parameterValues": {"o": "x"}}
    Path(told["outputFile"]).write_text(json.dumps(said))
    return None


@pytest.mark.parametrize(("reference", "pattern"), [*NAMES.items(), *PARTS.items()])
def test_what_a_placeholder_stands_for(play: Any, reference: str, pattern: str) -> None:
    placeholder = "{{$." + reference + "}}"
    pipeline = Pipeline("named", inputs={"n": int})
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.container(
        "show",
        {"image": "i", "args": [placeholder, f"<{placeholder}>"], "env": [{"name": "A", "value": placeholder}]},
        inputs={"n": int, "t": str, "l": list, "said": str}, artifacts_in=("data",), outputs={"o": str},
        artifacts_out=("made",),
    )  # fmt: skip
    pipeline.task("make")
    constant = "none" if reference.startswith("outputs") else f"({placeholder})"
    inputs = {"n": "$n", "t": 'x "y"', "l": [1, {"a": None}], "said": constant}
    pipeline.task("show", inputs=inputs, artifacts={"data": "@make.data"})
    result, executor = play(pipeline, behave, {"n": 7})
    assert result.error is None
    step = executor.steps[1]
    value = step.args[0]
    assert re.fullmatch(pattern, value), value
    assert step.args[1] == f"<{value}>"
    assert step.environment["A"] == value
    assert given(step)["said"] in ("none", f"({value})")


def test_the_whole_executor_input(play: Any) -> None:
    pipeline = Pipeline(inputs={"n": int})
    pipeline.container("show", {"image": "i", "args": ["{{$}}"]}, inputs={"n": int})
    pipeline.task("show", inputs={"n": "$n"})
    _, executor = play(pipeline, lambda _: None, {"n": 7})
    (step,) = executor.steps
    assert step.args == (step.executor_input,)
    assert json.loads(step.args[0])["inputs"] == {"parameterValues": {"n": 7}}


def test_what_is_no_placeholder_of_kfp_stays_text(play: Any) -> None:
    text = "{{$}} {{$.Values.image}} {{$['x']}} {{ $x }}"
    pipeline = Pipeline()
    pipeline.container("show", {"image": "i", "args": [text.replace("{{$}} ", "")]}, inputs={"t": str})
    pipeline.task("show", inputs={"t": text})
    _, executor = play(pipeline, lambda _: None)
    (step,) = executor.steps
    assert given(step) == {"t": text}
    assert step.args == (text.replace("{{$}} ", ""),)
