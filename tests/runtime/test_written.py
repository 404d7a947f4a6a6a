"""A signature written and read again is the one that the reader gives, but for what no step asks for."""

# ruff: noqa: UP006, UP007, UP035, UP045 -- the forms that components are written in, old ones too
# mypy: disable-error-code="empty-body"

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Dict, List, Literal, NamedTuple, Optional, Tuple, Union

import pytest

from kfp.dsl import (
    Artifact,
    ClassificationMetrics,
    Dataset,
    EmbeddedInput,
    Input,
    InputPath,
    Model,
    Output,
    OutputPath,
    PipelineTaskFinalStatus,
    TaskConfig,
)
from kfp.runtime.interface import ABSENT, InputParameter, Signature
from kfp.runtime.signature import inspect_signature
from kfp.runtime.written import read, write


class Color(enum.Enum):
    RED = "red"


class Mine(Artifact):
    schema_title = "acme.Mine"


class Fields(NamedTuple):
    number: int
    data: Dataset


def values(a: int, b: str = "}}", *, c: Optional[List[int]] = None, d: bool = False) -> float: ...
def nested(a: dict[str, list[int]], b: list, c: Dict[str, Any], d: List[Optional[int]], e: List, f: dict | None): ...  # type: ignore[no-untyped-def,type-arg]  # noqa: ANN201
def unions(a: list[Union[int, float]], b: List[int | None]) -> List[Dict[str, str]]: ...
def positional(a: int, /, b: int) -> None: ...
def one(a: int, /) -> None: ...
def artifacts(
    a: Input[Dataset], b: Input[List[Model]], c: List[Artifact], d: Output[ClassificationMetrics]
) -> Model: ...
def optional(a: Optional[Input[Dataset]] = None, b: Optional[int] = 3) -> Optional[str]: ...
def paths(a: InputPath(), b: InputPath("Model"), c: InputPath(int), d: OutputPath(str), e: OutputPath(Dataset)): ...  # type: ignore[no-untyped-def,valid-type]  # noqa: ANN201
def several(a: EmbeddedInput[Artifact]) -> Fields: ...
def told(a: PipelineTaskFinalStatus, b: TaskConfig) -> None: ...
def named(größe: int) -> None: ...  # noqa: PLC2401
def nothing() -> None: ...


WRITTEN = [values, nested, unions, positional, one, artifacts, optional, paths, several, told, named, nothing]


@pytest.mark.parametrize("function", WRITTEN, ids=lambda function: str(function.__name__))
def test_written_and_read(function: Callable[..., Any]) -> None:
    signature = inspect_signature(function)
    text = write(signature)
    assert text is not None
    assert text.isascii()
    assert "{{" not in text
    assert "}}" not in text
    again, asked = read(text, function), _asked_for(signature)
    # Not by their texts: `List[Optional[int]]` is the `List[int | None]` that somebody has asked for before.
    assert again == asked
    assert [*again.inputs, *again.outputs] == [*asked.inputs, *asked.outputs]


def _asked_for(signature: Signature) -> Signature:
    def taken(given: InputParameter) -> InputParameter:
        is_value = given.artifact is None and given.passing in ("value", "path")
        default = ABSENT if given.default is ABSENT else None
        return given._replace(default=default, annotation=_old(given.annotation) if is_value else None)

    outputs = {
        name: made._replace(annotation=_old(made.annotation) if made.artifact is None else None)
        for name, made in signature.outputs.items()
    }
    return signature._replace(inputs={name: taken(given) for name, given in signature.inputs.items()}, outputs=outputs)


def _old(annotation: Any) -> Any:
    """Give the form that Python 3.7 has for an annotation, too."""
    arguments = tuple(map(_old, getattr(annotation, "__args__", ())))
    if type(annotation).__name__ == "UnionType":
        return Union[arguments]
    forms: dict[Any, Any] = {list: List, dict: Dict}
    form = forms.get(getattr(annotation, "__origin__", None))
    return annotation if form is None or not arguments else form[arguments]


def enums(a: Color) -> None: ...
def enums_in_lists(a: List[Color]) -> None: ...
def literals(a: Literal["a", "b"]) -> None: ...
def classes(a: Input[Mine]) -> None: ...
def made_classes() -> Mine: ...
def tuples(a: List[Tuple[int, int]]) -> None: ...


@pytest.mark.parametrize(
    "function",
    [enums, enums_in_lists, literals, classes, made_classes, tuples],
    ids=lambda function: str(function.__name__),
)
def test_what_has_no_name_everywhere_is_left_to_the_reader(function: Callable[..., Any]) -> None:
    assert write(inspect_signature(function)) is None
