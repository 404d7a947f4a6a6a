from __future__ import annotations

from typing import Any

import pytest

from kfp.errors import SpecError
from kfp.ir.placeholders import Placeholder, parse, resolve_command, resolve_text, resolve_value

VALUES: dict[tuple[str, ...], Any] = {
    ("inputs", "parameters", "x"): "a \"quoted\" {{$.inputs.parameters['n']}}\nline",
    ("inputs", "parameters", "n"): 3,
    ("inputs", "parameters", "l"): [1, "é"],
    ("inputs", "artifacts", "a", "uri"): "s3://b/k",
}


def look_up(placeholder: Placeholder) -> Any:
    return VALUES[placeholder.steps]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ("plain",)),
        ("", ()),
        ("{{$}}", (Placeholder(()),)),
        ("{{$.pipeline_job_uuid}}", (Placeholder(("pipeline_job_uuid",)),)),
        ("{{$.inputs.parameters['x']}}", (Placeholder(("inputs", "parameters", "x")),)),
        ('{{$.inputs.parameters["x y"]}}', (Placeholder(("inputs", "parameters", "x y")),)),
        ("{{$.inputs.artifacts['a'].metadata['k']}}", (Placeholder(("inputs", "artifacts", "a", "metadata", "k")),)),
        ("-{{$.a}}{{$.b}}-", ("-", Placeholder(("a",)), Placeholder(("b",)), "-")),
        ("{{x}} {{$x}} {{$.}}", ("{{x}} {{$x}} {{$.}}",)),
    ],
)
def test_texts_are_split_at_placeholders(text: str, parts: tuple[Any, ...]) -> None:
    assert parse(text) == parts


def test_values_are_not_searched_for_placeholders() -> None:
    assert resolve_text("<{{$.inputs.parameters['x']}}>", look_up) == "<" + VALUES["inputs", "parameters", "x"] + ">"


def test_a_lone_placeholder_keeps_its_values_type() -> None:
    value = {"n": "{{$.inputs.parameters['n']}}", "t": ["n={{$.inputs.parameters['n']}}"], "b": True}
    assert resolve_value(value, look_up) == {"n": 3, "t": ["n=3"], "b": True}


@pytest.mark.parametrize(
    ("element", "arguments"),
    [
        ("a", ["a"]),
        ("{{$.inputs.parameters['l']}}", ['[1, "é"]']),
        ('{"Concat": ["a", "{{$.inputs.parameters[\'n\']}}", {"Concat": ["b"]}]}', ["a3b"]),
        ('{"IfPresent": {"InputName": "x", "Then": ["--x", "{{$.inputs.parameters[\'n\']}}"]}}', ["--x", "3"]),
        ('{"IfPresent": {"InputName": "y", "Then": ["--y"], "Else": "none"}}', ["none"]),
        ('{"IfPresent": {"InputName": "y", "Then": "z"}}', []),
        ('{"Concat": ["<", {"IfPresent": {"InputName": "x", "Then": "{{$.inputs.parameters[\'x\']}}"}}, ">"]}', None),
        ('{"key": "value"}', ['{"key": "value"}']),
        ('{"Concat": broken', ['{"Concat": broken']),
    ],
)
def test_commands_are_resolved_on_their_structure(element: str, arguments: list[str] | None) -> None:
    expected = ["<" + VALUES["inputs", "parameters", "x"] + ">"] if arguments is None else arguments
    assert resolve_command([element], look_up, lambda name: name == "x") == expected


@pytest.mark.parametrize("element", ['{"Concat": 3}', '{"IfPresent": {"Then": "a"}}', '{"Concat": [], "x": 1}'])
def test_malformed_structs_are_refused(element: str) -> None:
    with pytest.raises(SpecError):
        resolve_command([element], look_up, lambda _name: True)
