"""Settings of a whole pipeline, and the workspace that other things need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler.compile import document
from kfp.errors import ArgumentTypeError, AuthoringError


@dsl.component
def echo(text: str = "a") -> str:
    return text


@pytest.mark.parametrize(("size", "text"), [("10Gi", "10Gi"), (10, "10"), ("1.5Gi", "1.5Gi"), (" 1Gi ", "1Gi")])
def test_sizes(size: Any, text: str) -> None:
    assert dsl.WorkspaceConfig(size=size).size == text


@pytest.mark.parametrize(("size", "what"), [("", "missing"), (None, "missing"), ("x", "'x'"), ("-1Gi", "'-1Gi'")])
def test_bad_sizes(size: Any, what: str) -> None:
    with pytest.raises(AuthoringError, match=f"WorkspaceConfig: the size is {what}"):
        dsl.WorkspaceConfig(size=size)


def test_a_workspace_as_json() -> None:
    workspace = dsl.WorkspaceConfig("1Gi")
    workspace.set_size("2Gi")
    patch = dsl.KubernetesWorkspaceConfig()
    patch.set_pvcSpecPatch({"storageClassName": "fast"})
    workspace.set_kubernetes_config(patch)
    assert workspace.get_workspace() == {"size": "2Gi", "kubernetes": {"pvcSpecPatch": {"storageClassName": "fast"}}}


TIMES = (
    "ttl_seconds_after_finished",
    "ttl_seconds_after_success",
    "ttl_seconds_after_failure",
    "active_deadline_seconds",
)


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(
    ("value", "error"),
    [("1", TypeError), (1.5, TypeError), (True, TypeError), (-1, ValueError), (2**31, ValueError)],
)
def test_bad_times(name: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        dsl.PipelineConfig(**{name: value})
    config = dsl.PipelineConfig()
    with pytest.raises(error, match=name):
        setattr(config, name, value)
    assert getattr(config, name) is None


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("value", [None, 0, 2**31 - 1])
def test_good_times(name: str, value: int | None) -> None:
    assert getattr(dsl.PipelineConfig(**{name: value}), name) == value


def test_no_setting_writes_nothing() -> None:
    @dsl.pipeline(pipeline_config=dsl.PipelineConfig(active_deadline_seconds=0))
    def pipeline() -> None:
        echo()

    assert document(pipeline).platforms == {}


def test_something_else_is_no_config() -> None:
    with pytest.raises(ArgumentTypeError, match=r"pipeline_config is \{'size': 1\}"):
        dsl.pipeline(pipeline_config={"size": 1})


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (lambda: echo(text=f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/x"), "the argument 'text' of task 'echo'"),
        (
            lambda: dsl.importer("gs://a", dsl.Model, download_to_workspace=True),
            "the importer 'importer' downloads into it",
        ),
    ],
)
def test_what_needs_a_workspace(use: Callable[[], Any], what: str) -> None:
    def body() -> None:
        use()

    with pytest.raises(AuthoringError, match=f"pipeline 'body' has no workspace, but {what}"):
        document(dsl.pipeline(body))
    config = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig("1Gi"))
    assert "kubernetes" in document(dsl.pipeline(body, pipeline_config=config)).platforms  # type: ignore[call-overload]


def test_a_pipeline_inside_uses_the_workspace_of_the_one_around() -> None:
    @dsl.pipeline
    def inner() -> None:
        echo(text=dsl.WORKSPACE_PATH_PLACEHOLDER)

    @dsl.pipeline(pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig("1Gi")))
    def outer() -> None:
        inner()

    config = document(outer).platforms["kubernetes"].pipeline_config
    assert config is not None
    assert config.workspace is not None
    assert config.workspace.size == "1Gi"
