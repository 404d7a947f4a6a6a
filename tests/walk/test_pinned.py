"""Pipelines that load metadata with a pinned image run with exactly that image, in processes and in containers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.parts.engines import ContainerEngine
from tests.walk.conftest import TARGET, Project

PIPELINE = """\
from kfp import components, dsl

add = components.load_component_from_file("src/component_metadata/add.yaml")


@dsl.pipeline
def twice(x: int) -> int:
    return add(a=x, b=x).output
"""


def pinned_pipeline(project: Project) -> Path:
    project.build("--no-push-image", "--pin")
    project.write({"twice.py": PIPELINE})
    project.kfp("dsl", "compile", "--py", "twice.py", "--output", "twice.yaml")
    path = project.folder / "twice.yaml"
    (executor,) = yaml.safe_load(path.read_text())["deploymentSpec"]["executors"].values()
    assert executor["container"]["image"].startswith(f"{TARGET}@sha256:")
    return path


def test_in_a_process(project: Project) -> None:
    assert "SUCCEEDED" in project.kfp("run", "create", "--package-file", str(pinned_pipeline(project)), "x=21")


@pytest.mark.engine
def test_in_containers(project: Project, container_engine: ContainerEngine) -> None:
    """Neither engine takes tag and digest together for an image that it did not pull."""
    path = pinned_pipeline(project)
    ran = project.kfp("run", "create", "--package-file", str(path), "--runner", "container", "x=21")
    assert "SUCCEEDED" in ran
    assert "42" in ran
    assert container_engine("image", "inspect", TARGET).returncode == 0
