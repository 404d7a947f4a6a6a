"""Conditions that are bombs, and loops over what is no list; pytest's own timeout is the judge of time."""

from __future__ import annotations

from typing import Any

import pytest

from kfp.engine.states import State
from kfp.errors import SkiffError, SpecError
from tests.engine.documents import Pipeline


def one_task(**task: Any) -> Pipeline:
    pipeline = Pipeline(inputs={"items": {"parameterType": "LIST", "isOptional": True}})
    pipeline.container("work", {"image": "i"}, inputs={"x": {"parameterType": "STRING", "isOptional": True}})
    pipeline.task("work", **task)
    return pipeline


def condition(text: str) -> Pipeline:
    return one_task(triggerPolicy={"condition": text})


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("(" * 10_000 + "true" + ")" * 10_000, None),
        ("!" * 10_000 + "true", None),
        ("-" * 10_000 + "1 == 1", None),
        ("'" + "x" * 5_000_000 + "' == 'y'", State.SUCCEEDED),
        (" && ".join(["true"] * 20_000), State.SUCCEEDED),
        (" || ".join(["false"] * 20_000), State.SUCCEEDED),
        ("1" * 100_000 + " == 1", None),
        ("1e999999999 > 1", None),
        ("inputs.parameter_values['nobody'] == 'x'", State.FAILED),
        ("inputs" + ".a" * 10_000 + " == 1", None),
        ("__import__('os').system('true')", None),
        ("int('x') == 1", State.FAILED),
        ("string(" * 5_000 + "1" + ")" * 5_000 + " == '1'", None),
        ("1 / 0 == 1", None),
        ("'a' < 1", State.FAILED),
        ("'text'", State.FAILED),
        ("true ? true : false", None),
        ("\0", None),
        ("'\\ud800' == 'x'", None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_conditions_that_are_bombs(play: Any, text: str, state: State | None) -> None:
    try:
        result, _ = play(condition(text), lambda _: None)
        told = "work"
    except SpecError as error:
        result, told = None, str(error)
    assert "work" in told
    assert len(told) < 2_000
    assert (result is None and state is None) or result.state is (state or result.state)


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("[1, 2]", 2), ("[]", 0), ("", None), ("null", None), ("{}", None), ('"[1]"', None), ("3", None), ("[1,", None),
        ("[" * 100_000, None), ("[NaN]", None), ('["\\ud800"]', None), ("[" + "1," * 50 + "1]", 51),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_loops_over_what_is_no_list(play: Any, raw: str, count: int | None) -> None:
    pipeline = one_task(parameterIterator={"items": {"raw": raw}, "itemInput": "x"})
    try:
        result, executor = play(pipeline, lambda _: None)
        told = result.error
    except SkiffError as error:
        told = str(error)
    if count is None:
        assert "work" in told
    else:
        assert (result.state, len(executor.steps)) == (State.SUCCEEDED, count)


@pytest.mark.parametrize("value", ["text", 3, 2.5, True, {"a": 1}, "[1, 2", "[]x"])
def test_loops_over_values_that_are_no_list(play: Any, value: Any) -> None:
    pipeline = Pipeline(inputs={"items": {"parameterType": "STRING"}})
    pipeline.container("work", {"image": "i"}, inputs={"x": str, "items": str})
    pipeline.task(
        "work", inputs={"items": "$items"}, parameterIterator={"items": {"inputParameter": "items"}, "itemInput": "x"}
    )
    result, executor = play(pipeline, lambda _: None, {"items": value})
    assert result.state is State.FAILED
    assert "task 'work' runs over" in result.error
    assert executor.steps == []
