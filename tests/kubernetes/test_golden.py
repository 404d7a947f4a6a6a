"""Pipelines with settings for Kubernetes equal upstream's, which lie in `golden/` for the pipelines in `pipelines/`."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from kfp import components, dsl
from kfp.compiler import Compiler
from kfp.ir import files
from kfp.ir.convert import to_json
from kfp.pipeline_spec import pipeline_spec_pb2
from tests.compiler.normal import normalise

HERE = Path(__file__).parent
NAMES = sorted(source.stem for source in (HERE / "pipelines").glob("*.py"))


def pipeline(name: str) -> Any:
    return runpy.run_path(str(HERE / "pipelines" / f"{name}.py"))["pipeline"]


def normal(text: str) -> dict[str, Any]:
    """Give a pipeline with each platform's settings in the executor that they are for."""
    spec, *more = yaml.load_all(text, Loader=yaml.CSafeLoader)
    for platform, settings in (more[0]["platforms"] if more else {}).items():
        for label, config in settings.pop("deploymentSpec")["executors"].items():
            spec["deploymentSpec"]["executors"][label][platform] = config
        assert not settings
    for component in spec["components"].values():
        executor = spec["deploymentSpec"]["executors"].get(component.get("executorLabel"), {})
        if executor.get("container", {}).get("image", "").startswith("argostub/"):
            for parameter in component["inputDefinitions"]["parameters"].values():
                del parameter["description"]  # the words are Skiff's own
    return normalise(spec)


def test_every_pipeline_has_a_golden_file() -> None:
    assert sorted(path.stem for path in (HERE / "golden").glob("*.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_pipeline_equals_upstreams(name: str, tmp_path: Path) -> None:
    Compiler().compile(pipeline(name), str(tmp_path / "p.yaml"))
    text = (tmp_path / "p.yaml").read_text()
    assert normal(text) == normal((HERE / "golden" / f"{name}.yaml").read_text())
    assert text.startswith("# PIPELINE DEFINITION\n")
    assert text.count("\n---\n") == 1


@pytest.mark.parametrize("name", NAMES)
def test_upstreams_files_survive_reading_and_writing(name: str) -> None:
    path = HERE / "golden" / f"{name}.yaml"
    document = files.read(path)
    assert list(yaml.safe_load_all(files.dumps(document))) == list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_pipeline_keeps_its_settings(name: str, tmp_path: Path) -> None:
    source = (HERE / "golden" / f"{name}.yaml").read_text()
    loaded = components.load_component_from_text(source)
    Compiler().compile(loaded, str(tmp_path / "again.yaml"))
    assert normal((tmp_path / "again.yaml").read_text()) == normal(source)

    samples = {"STRING": "a", "LIST": [], "STRUCT": {}}
    given = {key: samples[str(loaded.interface.inputs[key].type)] for key in loaded.required_inputs}

    @dsl.pipeline
    def outer() -> None:
        loaded(**given)
        loaded(**given)

    Compiler().compile(outer, str(tmp_path / "outer.yaml"))
    whole = normal((tmp_path / "outer.yaml").read_text())
    inner = normal(source)["root"]["dag"]
    assert [task["componentRef"]["dag"] for task in whole["root"]["dag"]["tasks"].values()] == [inner, inner]


@pytest.mark.parametrize("name", NAMES)
def test_the_official_messages_hold_the_settings(name: str) -> None:
    component = pipeline(name)
    spec = component.platform_spec
    assert isinstance(spec, pipeline_spec_pb2.PlatformSpec)
    executors = spec.platforms["kubernetes"].deployment_spec.executors
    assert set(executors) <= set(json_format.MessageToDict(component.pipeline_spec.deployment_spec)["executors"])
    text = (HERE / "golden" / f"{name}.yaml").read_text()
    loaded = components.load_component_from_text(text).platform_spec
    assert json_format.MessageToDict(loaded) == to_json(list(yaml.safe_load_all(text))[1])
