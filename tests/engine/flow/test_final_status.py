"""Exit handlers, and tasks that run whatever happened before them."""

from __future__ import annotations

from typing import Any

import pytest

from kfp.engine.states import State
from tests.engine.conftest import computes, given
from tests.engine.documents import Pipeline

ALWAYS: dict[str, Any] = {"triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}}
STATUS = {"parameterType": "TASK_FINAL_STATUS", "isOptional": True}


def handled(*, condition: str = "") -> Pipeline:
    """A pipeline whose exit task sees how a handler ended that holds a DAG of two tasks."""
    pipeline = Pipeline()
    pipeline.container("work", {"image": "i"}, outputs={"out": str})
    pipeline.container("last", {"image": "i"}, inputs={"status": STATUS, "note": str})
    handler = pipeline.component("exit-handler-1", {}, {}, dag={"tasks": {}})
    inner = pipeline.component("inner", {}, {}, dag={"tasks": {}})
    pipeline.task("first", "work", within=inner)
    pipeline.task("second", "work", within=inner, after=("first",))
    policy: dict[str, Any] = {"triggerPolicy": {"condition": condition}} if condition else {}
    pipeline.task("inner", within=handler, **policy)
    pipeline.task("exit-handler-1")
    pipeline.task("last", after=("exit-handler-1",), inputs={"note": "n"}, **ALWAYS)
    source = {"taskFinalStatus": {"producerTask": "exit-handler-1"}}
    pipeline.data["root"]["dag"]["tasks"]["last"]["inputs"]["parameters"]["status"] = source
    return pipeline


def fails_in(*tasks: str) -> Any:
    return computes(lambda task, _: None if task in tasks else {"out": "x"} if "last" not in task else {})


def status(executor: Any) -> dict[str, Any]:
    (last,) = [step for step in executor.steps if step.task == "last"]
    assert executor.steps[-1] is last
    told: dict[str, Any] = given(last)["status"]
    assert told["pipelineTaskName"] == "exit-handler-1"
    assert told["pipelineJobResourceName"].startswith("p-")
    return told


def test_after_success(play: Any) -> None:
    result, executor = play(handled(), fails_in())
    assert result.state is State.SUCCEEDED
    assert (status(executor)["state"], "error" in status(executor)) == ("SUCCEEDED", False)


@pytest.mark.parametrize("task", ["first", "second"])
def test_after_a_failure_deep_inside(play: Any, task: str) -> None:
    result, executor = play(handled(), fails_in(f"exit-handler-1/inner/{task}"))
    assert result.state is State.FAILED
    assert status(executor)["state"] == "FAILED"
    assert status(executor)["error"] == {"code": 2, "message": "it broke"}
    assert result.error == f"task 'exit-handler-1/inner/{task}' failed\nit broke"
    assert result.tasks["last"].state is State.SUCCEEDED


def test_what_was_skipped_by_a_condition_is_a_success(play: Any) -> None:
    result, executor = play(handled(condition="false"), fails_in())
    assert result.state is State.SUCCEEDED
    assert status(executor)["state"] == "SUCCEEDED"


def test_the_error_of_the_exit_task_is_the_runs(play: Any) -> None:
    result, _ = play(handled(), fails_in("last"))
    assert result.state is State.FAILED
    assert "task 'last' failed" in result.error


def ignoring(text: object) -> Pipeline:
    pipeline = Pipeline()
    pipeline.container("work", {"image": "i"}, outputs={"out": str})
    pipeline.container("clean", {"image": "i"}, inputs={"text": text})
    pipeline.task("work")
    pipeline.task("clean", inputs={"text": "@work.out"}, **ALWAYS)
    pipeline.task("never", "work", after=("work",))
    return pipeline


DEFAULT = {"parameterType": "STRING", "isOptional": True, "defaultValue": "default"}


@pytest.mark.parametrize(("failing", "text"), [((), "x"), (("work",), "default")])
def test_ignore_upstream_failure_takes_the_default_of_what_was_not_made(play: Any, failing: Any, text: str) -> None:
    result, executor = play(ignoring(DEFAULT), computes(lambda task, _: None if task in failing else {"out": "x"}))
    (clean,) = [step for step in executor.steps if step.task == "clean"]
    assert given(clean) == {"text": text}
    assert result.state is (State.FAILED if failing else State.SUCCEEDED)
    assert result.tasks["never"].state is (State.SKIPPED if failing else State.SUCCEEDED)


def test_ignore_upstream_failure_without_a_default_says_what_is_missing(play: Any) -> None:
    result, _ = play(ignoring(str), computes(lambda *_: None))
    assert "input 'text' of task 'clean' has no value" in result.error
