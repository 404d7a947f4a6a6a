"""Documents equal upstream's, which lie in `golden/` for the pipelines in `pipelines/`."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from kfp.compiler import Compiler
from kfp.errors import SpecError
from kfp.ir import files
from kfp.ir.convert import to_json
from kfp.pipeline_spec import pipeline_spec_pb2
from tests.compiler.normal import normalise

HERE = Path(__file__).parent
NAMES = sorted(source.stem for source in (HERE / "pipelines").glob("*.py"))


def compiled(name: str, path: Path) -> dict[str, Any]:
    pipeline = runpy.run_path(str(HERE / "pipelines" / f"{name}.py"))["pipeline"]
    Compiler().compile(pipeline, str(path))
    return documents(path)[0]


def documents(path: Path) -> list[dict[str, Any]]:
    """Give the PipelineSpec of a file, and the settings for platforms where it has some."""
    return list(yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader))


def golden(name: str) -> dict[str, Any]:
    return documents(HERE / "golden" / f"{name}.yaml")[0]


def test_every_pipeline_has_a_golden_file() -> None:
    assert sorted(path.stem for path in (HERE / "golden").glob("*.yaml")) == NAMES
    assert len(NAMES) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_a_document_equals_upstreams(name: str, tmp_path: Path) -> None:
    assert normalise(compiled(name, tmp_path / "p.yaml")) == normalise(golden(name))
    assert documents(tmp_path / "p.yaml")[1:] == documents(HERE / "golden" / f"{name}.yaml")[1:]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_parses_with_the_official_schema(name: str, tmp_path: Path) -> None:
    document = compiled(name, tmp_path / "p.yaml")
    message = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())
    executors = json_format.ParseDict(document["deploymentSpec"], pipeline_spec_pb2.PipelineDeploymentConfig())
    assert message.pipeline_info.name == document["pipelineInfo"]["name"]
    assert set(executors.executors) == set(document["deploymentSpec"]["executors"])


@pytest.mark.parametrize("name", NAMES)
def test_json_and_yaml_say_the_same(name: str, tmp_path: Path) -> None:
    document = compiled(name, tmp_path / "p.yaml")
    pipeline = runpy.run_path(str(HERE / "pipelines" / f"{name}.py"))["pipeline"]
    if len(documents(tmp_path / "p.yaml")) > 1:
        with pytest.raises(SpecError, match="JSON holds one document, but the pipeline has settings for kubernetes"):
            Compiler().compile(pipeline, str(tmp_path / "p.json"))
        return
    Compiler().compile(pipeline, str(tmp_path / "p.json"))
    assert json.loads((tmp_path / "p.json").read_text()) == document


@pytest.mark.parametrize("name", NAMES)
def test_upstreams_documents_survive_reading_and_writing(name: str) -> None:
    document = files.read(HERE / "golden" / f"{name}.yaml")
    assert list(yaml.safe_load_all(files.dumps(document))) == documents(HERE / "golden" / f"{name}.yaml")
    assert files.loads(files.dumps(document)) == document
    assert json.loads(json.dumps(to_json(document.spec))) == golden(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_header_is_upstreams_with_integers_and_lists(name: str, tmp_path: Path) -> None:
    def header(text: str) -> list[str]:
        lines = [line for line in text.splitlines() if line.startswith("#")]
        return [re.sub(r"List\[(.*)\]", r"\1", line.replace(".0", "")) for line in lines]

    compiled(name, tmp_path / "p.yaml")
    assert header((tmp_path / "p.yaml").read_text()) == header((HERE / "golden" / f"{name}.yaml").read_text())


def test_equal_executors_are_written_once(tmp_path: Path) -> None:
    document = compiled("nested", tmp_path / "p.yaml")
    assert sorted(document["deploymentSpec"]["executors"]) == ["exec-add", "exec-odd-name-2"]
    assert len(document["components"]) > 8
