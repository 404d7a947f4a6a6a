from __future__ import annotations

from typing import Any

import pytest

from kfp.errors import SpecError
from tests.engine.conftest import computes, given
from tests.engine.documents import Pipeline


def selecting(selector: str, source: type, kind: type) -> Pipeline:
    pipeline = Pipeline(inputs={"x": source})
    pipeline.container("show", {"image": "i"}, inputs={"part": kind})
    pipeline.task("show", inputs={"part": "$x"})
    inputs = pipeline.data["root"]["dag"]["tasks"]["show"]["inputs"]["parameters"]
    inputs["part"]["parameterExpressionSelector"] = selector
    return pipeline


@pytest.mark.parametrize(
    ("selector", "source", "value", "kind", "part"),
    [
        ('parseJson(string_value)["a"]', dict, {"a": 1}, int, 1),
        ('parseJson(string_value)["a"]', str, '{"a": "x"}', str, "x"),
        ('parseJson(string_value)["a"]["b"]', dict, {"a": {"b": [1, 2]}}, list, [1, 2]),
        ('parseJson(parseJson(string_value)["a"])["b"]', dict, {"a": '{"b": true}'}, bool, True),
        ('parseJson(string_value)["it\'s \\"a\\""]', dict, {'it\'s "a"': 1}, int, 1),
    ],
)
def test_an_input_takes_a_part(play: Any, selector: str, source: type, value: object, kind: type, part: object) -> None:
    result, executor = play(selecting(selector, source, kind), computes(lambda *_: {}), {"x": value})
    assert result.error is None
    assert given(executor.steps[0]) == {"part": part}


def test_a_part_that_is_not_there(play: Any) -> None:
    pipeline = selecting('parseJson(string_value)["b"]', dict, int)
    result, executor = play(pipeline, computes(lambda *_: {}), {"x": {"a": 1}})
    assert "input 'part' of task 'show'" in result.error
    assert "there is no key 'b' among 'a'" in result.error
    assert executor.steps == []


def test_a_malformed_selector_is_refused_before_anything_starts(play: Any) -> None:
    with pytest.raises(SpecError, match="input 'part' of task 'show'"):
        play(selecting("parseXml(string_value)", dict, int), computes(lambda *_: {}), {"x": {}})
