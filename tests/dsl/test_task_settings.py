"""Settings that cannot work are refused where they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kfp import dsl
from kfp.dsl.graph_component import GraphComponent
from kfp.errors import AuthoringError
from tests.dsl.components import add


def pipeline_with(body: Callable[..., Any]) -> GraphComponent:
    @dsl.pipeline
    def pipeline(n: int = 1) -> None:
        body(add(a=1, b=2), n)

    return pipeline


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda task, _: task.set_accelerator_limit("x"), "'x' is not a number of accelerators"),
        (lambda task, _: task.set_accelerator_limit(-1), "'-1' is not a number of accelerators"),
        (lambda task, _: task.set_accelerator_limit(2.5), "set_accelerator_limit() of task 'add' takes text"),
        (lambda task, _: task.set_accelerator_limit(True), "set_accelerator_limit() of task 'add' takes text"),
        (lambda task, _: task.set_accelerator_type(None), "set_accelerator_type() of task 'add' takes text"),
        (lambda task, _: task.set_cpu_limit("x"), "'x' is not an amount of CPU"),
        (lambda task, _: task.set_memory_limit("1X"), "'1X' is not an amount of memory"),
        (lambda task, _: task.set_retry(1, "1x"), "'1x' is not a duration"),
        (lambda task, _: task.set_debug_pause(after=False, on_error=True), "on_error=True and after=False"),
        (lambda task, _: task.set_debug_pause(after=False), "pauses neither before nor after"),
        (lambda task, n: task.set_env_variable("A", n), "takes text that is known when the pipeline is built"),
        (lambda task, n: task.set_memory_limit(f"{n}Gi"), "not a parameter inside a text"),
        (lambda task, n: task.set_retry(n), "set_retry() of task 'add' takes a number that is known"),
        (lambda task, _: task.set_retry(2.5), "set_retry() of task 'add' takes a number that is known"),
        (lambda task, n: task.set_display_name(f"number {n}"), "takes text that is known when the pipeline is built"),
    ],
)
def test_a_setting_that_cannot_work(body: Callable[..., Any], message: str) -> None:
    with pytest.raises(AuthoringError, match=re.escape(message)):
        pipeline_with(body)


@pytest.mark.parametrize(
    "setter", ["set_cpu_limit", "set_accelerator_type", "set_container_image", "set_accelerator_limit"]
)
def test_a_pipeline_has_no_container(setter: str) -> None:
    inner = pipeline_with(lambda task, _: task)
    with pytest.raises(AuthoringError, match="has no container of its own, for 'pipeline' is a pipeline"):

        @dsl.pipeline
        def outer() -> None:
            getattr(inner(), setter)("1")


def test_the_older_name_of_the_limit_of_accelerators() -> None:
    with pytest.warns(DeprecationWarning, match="use set_accelerator_limit instead") as caught:
        made = pipeline_with(lambda task, _: task.set_gpu_limit(2))
    assert [warning.filename for warning in caught] == [__file__]
    assert made.pipeline.tasks["add"].settings.accelerator_limit == "2"


def test_the_older_name_of_the_type_of_accelerators() -> None:
    with pytest.warns(DeprecationWarning, match="use set_accelerator_type instead"):
        made = pipeline_with(lambda task, _: task.add_node_selector_constraint("TPU_V3"))
    assert made.pipeline.tasks["add"].settings.accelerator_type == "TPU_V3"


@pytest.mark.parametrize(("value", "cached"), [("yes", False), ("True", False), ("1", False), ("no", True), ("", True)])
def test_caching_is_off_by_an_environment_variable(value: str, cached: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT", value)
    assert pipeline_with(lambda task, _: task).pipeline.tasks["add"].settings.enable_caching is cached


def test_an_artifact_is_no_amount() -> None:
    @dsl.component
    def make(model: dsl.Output[dsl.Model]) -> None: ...

    with pytest.raises(AuthoringError, match="takes text or a parameter"):

        @dsl.pipeline
        def pipeline() -> None:
            made = make()
            made.set_cpu_limit(made.output)  # type: ignore[arg-type,unused-ignore]
