from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kfp import dsl
from kfp.errors import ArgumentTypeError, AuthoringError
from kfp.ir import files
from tests.dsl.components import add, make, two


class Results(NamedTuple):
    number: int
    data: dsl.Dataset


def test_a_component_is_made_with_and_without_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    def my_Func__1(a: int = 1) -> int:  # noqa: N802 - what names become is the point
        return a

    plain = dsl.component(my_Func__1)
    called = dsl.component()(my_Func__1)
    full = dsl.component(base_image="b", target_image="t", packages_to_install=["x"], pip_index_urls=["u"])(my_Func__1)
    assert plain.name == called.name == full.name == "my-func-1"
    assert plain.base_image == "python:3.11"
    assert (full.base_image, full.target_image) == ("b", "t")
    assert (full.packages_to_install, full.pip_index_urls) == (("x",), ("u",))
    monkeypatch.setenv("KFP_DEFAULT_BASE_IMAGE", "mirror/python:3.12")
    assert dsl.component(my_Func__1).base_image == "mirror/python:3.12"


def test_a_list_of_packages_is_a_list() -> None:
    with pytest.raises(AuthoringError, match=r"hint: write packages_to_install=\['numpy'\]"):
        dsl.component(packages_to_install="numpy")(lambda: None)  # type: ignore[call-overload]


@pytest.mark.parametrize("decorator", [dsl.component, partial(dsl.notebook_component, notebook_path="n.ipynb")])
def test_output_component_file_writes_the_component(
    decorator: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("n.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.warns(DeprecationWarning, match="compile the component instead") as caught:

        @decorator(output_component_file="c.yaml")
        def work(a: int) -> int:
            return a

    assert [warning.filename for warning in caught] == [__file__]
    assert files.read("c.yaml").spec.pipeline_info.name == work.name


def test_a_pipeline_runs_once_and_its_errors_are_its_own() -> None:
    runs: list[int] = []

    @dsl.pipeline
    def my_pipe(x: int) -> int:
        """What it does.

        More.
        """
        runs.append(1)
        return add(a=x).output

    assert (my_pipe.name, my_pipe.description, runs) == ("my-pipe", "What it does.\nMore.", [1])
    with pytest.raises(ZeroDivisionError):

        @dsl.pipeline
        def broken() -> None:
            _ = 1 / 0

    assert dsl.pipeline(name="Weird name! _x", description="d")(lambda: add(a=1) and None).name == "weird-name-x"


def returns(annotation: Any, body: Any) -> Any:
    def pipeline(x: int) -> None:
        return body(x)

    pipeline.__annotations__["return"] = annotation
    return dsl.pipeline(pipeline)


@pytest.mark.parametrize(
    ("annotation", "body", "message"),
    [
        (int, lambda x: add(a=x) and None, "does not return its output 'Output'"),
        (int, lambda x: add(a=x), "returns <task 'add' of pipeline 'pipeline'>"),
        (int, lambda x: (add(a=x), 1)[1], "returns 1 as its output 'Output'"),
        (int, lambda x: (add(a=x), x)[1], "returns its own input 'x'"),
        (None, lambda x: add(a=x).output, "annotate what it returns: -> int"),
        (None, lambda x: make().outputs["data"], "annotate what it returns: -> dsl.Dataset"),
        (str, lambda x: add(a=x).output, "takes text (STRING), not the output 'Output' of task 'add'"),
        (dsl.Model, lambda x: make().outputs["data"], "takes an artifact system.Model"),
        (Results, lambda x: add(a=x).output, "an output 'Output' that its signature does not have"),
        (None, lambda x: None, "has no task"),
    ],
)
def test_what_a_pipeline_returns_fits_its_annotation(annotation: Any, body: Any, message: str) -> None:
    with pytest.raises(AuthoringError) as caught:
        returns(annotation, body)
    assert message in str(caught.value)


def test_several_outputs_come_as_a_named_tuple() -> None:
    made = returns(Results, lambda x: Results(add(a=x).output, make().outputs["data"]))
    assert {name: channel.task_name for name, channel in made.pipeline.outputs.items()} == {
        "number": "add",
        "data": "make",
    }


def test_outputs_among_a_pipelines_parameters_are_refused() -> None:
    def pipeline(data: dsl.Output[dsl.Dataset]) -> None:
        make()

    with pytest.raises(AuthoringError, match="a pipeline returns its outputs"):
        dsl.pipeline(pipeline)


def test_task_names_count_up_and_avoid_each_other() -> None:
    @dsl.component
    def add_2(a: int) -> None:
        pass

    @dsl.pipeline
    def pipeline() -> None:
        add(a=1)
        add_2(a=1)
        add(a=1)
        add(a=1)
        add_2(a=1)

    assert list(pipeline.pipeline.tasks) == ["add", "add-2", "add-3", "add-4", "add-2-2"]


def test_pipelines_are_built_in_threads() -> None:
    built: dict[int, Any] = {}
    barrier = threading.Barrier(4)

    @dsl.pipeline
    def inner(x: int) -> int:
        return add(a=x).output

    def build(index: int) -> None:
        @dsl.pipeline
        def outer() -> None:
            barrier.wait(timeout=30)
            add(a=index)
            inner(x=index)
            two(a=index)

        built[index] = outer

    threads = [threading.Thread(target=build, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        tasks = built[index].pipeline.tasks
        assert list(tasks) == ["add", "inner", "two"]
        assert tasks["add"].inputs == {"a": index}


def test_a_pipeline_is_not_defined_inside_another() -> None:
    with pytest.raises(AuthoringError, match="'inner' is defined while the function of pipeline 'outer' runs"):

        @dsl.pipeline
        def outer() -> None:
            add(a=1)

            @dsl.pipeline
            def inner() -> None:
                add(a=2)

    assert list(dsl.pipeline(name="next")(lambda: add(a=1) and None).pipeline.tasks) == ["add"]


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (lambda: "alpine", "returns 'alpine'"),
        (lambda: dsl.ContainerSpec(image="a", command="echo hi"), "command is a list, not 'echo hi'"),
        (lambda: dsl.ContainerSpec(image=""), "the image is a text"),
        (lambda: dsl.ContainerSpec(image="a", args=[1]), "an element of a container's command or args is 1"),
        (lambda: dsl.ContainerSpec(image="a", args=[dsl.IfPresentPlaceholder("z", "a")]), "whether 'z' is present"),
        (
            lambda: dsl.ConcatPlaceholder([dsl.IfPresentPlaceholder("z", ["a"])]),
            "lists, which cannot be joined",
        ),
    ],
)
def test_wrong_containers_are_refused(container: Any, message: str) -> None:
    def work() -> Any:
        return container()

    del work.__annotations__["return"]
    with pytest.raises(AuthoringError) as caught:
        dsl.container_component(work)
    assert message in str(caught.value)


def test_a_container_component_gets_placeholders() -> None:
    seen: dict[str, Any] = {}

    def work(x: int, data: dsl.Input[dsl.Dataset], out: dsl.OutputPath(str)) -> dsl.ContainerSpec:  # type: ignore[valid-type]
        seen.update(x=str(x), uri=str(data.uri), out=f"{out}", key=data.metadata["k"])
        with pytest.raises(AttributeError, match="it has uri, path and metadata"):
            _ = data.name
        with pytest.raises(AuthoringError, match="write its uri or its path"):
            str(data)
        with pytest.warns(UserWarning, match="is always true here"):
            assert x
        return dsl.ContainerSpec(image="alpine")

    work.__annotations__.update({"x": int, "data": dsl.Input[dsl.Dataset], "out": dsl.OutputPath(str)})
    made = dsl.container_component(work)
    assert seen == {
        "x": "{{$.inputs.parameters['x']}}",
        "uri": "{{$.inputs.artifacts['data'].uri}}",
        "out": "{{$.outputs.parameters['out'].output_file}}",
        "key": "{{$.inputs.artifacts['data'].metadata['k']}}",
    }
    assert list(made.component_spec.outputs) == ["out"]
    with pytest.raises(ArgumentTypeError):
        made(x=1)
