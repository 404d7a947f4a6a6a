"""The check of types at compile time, its error, and the two ways round it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kfp
from kfp import dsl
from kfp.compiler.compile import document
from kfp.dsl.types.type_utils import InconsistentTypeException


@dsl.component
def number(x: int) -> int:
    return x


@dsl.component
def text(x: str) -> str:
    return x


@dsl.component
def train(model: dsl.Output[dsl.Model]) -> None: ...


@dsl.component
def read(data: dsl.Input[dsl.Dataset]) -> None: ...


MISMATCHES: list[tuple[Callable[..., Any], str]] = [
    (lambda **_: number(x="a"), "argument 'x' of component 'number' takes an integer .*, not the str 'a'"),
    (lambda n, **_: text(x=n), "takes text .*, not the pipeline's input 'n', which is an integer"),
    (lambda **_: number(x=text(x="a").output), "takes an integer .*, not the output 'Output' of task 'text'"),
    (lambda **_: read(data=train().output), "takes an artifact system.Dataset.*, which is an artifact system.Model"),
    (lambda **_: text(x=train().output), "takes text .*, which is an artifact system.Model"),
    (lambda **_: read(data="gs://a"), "takes an artifact system.Dataset.*, not the str 'gs://a'"),
]


def build(body: Callable[..., Any]) -> Any:
    @dsl.pipeline
    def pipeline(n: int = 1) -> None:
        body(n=n)

    return document(pipeline)


@pytest.mark.parametrize(("body", "message"), MISMATCHES)
def test_a_mismatch(body: Callable[..., Any], message: str) -> None:
    with pytest.raises(InconsistentTypeException, match=message):
        build(body)


def test_an_output_of_the_pipeline_is_checked() -> None:
    with pytest.raises(InconsistentTypeException, match="output 'Output' of pipeline 'pipeline' takes text"):

        @dsl.pipeline
        def pipeline() -> str:
            return number(x=1).output  # type: ignore[return-value,no-any-return,unused-ignore]


UNTYPED: list[Callable[..., Any]] = [
    lambda n, **_: text(x=n.ignore_type()),
    lambda **_: number(x=text(x="a").output.ignore_type()),
    lambda **_: read(data=train().output.ignore_type()),
]


@pytest.mark.parametrize("body", UNTYPED)
def test_a_channel_whose_type_is_ignored(body: Callable[..., Any]) -> None:
    assert len(build(body).spec.root.dag.tasks) >= 1


def test_an_artifact_is_no_parameter_even_so() -> None:
    with pytest.raises(InconsistentTypeException):
        build(lambda **_: text(x=train().output.ignore_type()))


@pytest.mark.parametrize("body", [body for body, _ in MISMATCHES[:4]])
def test_the_switch(body: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kfp, "TYPE_CHECK", False)
    assert len(build(body).spec.root.dag.tasks) >= 1
