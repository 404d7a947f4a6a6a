"""`task.container_spec`, which upstream's documents show in the same way."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from kfp import dsl
from kfp.components import load_component_from_text
from tests.dsl.components import add

LOADED = "name: loaded\nimplementation:\n  container: {image: old, command: [echo], args: [a], env: {A: b}}\n"


@dsl.container_component
def shell(a: int, maybe: str = ""):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return dsl.ContainerSpec(image="old", command=["echo", a], args=[dsl.ConcatPlaceholder(["x", a])])


def containers(body: Any) -> dict[str, Any]:
    pipeline: Any = dsl.pipeline(name="p")(body)
    document = json_format.MessageToDict(pipeline.pipeline_spec)
    return {name: made["container"] for name, made in document["deploymentSpec"]["executors"].items()}


def test_what_is_changed_holds_for_one_task() -> None:
    def body(tag: str) -> None:
        first: Any = shell(a=1).container_spec
        first.image = f"new:{tag}"
        first.command.append(f"{tag}")
        first.args += ["--more"]
        shell(a=1)

    made = containers(body)
    tag = "{{$.inputs.parameters['pipelinechannel--tag']}}"
    given = ["{{$.inputs.parameters['a']}}", '{"Concat": ["x", "{{$.inputs.parameters[\'a\']}}"]}']
    assert made == {
        "exec-shell": {
            "image": f"new:{tag}",
            "command": ["echo", given[0], tag],
            "args": [given[1], "--more"],
        },
        "exec-shell-2": {"image": "old", "command": ["echo", given[0]], "args": [given[1]]},
    }


def test_a_python_component() -> None:
    def body() -> None:
        task = add(a=1)
        container: Any = task.container_spec
        assert container.args[-1] == "add"
        container.image = "first"
        task.set_container_image("second").set_env_variable("A", "b")
        assert (container.image, dict(container.env)) == ("second", {"A": "b"})
        container.args[-1:] = ["other"]

    (made,) = containers(body).values()
    assert (made["image"], made["args"][-1]) == ("second", "other")


def test_a_loaded_component() -> None:
    loaded: Any = load_component_from_text(LOADED)

    def body() -> None:
        container: Any = loaded().container_spec
        assert (container.image, container.command, dict(container.env)) == ("old", ["echo"], {"A": "b"})
        container.command = ["cat"]

    made = containers(body)["exec-loaded"]
    assert (made["image"], made["command"], made["args"]) == ("old", ["cat"], ["a"])


def test_looking_changes_nothing() -> None:
    def body() -> None:
        assert "old" in repr(shell(a=1).container_spec)
        shell(a=2)

    assert list(containers(body)) == ["exec-shell"]


def test_the_environment_is_set_by_its_own_method() -> None:
    def body() -> None:
        container: Any = shell(a=1).container_spec
        with pytest.raises(TypeError):
            container.env["A"] = "b"
        with pytest.raises(AttributeError):
            container.env = {"A": "b"}

    containers(body)


def test_pipelines_and_importers_have_none() -> None:
    @dsl.pipeline
    def inner() -> None:
        add(a=1)

    def body() -> None:
        assert inner().container_spec is None
        assert dsl.importer("gs://x", artifact_class=dsl.Dataset).container_spec is None

    dsl.pipeline(name="p")(body)
