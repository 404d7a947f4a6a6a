"""Steps that lie about what they have made, or leave something else than files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.executor_input import executor_input
from kfp.engine.flow.values import Values
from kfp.engine.layout import StepPaths
from kfp.engine.outputs import read_outputs
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.errors import RunError
from tests.engine.documents import Pipeline


def lying(said: Any) -> Pipeline:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, outputs={"o": int}, artifacts_out=("data",))
    pipeline.task("make")
    return pipeline


@pytest.mark.parametrize(
    "said",
    [
        "", " ", "null", "[]", "3", '"x"', "{", "{]", "[" * 100_000, '{"a":' * 100_000, "\x00", "NaN",
        '{"parameterValues": []}', '{"parameterValues": {"o": "x"}}', '{"parameterValues": {"o": null}}',
        '{"parameterValues": {"o": [1]}}', '{"parameterValues": {"o": 1e400}}', '{"parameterValues": {"o": NaN}}',
        '{"artifacts": []}', '{"artifacts": {"data": 3}}', '{"artifacts": {"data": {"artifacts": 3}}}',
        '{"artifacts": {"data": {"artifacts": [3]}}}', '{"artifacts": {"data": {"artifacts": {"uri": "x"}}}}',
        '{"artifacts": {"data": {"artifacts": [{"uri": 3}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"uri": ["/"]}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"metadata": [1]}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"uri": "a\\u0000b"}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"metadata": {"a": "\\ud800"}}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"name": {"a": 1}}]}}}',
        '{"artifacts": {"data": {"artifacts": [{"metadata": {"a": ' + "[" * 5000 + "]" * 5000 + "}}]}}}",
        '{"artifacts": {"data": {"artifacts": [{"customPath": 7}]}}}',
        '{"parameterValues": {"o": "\\ud800"}}', '{"parameterValues": {"__proto__": 1}}', '{"o": 1}',
    ],
    ids=lambda value: value[:50],
)  # fmt: skip
def test_executor_outputs_that_lie(play: Any, said: str) -> None:
    def behave(step: Step) -> None:
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text(said)

    result, _ = play(lying(said), behave)
    assert result.state is State.FAILED
    assert result.error.startswith("task 'make' failed\n")
    assert len(result.error) < 3_000


def parameter_file(step: Step) -> Path:
    return Path(json.loads(step.executor_input)["outputs"]["parameters"]["o"]["outputFile"])


def output_file(step: Step) -> Path:
    return Path(json.loads(step.executor_input)["outputs"]["outputFile"])


@pytest.mark.parametrize("place", [parameter_file, output_file])
@pytest.mark.parametrize(
    ("leave", "message"),
    [
        (os.mkfifo, "is no file"),
        (lambda path: path.mkdir(), "cannot be read|is no file"),
        (lambda path: path.symlink_to("/dev/zero"), "none of its files"),
        (lambda path: path.symlink_to("/etc/passwd"), "none of its files"),
        (lambda path: path.symlink_to(path), "cannot be read|none of its files"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "not UTF-8"),
        (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40), "larger than 256 MiB"),
        (lambda path: path.write_text("1" * 10_000), "'o'|not JSON|not a JSON object"),
    ],
)
def test_steps_that_leave_something_else_than_a_file(
    play: Any, place: Callable[[Step], Path], leave: Callable[[Path], Any], message: str
) -> None:
    def behave(step: Step) -> None:
        if place is output_file:
            parameter_file(step).write_text("1")
        leave(place(step))

    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, outputs={"o": int})
    pipeline.task("make")
    result, _ = play(pipeline, behave)
    assert result.state is State.FAILED
    assert re.search(message, result.error), result.error


def test_a_link_in_place_of_the_directory_of_artifacts_is_not_emptied(play: Any, tmp_path: Path) -> None:
    def behave(step: Step) -> StepEnd:
        step.paths.executor_output.parent.rmdir()
        step.paths.executor_output.parent.symlink_to(tmp_path / "guarded")
        return StepEnd(error="again")

    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.task("make", retryPolicy={"maxRetryCount": 2})
    result, _ = play(pipeline, behave)
    assert result.state is State.FAILED


@pytest.mark.parametrize(
    ("uri", "is_fine"),
    [
        ("/etc/passwd", False), ("/", False), ("{artifacts}/../../../..", False), ("{artifacts}/deep/file", True),
        ("{artifacts}", True), ("{guarded}/file", False), ("gs://bucket/x", True), ("{artifacts}/link", False),
        ("{artifacts}-other", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["uri", "customPath"])
def test_a_confined_step_names_no_place_that_it_did_not_see(tmp_path: Path, key: str, uri: str, is_fine: bool) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.task("make")
    component = pipeline.document().spec.components["comp-make"]
    paths = StepPaths(tmp_path / "home" / "step", tmp_path / "root" / "step")
    paths.make(json.dumps(executor_input(component, Values(), paths)))
    (paths.artifacts / "link").symlink_to("/")
    place = uri.format(artifacts=paths.artifacts, guarded=tmp_path / "guarded")
    told = {"artifacts": {"data": {"artifacts": [{key: place}]}}}
    paths.executor_output.write_text(json.dumps(told))
    seen = (paths.directory, paths.artifacts)
    if is_fine and not (key == "customPath" and ":" in place):
        read_outputs(component, paths, seen)
    else:
        with pytest.raises(RunError, match="where it saw nothing"):
            read_outputs(component, paths, seen)
    read_outputs(component, paths)  # a process sees everything
