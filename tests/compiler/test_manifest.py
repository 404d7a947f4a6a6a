"""Pipelines as Kubernetes resources, as upstream writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kfp import dsl
from kfp.compiler import Compiler, KubernetesManifestOptions, compiler_utils
from kfp.errors import AuthoringError


@dsl.component
def echo(text: str = "a") -> str:
    return text


@dsl.pipeline(
    name="My Pipe",
    display_name="Shown",
    description="Does it.",
    pipeline_config=dsl.PipelineConfig(active_deadline_seconds=3),
)
def pipeline() -> None:
    echo()


def compiled(path: Path, **options: Any) -> list[dict[str, Any]]:
    Compiler().compile(
        pipeline,
        str(path / "p.yaml"),
        kubernetes_manifest_format=True,
        kubernetes_manifest_options=KubernetesManifestOptions(**options) if options else None,
    )
    return list(yaml.safe_load_all((path / "p.yaml").read_text()))


def test_by_default_a_version_alone(tmp_path: Path) -> None:
    (version,) = compiled(tmp_path)
    spec = version.pop("spec")
    assert version == {
        "apiVersion": "pipelines.kubeflow.org/v2beta1",
        "kind": "PipelineVersion",
        "metadata": {"name": "my-pipe"},
    }
    assert spec["pipelineSpec"]["pipelineInfo"] == {
        "name": "my-pipe",
        "displayName": "Shown",
        "description": "Does it.",
    }
    assert spec["platformSpec"] == {"platforms": {"kubernetes": {"pipelineConfig": {"activeDeadlineSeconds": 3}}}}
    assert (spec["displayName"], spec["pipelineName"], spec["description"]) == ("my-pipe", "my-pipe", "Does it.")


def test_with_the_pipeline(tmp_path: Path) -> None:
    first, second = compiled(
        tmp_path,
        pipeline_name="p",
        pipeline_display_name="P",
        pipeline_version_name="v",
        pipeline_version_display_name="V",
        namespace="team",
        include_pipeline_manifest=True,
    )
    assert first == {
        "apiVersion": "pipelines.kubeflow.org/v2beta1",
        "kind": "Pipeline",
        "metadata": {"name": "p", "namespace": "team"},
        "spec": {"description": "Does it.", "displayName": "P"},
    }
    assert second["metadata"] == {"name": "v", "namespace": "team"}
    assert (second["spec"]["displayName"], second["spec"]["pipelineName"]) == ("V", "p")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["my-pipe", "my-pipe", "my-pipe", "my-pipe"]),
        ({"pipeline_name": "p"}, ["p", "p", "p", "p"]),
        ({"pipeline_display_name": "P"}, ["my-pipe", "P", "my-pipe", "my-pipe"]),
        ({"pipeline_version_name": "v"}, ["my-pipe", "my-pipe", "v", "v"]),
        ({"pipeline_version_display_name": "V"}, ["my-pipe", "my-pipe", "my-pipe", "V"]),
    ],
)
def test_names_fall_back(given: dict[str, str], expected: list[str]) -> None:
    options = KubernetesManifestOptions(**given)  # type: ignore[arg-type]
    options.set_pipeline_spec(pipeline.pipeline_spec)
    assert [
        options.pipeline_name,
        options.pipeline_display_name,
        options.pipeline_version_name,
        options.pipeline_version_display_name,
    ] == expected


def test_names_are_those_that_kubernetes_takes(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match="'Bad Name' cannot be the name of a PipelineVersion"):
        compiled(tmp_path, pipeline_version_name="Bad Name")


def test_a_json_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match="Kubernetes resources are written as"):
        Compiler().compile(pipeline, str(tmp_path / "p.json"), kubernetes_manifest_format=True)


def test_the_options_are_where_the_documentation_imports_them_from() -> None:
    assert compiler_utils.KubernetesManifestOptions is KubernetesManifestOptions
