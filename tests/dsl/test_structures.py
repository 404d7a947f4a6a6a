"""`.component_spec`: what upstream's users read of a component, with the values that upstream gives."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from google.protobuf import json_format

from kfp import dsl
from kfp.components import load_component_from_text
from kfp.dsl.structures import (
    ComponentSpec,
    ContainerSpecImplementation,
    Implementation,
    InputSpec,
    OutputSpec,
)

V1 = """
name: My Comp
description: d
inputs:
- {name: Text In, type: String, default: x}
- {name: m, type: Model}
- {name: st, type: PipelineTaskFinalStatus}
outputs:
- {name: o, type: Float}
implementation:
  container: {image: i, command: [a, {inputValue: Text In}], env: {A: b}}
"""


@dsl.component(base_image="python:3.12", task_config_passthroughs=[dsl.TaskConfigField.ENV])
def work(
    plain: dict,  # type: ignore[type-arg]
    items: list[int],
    table: dict[str, int],
    note: dsl.InputPath(str) = "x",  # type: ignore[valid-type]
    number: Optional[int] = 3,  # noqa: UP045 -- the form under test
    data: dsl.Input[dsl.Dataset] = None,  # type: ignore[assignment]
    model: dsl.Output[dsl.Model] = None,  # type: ignore[assignment]
    config: dsl.TaskConfig = None,  # type: ignore[assignment]
) -> float:
    """Works.

    Args:
        plain: a table
    """
    return 1.0


@dsl.container_component
def say(text: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine", command=["echo", text])


@dsl.component
def make(model: dsl.Output[dsl.Model]) -> None: ...


@dsl.pipeline
def pipeline(text: str = "x") -> list[dsl.Model]:
    with dsl.ParallelFor([1]):
        made = make()
    return dsl.Collected(made.outputs["model"])


def test_a_python_component() -> None:
    spec = work.component_spec
    assert (spec.name, spec.description) == ("work", "Works.")
    assert spec.inputs == {
        "plain": InputSpec("Dict", description="a table"),
        "items": InputSpec("typing.List[int]"),
        "table": InputSpec("typing.Dict[str, int]"),
        "note": InputSpec("String", default="x", optional=True),
        "number": InputSpec("Integer", default=3, optional=True),
        "data": InputSpec("system.Dataset@0.0.1", optional=True),
        "config": InputSpec("TaskConfig", optional=True),
    }
    assert spec.outputs == {
        "model": OutputSpec("system.Model@0.0.1"),
        "Output": OutputSpec("Float"),
    }
    container = spec.implementation.container
    assert container is not None
    assert container.image == "python:3.12"
    assert container.args is not None
    assert container.args[-2:] == ["--function_to_execute", "work"]
    assert spec.task_config_passthroughs == [dsl.TaskConfigPassthrough(dsl.TaskConfigField.ENV)]


def test_a_container_component() -> None:
    assert (say.component_spec.outputs, say.component_spec.task_config_passthroughs) == (None, None)
    container = say.component_spec.implementation.container
    assert container is not None
    assert (container.image, list(map(str, container.command or [])), container.args) == (
        "alpine",
        ["echo", "{{$.inputs.parameters['text']}}"],
        None,
    )


def test_a_pipeline() -> None:
    spec = pipeline.component_spec
    assert spec.inputs == {"text": InputSpec("String", default="x", optional=True)}
    assert spec.outputs == {"Output": OutputSpec("system.Model@0.0.1", is_artifact_list=True)}
    assert spec.implementation.container is None
    assert spec.implementation.graph.pipeline_info.name == "pipeline"


def test_a_loaded_component() -> None:
    expected = ComponentSpec(
        "my-comp",
        Implementation(
            ContainerSpecImplementation("i", ["a", "{{$.inputs.parameters['text_in']}}"], env={"A": "b"}),
        ),
        "d",
        {
            "text_in": InputSpec("String", default="x", optional=True),
            "m": InputSpec("system.Model@0.0.1"),
            "st": InputSpec("PipelineTaskFinalStatus", optional=True),
        },
        {"o": OutputSpec("Float")},
    )
    spec = load_component_from_text(V1).component_spec
    assert spec == expected
    assert spec != say.component_spec
    assert str(spec.platform_spec) == ""


@pytest.mark.parametrize("component", [work, say, pipeline])
def test_the_interface_is_known_before_anything_is_compiled(component: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(component), "pipeline_spec", property(lambda _: pytest.fail("was compiled")))
    assert component.component_spec.name == component.name
    assert component.name in repr(component.component_spec)


def test_what_is_assigned_to_the_container_holds_when_the_component_is_used() -> None:
    @dsl.component
    def python(a: int) -> int:
        return a

    @dsl.container_component
    def container(a: int) -> dsl.ContainerSpec:
        return dsl.ContainerSpec(image="old", command=["echo"], args=[a])

    loaded = load_component_from_text(
        "name: v1\ninputs:\n- {name: a, type: Integer}\nimplementation:\n  container: {image: old, command: [echo]}\n"
    )
    for component in (python, container, loaded):
        named: Any = component.component_spec.implementation.container
        named.image = f"new/{component.name}"
    edited: Any = container.component_spec.implementation.container
    edited.command.append("-n")
    edited.args = ["text", "more"]
    edited.env = {"A": "1"}

    @dsl.pipeline
    def p() -> None:
        python(a=1)
        container(a=1)
        loaded(a=1)

    executors = json_format.MessageToDict(p.pipeline_spec)["deploymentSpec"]["executors"]
    assert {name: executor["container"]["image"] for name, executor in executors.items()} == {
        "exec-python": "new/python",
        "exec-container": "new/container",
        "exec-v1": "new/v1",
    }
    assert executors["exec-container"]["container"] == {
        "image": "new/container",
        "command": ["echo", "-n"],
        "args": ["text", "more"],
        "env": [{"name": "A", "value": "1"}],
    }
    assert executors["exec-v1"]["container"]["command"] == ["echo"]
