"""Inputs that come from nowhere, as upstream's compiler gives some to groups."""

from __future__ import annotations

from typing import Any

import pytest

from kfp.engine.planning.planner import plan
from kfp.errors import SpecError
from tests.engine.conftest import computes
from tests.engine.documents import Pipeline

ITEM = "pipelinechannel--items-loop-item"


def leaking(inside: Any, **group: Any) -> Pipeline:
    """A group that is given a value from nowhere; `inside` is what its step says."""
    pipeline = Pipeline()
    pipeline.container("say", {"image": "i"}, inputs={"text": str}, outputs={"out": str})
    around = pipeline.component("group", {ITEM: str}, {}, dag={"tasks": {}})
    pipeline.task("say", within=around, inputs={"text": inside})
    pipeline.output("said", str, "say.out", within=around)
    pipeline.task("group", inputs={ITEM: "$items-loop-item"}, **group)
    pipeline.output("said", str, "group.said")
    return pipeline


def speaks(_: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"out": values["text"]}


def test_a_group_that_does_not_need_it_runs(play: Any) -> None:
    result, _ = play(leaking("hello"), computes(speaks))
    assert result.error is None
    assert result.outputs == {"said": "hello"}


def test_a_step_that_is_given_it_by_its_group_says_so(play: Any) -> None:
    result, _ = play(leaking(f"${ITEM}"), computes(speaks))
    assert "input 'text' of task 'say' has no value" in str(result.tasks["group/say"].error)


@pytest.mark.parametrize(
    "group",
    [
        {"triggerPolicy": {"condition": f"inputs.parameter_values['{ITEM}'] == 'x'"}},
        {"parameterIterator": {"items": {"inputParameter": ITEM}, "itemInput": "each"}},
    ],
)
def test_a_condition_or_loop_over_it_is_refused_before_the_run(group: dict[str, Any]) -> None:
    document = leaking("hello", **group).document()
    with pytest.raises(SpecError, match=rf"root\.dag\.tasks\.group\.inputs\.parameters\.{ITEM}: no input parameter"):
        plan(document.spec)


def test_a_step_that_needs_it_is_refused_before_the_run() -> None:
    document = leaking("$undeclared").document()
    with pytest.raises(SpecError, match="no input parameter 'undeclared' here, and task 'say' needs it"):
        plan(document.spec)
