"""What a pipeline's function cannot do with a value that exists only when the pipeline runs, and what it returns."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from kfp import dsl
from kfp.errors import ArgumentTypeError, AuthoringError
from tests.dsl.components import add, two


class Both(NamedTuple):
    number: int
    text: str


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x + 1,
        lambda x: "a" + x,
        lambda x: 2 * x,
        lambda x: x / 2,
        lambda x: -x,
        lambda x: x & 1,
        lambda x: f"{x:03d}",
        int,
        float,
        len,
        range,
        operator.index,
        round,
    ],
)
def test_nothing_is_computed_with_a_channel(compute: Callable[[Any], Any]) -> None:
    with pytest.raises(ArgumentTypeError, match="the pipeline's input 'x' cannot be computed with") as caught:

        @dsl.pipeline
        def p(x: int) -> None:
            compute(x)

    assert isinstance(caught.value, TypeError)
    assert caught.value.hint == "pass it to a component and compute there"


@pytest.mark.parametrize("ask", [bool, lambda x: 1 if x else 2, lambda x: x > 1 and x < 5, lambda x: 1 < x < 5])
def test_the_truth_of_a_channel_is_not_known(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(AuthoringError, match=r"exist.? only when it runs"):

        @dsl.pipeline
        def p(x: int) -> None:
            ask(x)


@pytest.mark.parametrize(
    "give",
    [
        lambda task: task.outputs,
        lambda task: {"text": task.outputs["text"], "number": task.outputs["number"]},
        lambda task: Both(task.outputs["number"], task.outputs["text"]),
    ],
)
def test_several_outputs_are_returned_by_name(give: Callable[[Any], Any]) -> None:
    @dsl.pipeline
    def p() -> Both:
        made: Both = give(two(a=1))
        return made

    assert {name: channel.name for name, channel in p.pipeline.outputs.items()} == {"number": "number", "text": "text"}


def test_an_output_in_a_dict_that_is_not_declared() -> None:
    with pytest.raises(AuthoringError, match="returns an output 'Sum' that its signature does not have"):

        @dsl.pipeline
        def p() -> int:
            return {"Sum": add(a=1).output}  # type: ignore[return-value]  # the mistake


@pytest.mark.parametrize("name", ["größe", "_x"])
def test_names_of_inputs_are_those_that_kfp_allows(name: str) -> None:
    namespace: dict[str, Any] = {"add": add}
    exec(f"def p({name}: int):\n    add(a={name}, b=1)", namespace)  # noqa: S102 - the pipeline under test
    with pytest.raises(ValueError, match=f"{name!r} cannot be the name of an input or output"):
        dsl.pipeline(namespace["p"])
