"""Every form of component, compiled and run as a container would: the command alone, on every Python from 3.7 on."""

# ruff: noqa: UP006, UP035, UP045, PTH123, RUF005 -- components are written for old interpreters, too

import dataclasses
import enum
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Literal, NamedTuple, Optional

import pytest

from kfp import dsl
from kfp.compiler.command import container_args, container_command
from kfp.compiler.step_parts import step_parts
from kfp.dsl import (
    Artifact,
    ClassificationMetrics,
    Dataset,
    Input,
    InputPath,
    Metrics,
    Model,
    Output,
    OutputPath,
    PipelineTaskFinalStatus,
    SlicedClassificationMetrics,
    TaskConfig,
)
from kfp.dsl.python_component import PythonComponent
from kfp.dsl.source import component_source
from tests.parts.interpreters import interpreters

PYTHONS = sorted((v for v in interpreters() if int(v.partition(".")[2]) >= 7), key=lambda v: int(v.partition(".")[2]))


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Config:
    rate: float
    layers: List[int]
    color: Color = Color.RED


def numbers(a: int, b: float, many: List[int], named: Dict[str, int]) -> float:
    return sum(many) + named["x"] + a * b


def several(text: Optional[str] = None) -> NamedTuple("Outputs", [("length", int), ("text", str)]):
    return (0 if text is None else len(text), text or "none")


def modern(many: list[int], none: int | None = None) -> dict[str, int]:
    return {"n": sum(many) + (none or 0)}


def modern_members(many: list[Color], none: int | None = None) -> list[str]:
    return [color.value for color in many]


def colors(color: Color, mode: Literal["fast", "slow"]) -> str:
    return color.name + mode


def members(color: Color) -> Color:
    return Color.BLUE if color is Color.RED else color


def settings(config: Config) -> Config:
    return Config(config.rate * 2, config.layers + [1], Color.BLUE)


def status(value: PipelineTaskFinalStatus) -> str:
    return f"{value.state} {value.error_code}"


def pod(config: TaskConfig) -> list:
    return [config.env, config.node_selector, config.resources]


def curves(metrics: Output[ClassificationMetrics], sliced: Output[SlicedClassificationMetrics]) -> None:
    metrics.log_roc_curve([0.1], [0.9], [0.5])
    sliced.load_confusion_matrix("s", ["a", "b"], [[1, 2], [3, 4]])


def artifacts(data: Input[Dataset], many: Input[List[Model]], model: Output[Model], metrics: Output[Metrics]) -> str:
    model.framework = "f"
    metrics.log_metric("m", 1.0)
    with open(model.path, "w") as file:
        file.write("x")
    return f"{data.name} {len(many)} {type(many[0]).__name__}"


def generic(data: Input[Artifact]) -> str:
    return type(data).__name__


def paths(text: InputPath(str), out: OutputPath(int), data: OutputPath("Dataset")) -> None:
    with open(text) as source, open(out, "w") as target:
        target.write(str(len(source.read())))


ARTIFACT = {"name": "n", "uri": "place", "type": {"schemaTitle": "system.ClassificationMetrics"}}
MATRIX = {
    "annotationSpecs": [{"displayName": "a"}, {"displayName": "b"}],
    "rows": [{"row": [1, 2]}, {"row": [3, 4]}],
}
CURVE = [{"confidenceThreshold": 0.5, "recall": 0.9, "falsePositiveRate": 0.1}]
STATUS = {"state": "FAILED", "error": {"code": 9}}

MAKING = {"construction", "signature"}

# function, parameter values, input artifacts, output artifacts; the values and the metadata that it gives; its parts
CASES: dict[Any, tuple[dict[str, Any], dict[str, int], tuple[str, ...], dict[str, Any], dict[str, Any], set[str]]] = {
    numbers: (
        {"a": 2.0, "b": 1, "many": [1.0, 2.0], "named": {"x": 3.0}}, {}, (), {"Output": 8.0}, {}, set(),
    ),
    several: ({"text": "abc"}, {}, (), {"length": 3, "text": "abc"}, {}, set()),
    modern: ({"many": [1.0, 2]}, {}, (), {"Output": {"n": 3}}, {}, set()),
    modern_members: ({"many": ["red"]}, {}, (), {"Output": ["red"]}, {}, MAKING | {"modern_syntax"}),
    colors: ({"color": "red", "mode": "slow"}, {}, (), {"Output": "REDslow"}, {}, MAKING),
    members: ({"color": "red"}, {}, (), {"Output": "blue"}, {}, MAKING),
    settings: (
        {"config": {"rate": 1, "layers": [2.0]}}, {}, (),
        {"Output": {"rate": 2.0, "layers": [2, 1], "color": "blue"}}, {}, MAKING,
    ),
    status: ({"value": STATUS}, {}, (), {"Output": "FAILED 9"}, {}, {"status"}),
    pod: (
        {"config": {"env": [], "nodeSelector": {"a": "b"}}}, {}, (), {"Output": [[], {"a": "b"}, None]}, {},
        {"task_config"},
    ),
    curves: (
        {}, {}, ("metrics", "sliced"), {},
        {
            "metrics": {"confidenceMetrics": CURVE},
            "sliced": {"evaluationSlices": [{"slice": "s", "sliceClassificationMetrics": {"confusionMatrix": MATRIX}}]},
        },
        {"classification"},
    ),
    artifacts: (
        {}, {"data": 1, "many": 2}, ("model", "metrics"), {"Output": "n 2 Model"},
        {"model": {"framework": "f"}, "metrics": {"m": 1.0}}, set(),
    ),
    generic: ({}, {"data": 1}, (), {"Output": "ClassificationMetrics"}, {}, {"classification"}),
}  # fmt: skip
NEEDS: dict[Any, int] = {colors: 8}  # typing.Literal came with Python 3.8


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """An empty directory for temporary files and as the working directory."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def component_of(function: Any) -> PythonComponent:
    component = dsl.component(function, base_image="python:3.11")
    assert isinstance(component, PythonComponent)
    return component


def run(python: Path, component: PythonComponent, executor_input: dict[str, Any], folder: Path) -> dict[str, Any]:
    arguments = [json.dumps(executor_input) if text == "{{$}}" else text for text in container_args(component)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    ran = subprocess.run(
        [str(python), "-W", "error", *container_command(component)[1:], *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**environment, "TMPDIR": str(folder)},
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    given: dict[str, Any] = json.loads((folder / "out/o.json").read_text())
    assert not list(folder.glob("kfp-*")), "temporary files are left"
    return given


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("function", CASES, ids=lambda function: str(function.__name__))
def test_a_step(function: Any, version: str, scratch: Path) -> None:
    if int(version.partition(".")[2]) < NEEDS.get(function, 0):
        pytest.skip("the annotation's own name is missing from this Python's library")
    values, inputs, outputs, expected, metadata, parts = CASES[function]
    component = component_of(function)
    assert step_parts(component, component_source(component))[0] == parts
    executor_input = {
        "inputs": {
            "parameterValues": values,
            "artifacts": {name: {"artifacts": [ARTIFACT] * count} for name, count in inputs.items()},
        },
        "outputs": {
            "outputFile": "out/o.json",
            "artifacts": {name: {"artifacts": [{"uri": f"out/{name}"}]} for name in outputs},
        },
    }
    given = run(interpreters()[version], component, executor_input, scratch)
    assert given.get("parameterValues", {}) == expected
    assert {name: given["artifacts"][name]["artifacts"][0]["metadata"] for name in outputs} == metadata


@pytest.mark.parametrize("version", PYTHONS)
def test_paths(version: str, scratch: Path) -> None:
    outputs = {"outputFile": "out/o.json", "parameters": {"out": {"outputFile": "out/n"}}}
    outputs["artifacts"] = {"data": {"artifacts": [{"uri": "out/data"}]}}
    executor_input = {"inputs": {"parameterValues": {"text": "abcd"}}, "outputs": outputs}
    run(interpreters()[version], component_of(paths), executor_input, scratch)
    assert (scratch / "out/n").read_text() == "4"
