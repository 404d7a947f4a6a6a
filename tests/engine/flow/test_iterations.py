from __future__ import annotations

import json
from typing import Any

import pytest

from kfp.engine.states import State
from kfp.errors import SpecError
from tests.engine.conftest import computes, given
from tests.engine.documents import DATASET, Pipeline

Options = dict[str, Any]


def over(raw: object = None, source: str | None = None, *, item: str = "item", limit: int | None = None) -> Options:
    items = {"inputParameter": source} if source else {"raw": raw if isinstance(raw, str) else json.dumps(raw)}
    policy = {"iteratorPolicy": {"parallelismLimit": limit}} if limit is not None else {}
    return {"parameterIterator": {"itemInput": item, "items": items}, **policy}


def loop(options: Options, kind: type = int, inputs: Options | None = None) -> Pipeline:
    """A pipeline that adds 1 to each item, and collects."""
    inputs = inputs or {}
    pipeline = Pipeline(inputs=inputs)
    pipeline.container("add", {"image": "i"}, inputs={"a": kind}, outputs={"out": kind})
    body = pipeline.component("loop", {"item": kind, **inputs}, {}, dag={"tasks": {}})
    pipeline.task("add", within=body, inputs={"a": "$item"})
    pipeline.output("made", list, "add.out", within=body)
    pipeline.task("loop", inputs={name: f"${name}" for name in inputs}, **options)
    pipeline.output("made", list, "loop.made")
    return pipeline


def increments(_: str, values: Options) -> Options:
    return {"out": values["a"] + 1}


@pytest.mark.parametrize("limit", [None, 0, 1, 2, 100])
def test_a_value_for_each_item_in_order(play: Any, limit: int | None) -> None:
    result, executor = play(loop(over([3, 1, 2], limit=limit)), computes(increments))
    assert result.error is None
    assert json.dumps(result.outputs) == json.dumps({"made": [4, 2, 3]})
    assert [step.task for step in executor.steps] == ["loop/0/add", "loop/1/add", "loop/2/add"]
    assert result.tasks["loop/1"].state is State.SUCCEEDED
    assert len({step.paths.artifacts for step in executor.steps}) == 3


@pytest.mark.parametrize(("kind", "items"), [(list, [1, 2]), (str, "[1, 2]"), (list, [])])
def test_items_from_a_parameter(play: Any, kind: type, items: Any) -> None:
    result, _ = play(loop(over(source="items"), inputs={"items": kind}), computes(increments), {"items": items})
    expected: list[int] = json.loads(items) if isinstance(items, str) else items
    assert result.outputs == {"made": [each + 1 for each in expected]}


def test_items_from_a_named_output_of_a_task(play: Any) -> None:
    pipeline = loop(over(source="items"))
    pipeline.container("many", {"image": "i"}, outputs={"first": list, "second": list})
    pipeline.task("many")
    body = pipeline.data["components"]["comp-loop"]
    body["inputDefinitions"]["parameters"]["items"] = {"parameterType": "LIST"}
    pipeline.task("loop", inputs={"items": "@many.second"}, **over(source="items"))

    def compute(task: str, values: Options) -> Options:
        return {"first": [0], "second": [5, 6]} if task == "many" else increments(task, values)

    result, _ = play(pipeline, computes(compute))
    assert result.outputs == {"made": [6, 7]}


@pytest.mark.parametrize(
    ("items", "message"),
    [("no json", "which is not a list in JSON"), ('{"a": 1}', "not a list"), ('["x"]', "the item of the loop 'loop'")],
)
def test_items_that_are_none(play: Any, items: str, message: str) -> None:
    result, executor = play(loop(over(source="items"), inputs={"items": str}), computes(increments), {"items": items})
    assert result.state is State.FAILED
    assert message in result.error
    assert executor.steps == []


def test_constant_items_are_checked_before_anything_starts(play: Any) -> None:
    with pytest.raises(SpecError, match="task 'loop' runs over the str 'no', which is not a list in JSON"):
        play(loop(over("no")), computes(increments))


def test_a_loop_in_a_loop_collects_lists_of_lists(play: Any) -> None:
    pipeline = Pipeline()
    pipeline.container("add", {"image": "i"}, inputs={"a": int, "b": int}, outputs={"out": int})
    outer = pipeline.component("outer", {"x": int}, {}, dag={"tasks": {}})
    inner = pipeline.component("inner", {"x": int, "y": int}, {}, dag={"tasks": {}})
    pipeline.task("add", within=inner, inputs={"a": "$x", "b": "$y"})
    pipeline.output("made", list, "add.out", within=inner)
    pipeline.task("inner", within=outer, inputs={"x": "$x"}, **over([3, 4], item="y"))
    pipeline.output("made", list, "inner.made", within=outer)
    pipeline.task("outer", **over([10, 20], item="x", limit=1))
    pipeline.output("made", list, "outer.made")
    result, executor = play(pipeline, computes(lambda _, values: {"out": values["a"] + values["b"]}))
    assert result.outputs == {"made": [[13, 14], [23, 24]]}
    assert executor.steps[3].task == "outer/1/inner/1/add"


def artifacts(play: Any, pipeline: Pipeline, data: list[Options] | None = None) -> tuple[Any, list[str]]:
    result, executor = play(pipeline, computes(lambda *_: {}), {"data": data} if data is not None else None)
    told = [json.loads(step.executor_input)["inputs"].get("artifacts", {}) for step in executor.steps]
    return result, [one["uri"] for each in told for group in each.values() for one in group["artifacts"]]


def test_a_loop_over_artifacts(play: Any) -> None:
    pipeline = Pipeline()
    root = pipeline.data["root"]
    root["inputDefinitions"] = {"artifacts": {"data": {**DATASET, "isArtifactList": True}}}
    pipeline.container("show", {"image": "i"}, artifacts_in=("thing",))
    body = pipeline.component("loop", {}, {}, artifacts_in=("data", "one"), dag={"tasks": {}})
    pipeline.task("show", within=body, artifacts={"thing": "$one"})
    iterator: Options = {"artifactIterator": {"itemInput": "one", "items": {"inputArtifact": "data"}}}
    pipeline.task("loop", artifacts={"data": "$data"}, **iterator)
    result, seen = artifacts(play, pipeline, [{"uri": "/a"}, {"uri": "/b"}])
    assert result.error is None
    assert seen == ["/a", "/b"]


def test_artifacts_of_nested_loops_are_one_list(play: Any) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.container("gather", {"image": "i"}, artifacts_in=("data",))
    outer = pipeline.component("outer", {"x": int}, {}, dag={"tasks": {}})
    inner = pipeline.component("inner", {"y": int}, {}, dag={"tasks": {}})
    pipeline.task("make", within=inner)
    pipeline.output("data", None, "make.data", within=inner)
    pipeline.task("inner", within=outer, **over([1, 2], item="y"))
    pipeline.output("data", None, "inner.data", within=outer)
    pipeline.task("outer", **over([1, 2], item="x"))
    pipeline.task("gather", artifacts={"data": "@outer.data"})
    result, seen = artifacts(play, pipeline)
    assert result.error is None
    assert [uri.split("/outer/")[1] for uri in seen] == [f"{x}/inner/{y}/make/data" for x in "01" for y in "01"]


def test_a_step_may_run_over_items_without_a_dag(play: Any) -> None:
    pipeline = Pipeline()
    pipeline.container("add", {"image": "i"}, inputs={"a": int}, outputs={"out": int})
    pipeline.task("add", **over([1, 2], item="a"), retryPolicy={"maxRetryCount": 1})
    broken: list[str] = []

    def compute(task: str, values: Options) -> Options | None:
        if task == "add/1" and not broken:
            broken.append(task)
            return None
        return increments(task, values)

    result, executor = play(pipeline, computes(compute))
    assert result.error is None
    assert [(step.task, step.attempt) for step in executor.steps] == [("add/0", 1), ("add/1", 1), ("add/1", 2)]
    assert result.tasks["add"].values.parameters == {"out": [2, 3]}


def test_an_item_whose_type_the_compiler_did_not_know_keeps_its_own(play: Any) -> None:
    """Compilers declare such an item as STRING, and compare it with texts."""
    pipeline = Pipeline(inputs={"items": list})
    pipeline.container("add", {"image": "i"}, inputs={"a": int}, outputs={"out": int})
    name = "pipelinechannel--items-loop-item"
    body = pipeline.component("loop", {name: str, "items": list}, {}, dag={"tasks": {}})
    branch = pipeline.component("branch", {name: str}, {}, dag={"tasks": {}})
    pipeline.task("add", within=branch, inputs={"a": f"${name}"})
    condition = {"condition": f"inputs.parameter_values['{name}'] == '2'"}
    pipeline.task("branch", within=body, inputs={name: f"${name}"}, triggerPolicy=condition)
    pipeline.task("loop", inputs={"items": "$items"}, **over(source="items", item=name))
    result, executor = play(pipeline, computes(increments), {"items": [1, 2, 3]})
    assert result.error is None
    assert [given(step) for step in executor.steps] == [{"a": 2}]


def test_what_was_skipped_in_an_iteration_is_not_collected(play: Any) -> None:
    pipeline = loop(over([1, 2, 3]))
    body = pipeline.data["components"]["comp-loop"]["dag"]["tasks"]["add"]
    body["triggerPolicy"] = {"condition": "int(inputs.parameter_values['a']) != 2"}
    result, _ = play(pipeline, computes(increments))
    assert result.outputs == {"made": [2, 4]}


def test_after_a_failure_no_further_iteration_starts(play: Any) -> None:
    result, executor = play(loop(over([1, 2, 3], limit=1)), computes(lambda *_: None))
    assert result.state is State.FAILED
    assert [given(step) for step in executor.steps] == [{"a": 1}]
    assert [str(result.tasks[f"loop/{number}"].state) for number in range(3)] == ["FAILED", "SKIPPED", "SKIPPED"]
