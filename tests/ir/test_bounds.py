"""Texts that would take hours or all memory are refused, or read, in linear time; pytest's own timeout is the judge."""

from __future__ import annotations

import pytest

from kfp.components import load_component_from_text
from kfp.errors import SpecError
from kfp.ir import files, yaml_text

SIZE = 600_000
"""Repetitions: few for what is linear, an hour for what is quadratic."""


@pytest.fixture(autouse=True)
def lower_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_VALUES", SIZE // 2)
    monkeypatch.setattr(yaml_text, "_ALIAS_BUDGET", SIZE // 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n" * SIZE, "more than 300,000 values (line 300000"),
        ("[" + "1," * SIZE, "more than 300,000 values (line 1"),
        ('{"a": [' + "1," * SIZE + "1]}", "more than 300,000 values"),
        ('{"a":' * SIZE, "more than 300,000 values"),
        ('{"a": [' + '"b,",' * SIZE + '"b"]}', "more than 300,000 values"),
        ('{"a": "' + "," * SIZE + '"}', "no pipelineInfo and no root in it"),
        ('{"a": "' + '\\"' * SIZE, "not YAML"),
        ('{"a": ' + "1" * SIZE + "}", "not JSON: Exceeds the limit"),
        ("---\na\n" * SIZE, "more than 100 YAML documents"),
        ("".join(f"%TAG !{i}! x\n" for i in range(SIZE // 10)), "more than 100 YAML directives"),
        ("a: |\n" + "  %TAG ! x\n" * 200, "no pipelineInfo and no root in it"),
        ("a: &a [x]\nb:\n" + "- *a\n" * SIZE, "aliases expand to more than 150,000 values"),
        ("- " * SIZE, "nested more than 200 deep"),
        (" " * SIZE, "the text holds no mapping"),
        ("\n" * SIZE, "the text holds no mapping"),
        ("{ \n" * SIZE, "more than 300,000 values"),
        ("a:\n" + "\t\n" * SIZE, "not YAML"),
        ("? " + "x" * SIZE + "\n: 1", "no pipelineInfo and no root in it"),
        ("x: " + "1" * SIZE, "no pipelineInfo and no root in it"),
        ("implementation" * (SIZE // 10), "the text holds no mapping"),
        ("implementation:\n" + "- a\n" * SIZE, "more than 300,000 values"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_hostile_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_component_from_text(text)
    assert message in str(caught.value)


def test_many_values_that_are_not_too_many_are_read() -> None:
    assert len(yaml_text.load_all("- a\n" * 200_000)[0]) == 200_000
    assert len(files.values('{"a": [' + '"b,",' * 200_000 + '"b"]}')[0]["a"]) == 200_001
