"""The key of a step: the same for the same content, another for whatever decides what the step makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kfp.engine.caching.contents import Content
from kfp.engine.caching.entry import Part, key_of
from kfp.engine.caching.explaining import NEVER, explain, nearest
from kfp.engine.caching.parts import component_of, parts_of
from kfp.engine.commands import recognise
from kfp.engine.flow.values import Artifact, Values
from kfp.engine.planning.plan import Task
from kfp.engine.planning.planner import plan
from kfp.engine.step import Origin
from tests.engine.documents import Pipeline

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
SETS = st.dictionaries(st.text(max_size=3), st.sampled_from(["1", "2 1", "1\n1 1"]), max_size=3)
VALUES = st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=4)
ARTIFACT = Artifact("data", "/run/1/data", "system.Dataset", "0.0.1", {"rows": 3})
ON: dict[str, Any] = {"enableCache": True}


def task(body: str = "return a + b", *, options: Mapping[str, Any] | None = None, **rest: Any) -> Task:
    pipeline = Pipeline("math", {})
    pipeline.python(f"def add(a: int, b: int) -> int:\n    {body}\n", inputs={"a": int, "b": int},
                    outputs={"Output": int}, env=rest.pop("env", None), prologue=rest.pop("prologue", ""))  # fmt: skip
    container = pipeline.data["deploymentSpec"]["executors"]["exec-add"]["container"]
    container.update(rest.pop("container", {}))
    pipeline.data["components"]["comp-add"].update(rest.pop("component", {}))
    pipeline.task("add", inputs={"a": 1, "b": 2}, cachingOptions=options or ON, **rest)
    return plan(pipeline.document().spec).root.tasks[0]


def parts(
    it: Task | None = None,
    inputs: Mapping[str, Any] | None = None,
    *,
    artifact: Artifact | None = None,
    content: str = "1",
    surroundings: Mapping[str, object] | None = None,
    pipeline: str = "math",
) -> tuple[Part, ...]:
    it = it or task()
    assert it.container is not None
    artifacts = {"d": (artifact,)} if artifact is not None else {}
    origin = Origin(pipeline, it, Values(inputs if inputs is not None else {"a": 1, "b": 2}, artifacts))
    python = recognise(it.container.command, it.container.args)
    return parts_of(origin, python, {"d": (Content(content),)}, surroundings or {})


def exact(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES, st.randoms())
def test_values_of_inputs(one: dict[str, Any], other: dict[str, Any], random: Any) -> None:
    names = list(one)
    random.shuffle(names)
    key = key_of(parts(inputs=one))
    assert key == key_of(parts(inputs={name: one[name] for name in names}))
    assert (key == key_of(parts(inputs=other))) == (exact(one) == exact(other))


@settings(max_examples=50, deadline=None)
@given(SETS, SETS)
def test_no_two_sets_of_parts_have_one_key(one: dict[str, str], other: dict[str, str]) -> None:
    first, second = (tuple(Part(*each) for each in some.items()) for some in (one, other))
    assert (key_of(first) == key_of(second)) == (one == other)


BASE: dict[str, Any] = {"artifact": ARTIFACT}

OUTPUT = {"parameters": {"Output": {"parameterType": "NUMBER_INTEGER", "description": "the sum"}}}
SAME: dict[str, dict[str, Any]] = {
    "resources": {"it": task(container={"resources": {"cpuLimit": 2.0, "memoryLimit": 4.0}})},
    "retries and names": {"it": task(retryPolicy={"maxRetryCount": 3}, taskInfo={"name": "Add up"})},
    "the path of an artifact": {"artifact": replace(ARTIFACT, uri="/run/2/other", name="other")},
    "another pipeline": {"pipeline": "other"},
    "what people read": {"it": task(component={"outputDefinitions": OUTPUT})},
}
DIFFERENT: dict[str, tuple[dict[str, Any], str]] = {
    "code": ({"it": task("return a - b")}, "the component's code changed"),
    "packages": ({"it": task(prologue="pip install numpy")}, "the component's packages changed"),
    "image": ({"it": task(container={"image": "python:4"})}, "the component's image changed (python:3.11 → python:4)"),
    "variables": ({"it": task(env={"LEVEL": "3"})}, "the task's environment variables changed"),
    "an integer": ({"inputs": {"a": 1, "b": 3}}, "input 'b' changed (2 → 3)"),
    "a float": ({"inputs": {"a": 1.0, "b": 2}}, "input 'a' changed (1 → 1.0)"),
    "a text": ({"inputs": {"a": "1", "b": 2}}, "input 'a' changed"),
    "a boolean": ({"inputs": {"a": True, "b": 2}}, "input 'a' changed (1 → true)"),
    "an input that is left out": ({"inputs": {"a": 1}}, "input 'b' is gone (2)"),
    "content": ({"content": "2"}, "the content of input 'd' changed"),
    "metadata": ({"artifact": replace(ARTIFACT, metadata={"rows": 4})}, "the metadata of input 'd' changed"),
    "a type": ({"artifact": replace(ARTIFACT, schema_title="system.Model")}, "the content of input 'd' changed"),
    "outputs": (
        {"it": task(component={"outputDefinitions": {"parameters": {"Output": {"parameterType": "STRING"}}}})},
        "the component declares other outputs",
    ),
    "what is in the image": ({"surroundings": {"image content": "1"}}, "what is in the component's image changed"),
    "the directory of the code": ({"surroundings": {"source": "1"}}, "the component's source directory changed"),
    "a key of its own": ({"it": task(options={**ON, "cacheKey": "k"})}, "the task has a cache key of its own now"),
    "several": (
        {"it": task("return 0"), "inputs": {"a": 2, "b": 3, "c": 1}},
        "the component's code changed, input 'a' changed (1 → 2), input 'b' changed (2 → 3), and 1 more",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_makes_no_difference(name: str) -> None:
    assert key_of(parts(**{**BASE, **SAME[name]})) == key_of(parts(**BASE))


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_makes_a_difference_and_how_it_is_told(name: str) -> None:
    changes, told = DIFFERENT[name]
    before, now = parts(**BASE), parts(**{**BASE, **changes})
    assert key_of(before) != key_of(now)
    assert explain(before, now) == told


def test_a_key_of_its_own_replaces_all_but_pipeline_and_outputs() -> None:
    own: dict[str, Any] = {"options": {**ON, "cacheKey": "k"}}
    before = key_of(parts(task(**own)))
    assert before == key_of(parts(task("return 0", **own), inputs={"a": 5}, artifact=ARTIFACT, content="7"))
    others = (
        parts(task(options={**ON, "cacheKey": "l"})),
        parts(task(**own), pipeline="other"),
        parts(task(component={"outputDefinitions": {"parameters": {"x": {"parameterType": "STRING"}}}}, **own)),
    )
    assert len({before, *map(key_of, others)}) == 4
    assert explain(parts(task(**own)), others[0]) == "the task's cache key changed (k → l)"
    assert explain(parts(task(**own)), parts()) == "the task has no cache key of its own now"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("db_password", "hunter2", ""),
        ("apiKey", "hunter2", ""),
        ("config", {"token": "hunter2"}, ""),
        ("url", "https://me:hunter2@host/x", "https://***@host/x"),
        ("text", "a" * 50, "a" * 39 + "…"),
        ("lines", "a\nb\x1b[0m", r"'a\nb\x1b[0m'"),
        ("numbers", [1, 2.5], "[1, 2.5]"),
        ("half", "\ud800", r"'\ud800'"),
        ("empty", "", "''"),
    ],
)
def test_what_is_shown_of_a_value(name: str, value: Any, shown: str) -> None:
    (part,) = (each for each in parts(inputs={name: value}) if each.name == f"input {name}")
    assert part.shown == shown
    assert "hunter2" not in str(parts(inputs={name: value}))


def test_the_nearest_of_several_is_compared() -> None:
    others = [parts(inputs=inputs) for inputs in ({"a": 5, "b": 6}, {"a": 1, "b": 6}, {"a": 5, "b": 2})]
    assert nearest(parts(), others) == others[1]
    assert nearest(parts(), []) is None
    assert explain(parts(), parts()) == NEVER


def test_a_component_is_the_same_whatever_it_is_given() -> None:
    assert component_of(parts()) == component_of(parts(inputs={"a": 7}, artifact=ARTIFACT))
    assert component_of(parts()) != component_of(parts(task("return 0")))
