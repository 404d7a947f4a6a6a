"""Container components whose functions say too little."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from kfp import dsl
from kfp.errors import SignatureError

MODELS: Any = list[dsl.Model]
OPTIONAL: Any = Optional


def made(annotation: Any, name: str = "a") -> Any:
    def work(a: int) -> dsl.ContainerSpec:
        return dsl.ContainerSpec(image="alpine", command=["true"])

    work.__annotations__[name] = annotation
    return dsl.container_component(work)


@pytest.mark.parametrize("annotation", [dsl.Model, OPTIONAL[dsl.Model], MODELS, OPTIONAL[MODELS], "dsl.Model"])
def test_an_artifact_that_is_neither_input_nor_output(annotation: Any) -> None:
    with pytest.raises(SignatureError, match=r"takes 'a' as .*Model.*, neither Input nor Output") as caught:
        made(annotation)
    assert isinstance(caught.value, TypeError)
    assert caught.value.location is not None
    assert caught.value.location.path == __file__


INPUT: Any = dsl.Input
OUTPUT: Any = dsl.Output


@pytest.mark.parametrize(
    "annotation",
    [INPUT[dsl.Model], OUTPUT[dsl.Model], INPUT[MODELS], OPTIONAL[INPUT[dsl.Model]], dsl.InputPath(dsl.Model), list],
)
def test_what_is_marked(annotation: Any) -> None:
    assert list({**made(annotation).interface.inputs, **made(annotation).interface.outputs}) == ["a"]


@pytest.mark.parametrize("annotation", [dsl.Model, int, MODELS])
def test_outputs_are_not_returned(annotation: Any) -> None:
    with pytest.raises(SignatureError, match="is annotated to return"):
        made(annotation, "return")
