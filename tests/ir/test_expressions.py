from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfp.errors import RunError, SpecError
from kfp.ir.expressions import parse_expression


def evaluate(text: str, **values: Any) -> Any:
    values = {name: values[name] for name in values}
    return parse_expression(text).evaluate({"inputs": {"parameter_values": values}, **values})


X = "inputs.parameter_values['x']"


@pytest.mark.parametrize(
    ("text", "x", "result"),
    [
        (f"{X} == 'a'", "a", True),
        (f"{X} != 'a'", "a", False),
        (f"{X} == 'it\\'s'", "it's", True),
        (f'{X} == "say \\"x\\""', 'say "x"', True),
        (f"{X} == 'a\\n\\u00e9\\x41\\101\\\\'", "a\né" + "AA\\", True),
        (f"{X} == r'\\n'", "\\n", True),
        (f"{X} == '''it's'''", "it's", True),
        (f"{X} == ''", "", True),
        (f"{X} == 'b || true'", "a", False),
        (f"int({X}) > 1", 2, True),
        (f"int({X}) > 1", 2.0, True),
        (f"int({X}) > 1", "2", True),
        (f"int({X}) == -1", -1, True),
        (f"{X} > 1.5", 2, True),
        (f"{X} <= 1.5e0", 1.5, True),
        (f"double({X}) >= 1.5", "1.5", True),
        (f"{X} == 1", True, False),
        (f"{X} == true", True, True),
        (f"{X} == false", 0, False),
        (f"{X} == 1", "1", False),
        (f"{X} == 9007199254740993", 9007199254740993, True),
        (f"{X} == 9007199254740993", 9007199254740992, False),
        (f"string({X}) == 'true'", True, True),
        (f"string({X}) == '1'", 1.0, True),
        (f"string({X}) == '1.5'", 1.5, True),
        (f"!({X} == 'a') && {X} == 'b'", "b", True),
        (f"{X} == 'a' || {X} == 'b' && {X} == 'c'", "a", True),
        (f"({X} == 'a' || {X} == 'b') && {X} == 'c'", "a", False),
        (f"{X} == null", None, True),
        (f"{X} == {X}", {"a": [1, {"b": 1.0}]}, True),
        (f"{X}.a[1] == 'z'", {"a": ["y", "z"]}, True),
        (f"{X} == 'a' || nobody", "a", True),
        (f"nobody && {X} == 'b'", "a", False),
        ('parseJson(x)["a"]["b"]', '{"a": {"b": [1, 2]}}', [1, 2]),
        ('parseJson(x)["a"]', {"a": 1}, 1),
    ],
)
def test_values(text: str, x: object, result: object) -> None:
    value = evaluate(text, x=x)
    assert value == result
    assert type(value) is type(result)


@pytest.mark.parametrize(
    ("text", "x", "message"),
    [
        ("inputs.parameter_values['y'] == 1", 1, "there is no key 'y' among 'x'"),
        ("nobody == 1", 1, "there is no 'nobody'"),
        (f"{X} < 'a'", 1, "have no order"),
        (f"{X} < 1", True, "have no order"),
        (f"int({X}) == 1", "many", "is no integer"),
        (f"int({X}) == 1", True, "is no integer"),
        (f"int({X}) == 1", 1e300, "64 bits"),
        (f"double({X}) == 1", "1_0", "is no number"),
        (f"!{X}", "true", "neither true nor false"),
        (f"{X} && true", 1, "neither true nor false"),
        (f"-{X} == 1", "a", "no negative"),
        (f"string({X}) == 'a'", [1], "cannot be turned into text"),
        (f"parseJson({X})['a']", "{", "is not JSON"),
        (f"{X}[3]", [1], "no item 3 in a list of 1"),
        (f"{X}.y", "text", "has no member"),
    ],
)
def test_what_makes_no_sense_is_an_error(text: str, x: object, message: str) -> None:
    with pytest.raises(RunError, match="cannot be evaluated") as caught:
        evaluate(text, x=x)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends too early"),
        ("1 +", "cannot be read"),
        ("x == 'it's'", "at character 11 cannot be read"),
        ("x == 'a", "cannot be read"),
        ("x == '\\q'", "unknown escape"),
        ("x == '\\ud800'", "is no character"),
        ("size(x) == 1", "the function 'size' is not one of int"),
        ("(x == 1", "expected ')'"),
        ("x == 1)", "unexpected ')'"),
        ("x.'a'", "expected a name"),
        ("(" * 200 + "1" + ")" * 200, "nested"),
        ("!" * 200 + "true", "signs in a row"),
        ("x" + "['a']" * 200, "members in a row"),
        ("__import__('os')", "the function '__import__'"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_read(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_expression(text)
    assert message in str(caught.value)


def test_a_chain_may_be_long() -> None:
    assert evaluate(" || ".join([f"{X} == 1"] * 5000), x=2) is False


@given(st.text())
def test_a_text_in_quotes_is_itself(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    assert evaluate(f"{X} == '{quoted}'", x=text) is True
    assert evaluate(f"{X} == '{quoted}'", x=text + "'") is False


@given(st.text(alphabet="()[]!&|=<>.,'\"\\ax1 -", max_size=30))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        expression = parse_expression(text)
    except SpecError:
        return
    try:
        json.dumps(expression.evaluate({"x": {"a": [1, "1"]}}))
    except RunError:
        return
