"""`.execute()` runs a Python component's function; the other kinds have nothing to run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler import Compiler
from kfp.components import load_component_from_file
from kfp.errors import NotExecutable
from tests.dsl.components import add


@dsl.container_component
def say(text: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine", command=["echo", text])


@dsl.pipeline
def pipeline(a: int) -> int:
    return add(a=a).output


def loaded(folder: Path) -> Any:
    Compiler().compile(add, str(folder / "add.yaml"))
    return load_component_from_file(folder / "add.yaml")


def notebook(folder: Path) -> Any:
    path = folder / "n.ipynb"
    path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')

    @dsl.notebook_component(notebook_path=str(path))
    def run(text: str) -> None:
        dsl.run_notebook(text=text)

    return run


def test_a_python_component_calls_its_function() -> None:
    assert add.execute(a=1) == 4
    assert add.execute(a=1, b=1) == 2


@pytest.mark.parametrize("arguments", [{"text": "a"}, {}])
@pytest.mark.parametrize(
    ("component", "message"),
    [
        (lambda _: say, "container component 'say' has nothing to run in this process"),
        (lambda _: pipeline, "pipeline 'pipeline' has nothing to run in this process"),
        (loaded, "loaded component 'add' has nothing to run in this process"),
    ],
)
def test_the_other_kinds(
    component: Callable[[Path], Any], message: str, arguments: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(NotExecutable, match=message) as caught:
        component(tmp_path).execute(**arguments)
    assert isinstance(caught.value, NotImplementedError)
    assert isinstance(caught.value, RuntimeError)


def test_a_notebook_runs_only_in_its_step(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="only inside a step of a notebook component"):
        notebook(tmp_path).execute(text="a")
