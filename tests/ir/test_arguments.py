from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import pytest

from kfp.errors import ArgumentsError
from kfp.ir import spec as ir
from kfp.ir.arguments import bind, parse
from kfp.ir.values import as_go_writes, coerce, parse_text

Parameter = ir.InputParameterDefinition


class Level(IntEnum):
    LOW = 1


def pipeline(
    artifacts: dict[str, ir.InputArtifactDefinition] | None = None, **parameters: Parameter
) -> ir.PipelineSpec:
    return ir.PipelineSpec(
        pipeline_info=ir.PipelineInfo(name="p"),
        root=ir.ComponentSpec(
            dag=ir.DagSpec(),
            input_definitions=ir.ComponentInputsSpec(parameters=parameters, artifacts=artifacts or {}),
        ),
    )


SPEC = pipeline(
    x=Parameter(parameter_type="NUMBER_INTEGER"),
    rate=Parameter(parameter_type="NUMBER_DOUBLE", default_value=1, is_optional=True),
    n=Parameter(parameter_type="NUMBER_INTEGER", default_value=3.0),
    name=Parameter(parameter_type="STRING", is_optional=True),
)


def test_defaults_apply_with_their_type_and_optional_parameters_are_null() -> None:
    bound = bind(SPEC, {"x": 2.0})
    assert bound == {"x": 2, "rate": 1.0, "n": 3, "name": None}
    assert [type(bound[key]) for key in ("x", "rate", "n")] == [int, float, int]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "pipeline 'p' misses the argument x (an integer)\nhint: give each one, such as x=2"),
        ({"x": "a"}, "parameter 'x' of pipeline 'p' takes an integer (NUMBER_INTEGER), not the str 'a'"),
        ({"x": None}, "takes an integer (NUMBER_INTEGER), not the NoneType None"),
        ({"x": 1, "rat": 2}, "pipeline 'p' has no parameter 'rat'\nhint: did you mean 'rate'? its parameters are x"),
        ({"x": 1, "rate": "fast"}, "parameter 'rate'"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        bind(SPEC, arguments)
    assert message in str(caught.value)


def test_null_is_accepted_where_the_parameter_is_optional() -> None:
    assert bind(SPEC, {"x": 1, "name": None, "rate": None}) == {"x": 1, "rate": None, "n": 3, "name": None}


def test_artifacts_pass_through_and_are_missed() -> None:
    dataset = ir.InputArtifactDefinition(artifact_type=ir.ArtifactTypeSchema(schema_title="system.Dataset"))
    spec = pipeline({"data": dataset, "old": ir.InputArtifactDefinition(is_optional=True)})
    assert bind(spec, {"data": {"uri": "s3://x"}}) == {"data": {"uri": "s3://x"}}
    with pytest.raises(ArgumentsError, match=r"data \(an artifact, system.Dataset\)"):
        bind(spec, {})
    with pytest.raises(ArgumentsError, match="is an artifact"):
        parse(spec, ["data=x"])


def test_texts_are_parsed_by_type() -> None:
    assert parse(SPEC, ["x=2", "rate=0.5", "name=a=b"]) == {"x": 2, "rate": 0.5, "name": "a=b"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["x"], "is not NAME=VALUE"),
        (["x=1", "x=2"], "given twice"),
        (["z=1"], "has no parameter 'z'"),
        (["x=1.5"], "takes an integer (NUMBER_INTEGER), not the str '1.5'\nhint: for example 2"),
    ],
)
def test_wrong_texts_are_named(texts: list[str], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        parse(SPEC, texts)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (3.0, "NUMBER_INTEGER", 3),
        (Level.LOW, "NUMBER_INTEGER", 1),
        (3, "NUMBER_DOUBLE", 3.0),
        ("a", "STRING", "a"),
        (3, "STRING", "3"),
        ({"a": [1]}, "STRING", '{"a": [1]}'),
        (True, "BOOLEAN", True),
        ((1, 2.5, None), "LIST", [1, 2.5, None]),
        ({"a": (1,)}, "STRUCT", {"a": [1]}),
        (3, "INT", 3),
        (2, "DOUBLE", 2.0),
        ([1], None, [1]),
    ],
)
def test_values_are_normalised(value: Any, kind: str | None, expected: Any) -> None:
    result = coerce(value, kind)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "NUMBER_INTEGER"),
        (1.5, "NUMBER_INTEGER"),
        ("1", "NUMBER_INTEGER"),
        (float("nan"), "NUMBER_DOUBLE"),
        (1, "BOOLEAN"),
        ("[]", "LIST"),
        ([], "STRUCT"),
        ({1: 2}, "STRUCT"),
        ([object()], "LIST"),
        (object(), "STRING"),
        ([float("inf")], None),
    ],
)
def test_values_of_other_types_are_refused(value: Any, kind: str | None) -> None:
    with pytest.raises(ArgumentsError, match="the value takes"):
        coerce(value, kind)


def test_nesting_is_bounded() -> None:
    value: list[Any] = []
    for _ in range(1000):
        value = [value]
    with pytest.raises(ArgumentsError, match="nested"):
        coerce(value, "LIST")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (" 2 ", "STRING", " 2 "),
        (" 2 ", "NUMBER_INTEGER", 2),
        ("-7", "NUMBER_INTEGER", -7),
        ("1e3", "NUMBER_DOUBLE", 1000.0),
        ("True", "BOOLEAN", True),
        ("false", "BOOLEAN", False),
        ("[1, 2]", "LIST", [1, 2]),
        ('{"a": 1}', "STRUCT", {"a": 1}),
    ],
)
def test_texts_stand_for_values(text: str, kind: str, expected: Any) -> None:
    assert parse_text(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2_0", "NUMBER_INTEGER"),
        ("", "NUMBER_INTEGER"),
        ("nan", "NUMBER_DOUBLE"),
        ("yes", "BOOLEAN"),
        ("{}", "LIST"),
        ("[" * 100_000, "LIST"),
        ("[1", "LIST"),
        ("[NaN]", "LIST"),
    ],
)
def test_texts_that_stand_for_nothing_are_refused(text: str, kind: str) -> None:
    with pytest.raises(ArgumentsError):
        parse_text(text, kind)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "true"),
        ([1.0, {"a": [2.0, "3.0", None]}], '[1, {"a": [2, "3.0", null]}]'),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-4.0, "-4"),
    ],
)
def test_whole_numbers_of_a_documents_constants_are_integers(value: Any, expected: str) -> None:
    assert json.dumps(as_go_writes(value)) == expected
