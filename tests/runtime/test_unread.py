"""Components of a step's module that the step does not need stay what they were: functions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kfp import dsl
from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.python_component import PythonComponent
from kfp.errors import SkiffError
from kfp.runtime import unread


@pytest.fixture
def step() -> Any:
    """`kfp.dsl` as a step has it, and nobody else."""
    namespace: dict[str, Any] = {}
    unread.install(namespace)
    return SimpleNamespace(**namespace)


def test_a_function_is_there_unread(step: Any) -> None:
    @step.component
    def add(a: int) -> int:
        """Add."""
        return a + 1

    @step.component(base_image="python:3.12")
    def sub(a: "nothing_like_it") -> int:  # type: ignore[name-defined]  # noqa: F821, UP037 -- nobody reads it
        return a - 1  # type: ignore[no-any-return]

    assert (add.python_func(1), sub.python_func(1), add.__doc__) == (2, 0, "Add.")
    with pytest.raises(SkiffError, match="nothing_like_it"):
        sub.component_spec  # noqa: B018


def test_it_becomes_the_real_component_when_it_is_used(step: Any) -> None:
    @step.component(base_image="python:3.12", packages_to_install=["six"])
    def add(a: int) -> int:
        return a + 1

    assert (add.base_image, add.name) == ("python:3.12", "add")
    assert add.execute(a=1) == 2
    assert repr(add) == "<PythonComponent 'add'>"
    add.note = "kept"
    assert (add.note, vars(add)["_component"].note) == ("kept", "kept")

    @dsl.pipeline
    def both() -> int:
        return add(a=1).output  # type: ignore[no-any-return]

    assert list(both.pipeline_spec.root.dag.tasks) == ["add"]


def test_a_pipeline_does_not_run_until_it_is_used(step: Any) -> None:
    ran = []

    @step.component
    def task() -> None: ...

    @step.pipeline(name="late")
    def late() -> None:
        ran.append(1)
        task()

    assert ran == []
    assert late.name == "late"
    assert ran == [1]
    assert isinstance(vars(late)["_component"], GraphComponent)


def test_container_components(step: Any) -> None:
    @step.container_component
    def say() -> dsl.ContainerSpec:
        return dsl.ContainerSpec(image="alpine", command=["echo"])

    assert say.name == "say"


def test_a_decorator_in_other_ways(step: Any) -> None:
    """What is given by position is the real decorator's business, its error included."""
    made = step.component(func=lambda: None)
    assert not isinstance(made, PythonComponent)
    with pytest.raises(TypeError):
        step.component(lambda: None, "python:3.12")
