"""Component files of KFP v1 that break the format, and details of those that do not."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kfp import dsl
from kfp.compiler import Compiler
from kfp.compiler.compile import document
from kfp.components import load_component_from_file, load_component_from_text
from kfp.errors import AuthoringError, SpecTypeError


def text(inputs: Any = None, outputs: Any = None, **container: Any) -> str:
    implementation = {"container": {"image": "alpine", **container}}
    return yaml.safe_dump(
        {"name": "C", "inputs": inputs or [], "outputs": outputs or [], "implementation": implementation}
    )


A_TEXT = {"name": "x", "type": "String"}
A_MODEL = {"name": "x", "type": "Model"}
A_STATUS = {"name": "x", "type": "PipelineTaskFinalStatus"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (text(command=[{"inputValue": "x"}]), "implementation.container.command[0].inputValue: there is no input 'x'"),
        (text(command=[{"foo": "x"}]), "command[0].foo: is not a placeholder of KFP v1"),
        (text(command=[1]), "command[0]: must be a text or one placeholder"),
        (text(command="sh"), "implementation.container.command: expected `array | null`, got `str`"),
        (text(foo=1), "implementation.container: object contains unknown field `foo`"),
        (text(env={"A": 1}), "implementation.container.env[...]: expected `str`, got `int`"),
        ("foo: 1\n" + text(), "object contains unknown field `foo`"),
        (text(args=[{"if": {"cond": True, "then": ["a"]}}]), "args[0].if.cond: must be `isPresent: <input>`"),
        (text(args=[{"if": {"cond": {"isPresent": "y"}, "then": ["a"]}}]), "there is no input 'y'"),
        (text([A_TEXT], args=[{"if": {"cond": {"isPresent": "x"}}}]), "args[0].if: must have `then`"),
        (
            text([A_TEXT], args=[{"concat": ["a", {"if": {"cond": {"isPresent": "x"}, "then": ["b"]}}]}]),
            "an IfPresentPlaceholder inside a ConcatPlaceholder has lists",
        ),
        (text([{"name": "x", "type": "Integer", "default": "a"}]), "inputs[0].default"),
        (text([{"name": "x y"}, {"name": "X-Y"}]), "inputs: two names differ only in case, blanks and signs"),
        (text([{"type": "String"}]), "inputs[0]: object missing required field `name`"),
        (text([{"name": "-"}]), "inputs[0].name: must have a letter or digit"),
        (text(["x"]), "inputs[0]: expected `object`, got `str`"),
        ("implementation: {graph: {tasks: {}}}", "implementation: object contains unknown field `graph`"),
        ("implementation: {container: {command: [a]}}", "container: object missing required field `image`"),
        ("implementation: {container: {image: ''}}", "implementation.container.image: must not be empty"),
        ("implementation: 3", "implementation: expected `object`, got `int`"),
        (text([A_TEXT], args=[{"if": {"cond": {"isPresent": "x"}, "then": "a", "b": "c"}}]), "if.b: is not a field"),
    ],
)
def test_a_file_that_breaks_the_format(written: str, message: str) -> None:
    with pytest.raises(SpecTypeError) as caught:
        load_component_from_text(written)
    assert caught.value.message.startswith("not a component of KFP v1: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (text([A_TEXT], command=[{"inputPath": "x"}]), "'x' is a parameter, which has a value"),
        (text([A_TEXT], command=[{"inputUri": "x"}]), "'x' is a parameter, which has a value"),
        (text([A_MODEL], args=[{"inputValue": "x"}]), "args[0].inputValue: 'x' is an artifact"),
        (text(None, [A_TEXT], command=[{"outputUri": "x"}]), "'x' is a parameter"),
        (text([A_STATUS], command=[{"inputPath": "x"}]), "'x' is the final status of tasks, which has a value"),
    ],
)
def test_an_input_or_output_is_used_as_what_it_is_not(written: str, message: str, tmp_path: Path) -> None:
    """KFP v1 allowed it, so the component loads; it cannot run."""
    (tmp_path / "c.yaml").write_text(written)
    component = load_component_from_file(tmp_path / "c.yaml")
    assert component.name == "c"

    def pipeline() -> None:
        component()

    uses: list[Callable[[], Any]] = [
        lambda: dsl.pipeline(pipeline),
        lambda: Compiler().compile(component, str(tmp_path / "out.yaml")),
    ]
    for use in uses:
        with pytest.raises(SpecTypeError, match=re.escape(message)) as caught:
            use()
        assert "c.yaml: not a component of KFP v1: implementation.container." in str(caught.value)
        assert isinstance(caught.value, TypeError)  # what KFP raises


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
    found = component.interface.inputs["x"]
    assert found.default == expected
    assert type(found.default) is type(expected)
    assert found.optional


@pytest.mark.parametrize(
    ("type_", "title"),
    [
        ("Model", "system.Model"),
        ("model", "system.Model"),
        ("system.Model", "system.Artifact"),
        ("google.VertexModel", "google.VertexModel"),
        ("google.VertexModel@0.0.1", "system.Artifact"),
        ("acme.Model", "system.Artifact"),
        ({"GCSPath": {"data_type": "CSV"}}, "system.Artifact"),
        (["Model"], "system.Artifact"),
    ],
)
def test_types_of_artifacts(type_: Any, title: str) -> None:
    component = load_component_from_text(text([{"name": "x", "type": type_}], [{"name": "y", "type": type_}]))
    found = component.interface.inputs["x"], component.interface.outputs["y"]
    assert [(each.schema_title, each.schema_version) for each in found] == [(title, "0.0.1")] * 2


def test_the_final_status_of_tasks() -> None:
    report = load_component_from_text(text([A_STATUS], args=[{"inputValue": "x"}]))
    done = load_component_from_text(text())
    assert report.required_inputs == []

    @dsl.pipeline
    def pipeline() -> None:
        with dsl.ExitHandler(report()):
            done()

    dag = document(pipeline).spec.root.dag
    assert dag is not None
    status = dag.tasks["c"].inputs.parameters["x"].task_final_status
    assert status is not None
    assert status.producer_task == "exit-handler-1"
    with pytest.raises(AuthoringError, match="takes the final status of a task in 'x', but is no exit task"):
        dsl.pipeline(name="p")(lambda: report() and None)


def test_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "component.yaml"
    path.write_text(text(command=[1]))
    with pytest.raises(SpecTypeError, match=r"component\.yaml: not a component of KFP v1"):
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
    assert list(component.interface.inputs) == ["learning_rate"]
