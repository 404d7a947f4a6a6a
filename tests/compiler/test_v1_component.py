"""Component files of KFP v1 that break the format, and details of those that do not."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfp.components import load_component_from_file, load_component_from_text
from kfp.errors import SpecError


def text(inputs: Any = None, outputs: Any = None, **container: Any) -> str:
    implementation = {"container": {"image": "alpine", **container}}
    return yaml.safe_dump(
        {"name": "C", "inputs": inputs or [], "outputs": outputs or [], "implementation": implementation}
    )


A_TEXT = {"name": "x", "type": "String"}
A_MODEL = {"name": "x", "type": "Model"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (text(command=[{"inputValue": "x"}]), "implementation.container.command[0].inputValue: there is no input 'x'"),
        (text(command=[{"foo": "x"}]), "command[0].foo: is not a placeholder of KFP v1"),
        (text(command=[1]), "command[0]: must be a text or one placeholder"),
        (text(command="sh"), "implementation.container.command: must be a list"),
        (text([A_TEXT], command=[{"inputPath": "x"}]), "'x' is a parameter, which has a value"),
        (text([A_TEXT], command=[{"inputUri": "x"}]), "'x' is a parameter, which has a value"),
        (text([A_MODEL], args=[{"inputValue": "x"}]), "args[0].inputValue: 'x' is an artifact"),
        (text(None, [A_TEXT], command=[{"outputUri": "x"}]), "'x' is a parameter"),
        (text(args=[{"if": {"cond": True, "then": ["a"]}}]), "args[0].if.cond: must be `isPresent: <input>`"),
        (text(args=[{"if": {"cond": {"isPresent": "y"}, "then": ["a"]}}]), "there is no input 'y'"),
        (text([A_TEXT], args=[{"if": {"cond": {"isPresent": "x"}}}]), "args[0].if: must have `then`"),
        (
            text([A_TEXT], args=[{"concat": ["a", {"if": {"cond": {"isPresent": "x"}, "then": ["b"]}}]}]),
            "an IfPresentPlaceholder inside a ConcatPlaceholder has lists",
        ),
        (text([{"name": "x", "type": "Integer", "default": "a"}]), "inputs[0].default"),
        (text([{"name": "x y"}, {"name": "X-Y"}]), "inputs: two names differ only in case, blanks and signs"),
        (text([{"type": "String"}]), "inputs[0].name: must be a text"),
        (text(["x"]), "inputs[0]: must be a mapping"),
        ("implementation: {graph: {tasks: {}}}", "implementation.container: must be a mapping"),
        ("implementation: {container: {command: [a]}}", "implementation.container.image: must be a text"),
        ("implementation: 3", "implementation: must be a mapping"),
    ],
)
def test_a_file_that_breaks_the_format(written: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_component_from_text(written)
    assert caught.value.message.startswith("not a component of KFP v1: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("Integer", "1", 1),
        ("Integer", 1, 1),
        ("Float", "1.5", 1.5),
        ("Bool", "True", True),
        ("Boolean", "false", False),
        ("JsonArray", "[1]", [1]),
        ("JsonObject", '{"a": 1}', {"a": 1}),
        ("JsonObject", {"a": 1}, {"a": 1}),
        ("String", "1", "1"),
    ],
)
def test_defaults(kind: str, default: Any, expected: Any) -> None:
    component = load_component_from_text(text([{"name": "x", "type": kind, "default": default}]))
    found = component.component_spec.inputs["x"]
    assert found.default == expected
    assert type(found.default) is type(expected)
    assert found.optional


def test_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "component.yaml"
    path.write_text(text(command=[1]))
    with pytest.raises(SpecError, match=r"component\.yaml: not a component of KFP v1"):
        load_component_from_file(path)


def test_a_component_without_a_name() -> None:
    component = load_component_from_text(
        textwrap.dedent("""
            inputs: [{name: Learning Rate, type: Float, optional: true}]
            implementation: {container: {image: alpine, args: [{inputValue: Learning Rate}]}}
            """)
    )
    assert component.name == "component"
    assert component.required_inputs == []
    assert list(component.component_spec.inputs) == ["learning_rate"]
