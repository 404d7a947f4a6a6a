from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kfp.errors import SpecError
from kfp.ir import yaml_text

TEXTS = [
    "",
    "a",
    "1",
    "1.0",
    "1e5",
    "0o7",
    "017",
    "0x1f",
    "1_000",
    "1:30",
    "2020-01-01",
    "yes",
    "y",
    "~",
    "null",
    "=",
    "<<",
    "- a",
    "a: b",
    "a #b",
    "#a",
    "*a",
    "&a",
    "!x",
    "%y",
    "@z",
    "`",
    "|",
    ">",
    "{a}",
    "it's",
    '"q"',
    " a",
    "a ",
    "\t",
    "a\tb",
    "a\r\nb",
    "\x07",
    "é",
    "😀",
    "\u2028",
    "nel\x85x",
    "\ufeffx",
    "a\nb",
    "a\nb\n",
    "\n",
    "\n\nlead",
    " indented\nless",
    "trailing  \nx",
    "a\n---\nb",
    "x" * 300,
    "word " * 60,
]
VALUES = [1, -1, 2**70, 1.0, -0.0, 1e17, 1e-7, 1.5e300, True, False, None, [], {}, [[]], {"a": {}}, {"": [None]}]


@pytest.mark.parametrize("value", [*TEXTS, *VALUES])
def test_values_survive_in_our_reader_and_in_pyyaml(value: Any) -> None:
    text = yaml_text.dump({"k": [value]})
    assert yaml_text.load_all(text) == [{"k": [value]}]
    assert yaml.safe_load(text) == {"k": [value]}
    assert repr(yaml_text.load_all(text)[0]["k"][0]) == repr(value)


def test_texts_of_several_lines_are_written_as_they_read() -> None:
    assert yaml_text.dump({"source": "def f():\n    return 1\n"}) == "source: |\n  def f():\n      return 1\n"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_value_survives(value: Any) -> None:
    text = yaml_text.dump(value)
    (read,) = yaml_text.load_all(text)
    assert read == value
    assert yaml.safe_load(text) == value


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}\"'&*!|>#%@\n ,.?0123", max_size=40))
def test_any_text_gives_values_or_one_kind_of_error(text: str) -> None:
    try:
        documents = yaml_text.load_all(text)
    except SpecError:
        return
    assert isinstance(documents, list)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 017", 15),
        ("a: 0x1F", 31),
        ("a: -0b11", -3),
        ("a: 1_000", 1000),
        ("a: -1.5e+3", -1500.0),
        ("a: .5", 0.5),
        ("a: Yes", True),
        ("a: off", False),
        ("a:", None),
        ("a: 2020-01-01", "2020-01-01"),
        ("a: 1:30", "1:30"),
        ("a: !!str 5", "5"),
        ("a: !!float 5", 5.0),
        ("a: '5'", "5"),
        ("a: &x [1]\nb: *x", [1]),
    ],
)
def test_scalars_mean_what_yaml_1_1_says(text: str, value: Any) -> None:
    read = yaml_text.load_all(text)[0]["a"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "the key 'a' stands twice (line 3, column 1)"),
        ("? [a]\n: 1", "a key must be text"),
        ("a: !!python/name:os.system x", "YAML tag"),
        ("a: !!timestamp 2020-01-01", "YAML tag"),
        ("!!set {a}", "YAML tag"),
        ("a: .nan", "JSON has no '.nan'"),
        ("&a [*a]", "refers to nothing complete"),
        ("a: *b", "undefined alias"),
        ("a: [", "not YAML"),
        ("a: b: c", "not YAML"),
        ("[" * 100_000, "nested more than 200 deep"),
        ("- " * 100_000, "nested more than 200 deep"),
        ("{a: " * 100_000, "nested more than 200 deep"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        yaml_text.load_all(text)
    assert message in str(caught.value) or "refers to nothing" in str(caught.value)


def test_aliases_do_not_expand_without_bound() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(SpecError, match="expand to more than"):
        yaml_text.load_all("\n".join(lines))


def test_aliases_of_long_texts_do_not_expand_without_bound() -> None:
    with pytest.raises(SpecError, match="expand to more than"):
        yaml_text.load_all("a: &a " + "x" * 1_000_000 + "\nb:\n" + "- *a\n" * 100)


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), b"x", {1, 2}])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    with pytest.raises(SpecError, match="JSON has no"):
        yaml_text.dump({"a": value})
