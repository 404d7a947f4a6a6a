from __future__ import annotations

from typing import Any

import pytest

from kfp.engine.states import State
from kfp.errors import SpecError
from tests.engine.conftest import computes
from tests.engine.documents import Pipeline

X = "inputs.parameter_values['x']"


def branches(condition: str, kind: type = str) -> Pipeline:
    """A pipeline that says something when a condition on its input x holds, and the other thing when it does not."""
    pipeline = Pipeline(inputs={"x": kind})
    pipeline.container("say", {"image": "i"}, inputs={"text": str}, outputs={"out": str})
    around = pipeline.component("branches", {"x": kind}, {}, dag={"tasks": {}})
    for name, text, when in (("then", "yes", condition), ("else", "no", f"!({condition})")):
        branch = pipeline.component(f"{name}-branch", {"x": kind}, {}, dag={"tasks": {}})
        pipeline.task("say", within=branch, inputs={"text": text})
        pipeline.output("said", str, "say.out", within=branch)
        pipeline.task(f"{name}-branch", within=around, inputs={"x": "$x"}, triggerPolicy={"condition": when})
    one_of(pipeline, around, "said", ["then-branch.said", "else-branch.said"])
    pipeline.task("branches", inputs={"x": "$x"})
    pipeline.output("said", str, "branches.said")
    return pipeline


def one_of(pipeline: Pipeline, within: dict[str, Any], name: str, sources: list[str]) -> None:
    pipeline.output(name, str, sources[0], within=within)
    selectors = [dict(zip(("producerSubtask", "outputParameterKey"), each.split("."), strict=True)) for each in sources]
    within["dag"]["outputs"]["parameters"][name] = {"valueFromOneof": {"parameterSelectors": selectors}}


def speaks(_: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"out": values["text"]}


@pytest.mark.parametrize(
    ("condition", "kind", "x", "said"),
    [
        (f"{X} == 'it\\'s'", str, "it's", "yes"),
        (f"{X} == 'it\\'s'", str, "its", "no"),
        (f"{X} == 'a'", str, "' == '' || '", "no"),
        (f"int({X}) > 1", int, 2, "yes"),
        (f"int({X}) > 1", int, 1, "no"),
        (f"{X} > 1.5", float, 2, "yes"),
        (f"{X} == true", bool, True, "yes"),
        (f"{X} == false", bool, True, "no"),
    ],
)
def test_the_branch_whose_condition_holds_runs(play: Any, condition: str, kind: type, x: object, said: str) -> None:
    result, executor = play(branches(condition, kind), computes(speaks), {"x": x})
    assert result.error is None
    assert result.outputs == {"said": said}
    taken = "then" if said == "yes" else "else"
    assert [step.task for step in executor.steps] == [f"branches/{taken}-branch/say"]
    states = {name: str(task.state) for name, task in result.tasks.items() if name.endswith("-branch")}
    assert sorted(states.values()) == ["SKIPPED", "SUCCEEDED"]


def test_an_error_in_a_condition_fails_the_task_by_its_name(play: Any) -> None:
    result, executor = play(branches(f"int({X}) > 1"), computes(speaks), {"x": "many"})
    assert result.state is State.FAILED
    assert executor.steps == []
    assert "task 'branches/then-branch' failed\nthe condition of task 'then-branch'" in result.error
    assert "the str 'many' is no integer" in result.error


def test_a_condition_that_is_neither_true_nor_false_is_an_error(play: Any) -> None:
    pipeline = Pipeline(inputs={"x": str})
    pipeline.container("say", {"image": "i"}, inputs={"x": str})
    pipeline.task("say", inputs={"x": "$x"}, triggerPolicy={"condition": X})
    result, _ = play(pipeline, computes(speaks), {"x": "true"})
    assert "the condition of task 'say' is neither true nor false" in result.error


def test_a_malformed_condition_is_refused_before_anything_starts(play: Any) -> None:
    with pytest.raises(SpecError, match="the condition of task 'then-branch'"):
        play(branches(f"{X} == 'it's'"), computes(speaks), {"x": "a"})


def test_what_needs_a_skipped_task_is_skipped_and_the_run_succeeds(play: Any) -> None:
    pipeline = Pipeline(inputs={"x": int})
    pipeline.container("say", {"image": "i"}, inputs={"x": int}, outputs={"out": int})
    pipeline.task("first", "say", inputs={"x": "$x"}, triggerPolicy={"condition": f"int({X}) > 1"})
    pipeline.task("second", "say", inputs={"x": "@first.out"})
    pipeline.task("third", "say", inputs={"x": "$x"}, after=("second",))
    pipeline.task("free", "say", inputs={"x": "$x"})
    pipeline.output("made", int, "second.out")
    compute = computes(lambda _, values: {"out": values["x"] + 1})
    result, executor = play(pipeline, compute, {"x": 1})
    assert result.state is State.SUCCEEDED
    assert [step.task for step in executor.steps] == ["free"]
    assert result.outputs == {}
    result, executor = play(pipeline, compute, {"x": 2})
    assert result.outputs == {"made": 4}
    assert len(executor.steps) == 4


def test_of_several_branches_that_ran_the_first_counts(play: Any) -> None:
    pipeline = branches("true")
    task = pipeline.data["components"]["comp-branches"]["dag"]["tasks"]["else-branch"]
    task["triggerPolicy"] = {"condition": "true"}
    result, _ = play(pipeline, computes(speaks), {"x": "a"})
    assert result.outputs == {"said": "yes"}


def test_the_artifact_of_the_branch_that_ran(play: Any) -> None:
    pipeline = Pipeline(inputs={"x": int})
    pipeline.container("make", {"image": "i"}, inputs={"x": int}, artifacts_out=("data",))
    around = pipeline.component("branches", {"x": int}, {}, dag={"tasks": {}})
    for name, when in (("then", "int({}) > 1"), ("else", "!(int({}) > 1)")):
        branch = pipeline.component(f"{name}-branch", {"x": int}, {}, dag={"tasks": {}})
        pipeline.task("make", within=branch, inputs={"x": "$x"})
        pipeline.output("data", None, "make.data", within=branch)
        pipeline.task(f"{name}-branch", within=around, inputs={"x": "$x"}, triggerPolicy={"condition": when.format(X)})
    pipeline.output("data", None, "then-branch.data", within=around)
    picks = [{"producerSubtask": f"{name}-branch", "outputArtifactKey": "data"} for name in ("then", "else")]
    around["dag"]["outputs"]["artifacts"]["data"] = {"artifactSelectors": picks}
    pipeline.task("branches", inputs={"x": "$x"})
    pipeline.output("data", None, "branches.data")
    for x, taken in ((2, "then"), (1, "else")):
        result, _ = play(pipeline, computes(lambda *_: {}), {"x": x})
        assert f"/branches/{taken}-branch/make/data" in result.outputs["data"]["uri"]
