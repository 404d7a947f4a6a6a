"""The examples: each compiles to its golden document, and does what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from conformance import example_goldens
from conformance.example_goldens import EXAMPLES, readable
from kfp import components
from kfp.engine.executors.places import _why_not
from kfp.graph import graph
from kfp.ir import files
from tests.parts.engines import ContainerEngine
from tests.walk.conftest import Project

NAMES = example_goldens.names()


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, kfp_home: Path) -> Project:
    """A copy of an example's directory, and its pipeline, compiled there."""
    folder = tmp_path / request.param
    shutil.copytree(EXAMPLES / request.param, folder, ignore=shutil.ignore_patterns("__pycache__"))
    project = Project(folder, kfp_home)
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    return project


def words(image: str) -> set[str]:
    return set(re.findall(r">([^<>]+)</t", image))


@pytest.mark.parametrize("name", [name for name in NAMES if example_goldens.picture(name).exists()])
def test_a_picture_shows_its_example(name: str) -> None:
    drawn = graph(files.read(example_goldens.golden(name))).svg()
    assert words(drawn) == words(example_goldens.picture(name).read_text()), "draw it again: make goldens"


def run(example: Project, *arguments: str, code: int = 0) -> Any:
    return example.data("run", "create", "--package-file", "pipeline.yaml", *arguments, code=code)


@pytest.mark.parametrize("example", NAMES, indirect=True)
def test_an_example_compiles_to_its_golden(example: Project) -> None:
    compiled = (example.folder / "pipeline.yaml").read_text(encoding="utf-8")
    golden = example_goldens.golden(example.folder.name)
    assert readable(compiled) == golden.read_text(encoding="utf-8"), "if that is as it should be: make goldens"
    assert json_format.MessageToDict(components.load_component_from_text(compiled).pipeline_spec)
    assert "dsl.pipeline" in (example.folder / "pipeline.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("example", "arguments", "outputs"),
    [
        ("branches", [], {"Output": "17.2 degrees: heater on for 10 minutes"}),
        ("branches", ["readings=[25.5, 26]", "minutes=5"], {"Output": "25.8 degrees: fan on for 5 minutes"}),
        ("branches", ["readings=[20, 22]"], {"Output": "21.0 degrees: nothing to do"}),
        ("nested", [], {"Output": "'the' in 5 words, 'red' in 3"}),
        ("nested", ["first=one", "second=a,b,b,b"], {"Output": "'one' in 1 words, 'b' in 4"}),
        ("typed_values", ["delivery=pick up"], {"Output": "Margherita, Capricciosa by pick up: 18.50"}),
        ("typed_values", ["size=small", "discount=0.1"], {"Output": "Margherita, Capricciosa by bicycle: 15.75"}),
    ],
    indirect=["example"],
)  # fmt: skip
def test_outputs(example: Project, arguments: list[str], outputs: dict[str, Any]) -> None:
    assert run(example, *arguments)["outputs"] == outputs


@pytest.mark.parametrize("example", ["grid_search"], indirect=True)
def test_the_best_of_a_grid(example: Project) -> None:
    outputs = run(example)["outputs"]
    model = outputs.pop("model")
    assert outputs == {"rate": 1.0, "epochs": 100}
    assert model["metadata"] == {"rate": 1.0, "epochs": 100}
    assert Path(model["uri"]).read_text().startswith('{"slope": 2.9')


@pytest.mark.parametrize("example", ["artifacts"], indirect=True)
def test_artifacts(example: Project) -> None:
    printed = example.kfp("run", "create", "--package-file", "pipeline.yaml", "per_kind=40")
    assert "note" not in printed  # metrics are metadata, and need no file
    (listed,) = example.data("run", "list")  # type: ignore[misc]
    got: Any = example.data("run", "get", listed["run_id"])
    made = {task["task"]: task["outputs"] for task in got["tasks"]}
    assert made["measure-flowers"]["training"]["metadata"] == {"rows": 60}
    assert made["train"]["centroids"]["metadata"] == {"kinds": ["aster", "poppy"]}
    evaluated = made["evaluate"]
    assert evaluated["metrics"]["metadata"] == {"accuracy": evaluated["Output"]} == {"accuracy": 0.95}
    matrix = evaluated["confusion"]["metadata"]["confusionMatrix"]
    assert [each["displayName"] for each in matrix["annotationSpecs"]] == ["aster", "poppy"]
    assert Path(made["describe"]["card"]["uri"]).read_text().endswith("Accuracy: 95%.\n")
    assert "<th>poppy" in Path(made["describe"]["page"]["uri"]).read_text()


@pytest.mark.parametrize("example", ["exit_handler"], indirect=True)
@pytest.mark.parametrize(
    ("source", "code", "tidied", "loaded", "told"),
    [
        ("shop", 0, "12 rows removed from the staging area", "12 rows loaded", "To ada@example.com: SUCCEEDED"),
        ("nowhere", 1, "0 rows removed from the staging area", None, "To ada@example.com: FAILED ("),
    ],
)
def test_whatever_happens(example: Project, source: str, code: int, tidied: str, loaded: str | None, told: str) -> None:
    ended = run(example, f"source={source}", code=code)
    got: Any = example.data("run", "get", ended["run_id"])
    made = {task["task"].rpartition("/")[2]: task for task in got["tasks"]}
    assert made["fetch"]["attempt"] == 1 + code
    assert made["tidy"]["outputs"] == {"Output": tidied}
    assert made["load"]["outputs"].get("Output") == loaded
    assert made["notify"]["outputs"]["Output"].startswith(told)


@pytest.mark.parametrize("example", ["importer"], indirect=True)
def test_a_text_that_exists(example: Project) -> None:
    (example.folder / "text.txt").write_text("a rather long sentence")
    assert run(example, "uri=text.txt", "language=British")["outputs"] == {"Output": "sentence"}


@pytest.mark.parametrize("example", ["kubernetes"], indirect=True)
def test_settings_for_kubernetes(example: Project) -> None:
    if _why_not() is not None:
        pytest.skip("this machine lets this user mount nothing")
    refused = example.kfp("run", "create", "--package-file", "pipeline.yaml", code=1)
    assert "key 'user' of the secret 'account'" in refused
    outputs = run(example, "--secrets", "values.yaml", "--config-maps", "values.yaml")["outputs"]
    assert outputs == {"Output": "ann was careful with 10 of 10 characters"}


@pytest.mark.parametrize("example", ["notebook"], indirect=True)
def test_a_notebook(example: Project) -> None:
    pytest.importorskip("nbclient")
    script = (
        "from kfp import local\n"
        "from pipeline import weather_report\n"
        "local.init(runner=local.SubprocessRunner(use_venv=False))\n"
        "assert weather_report(days=3).output == 5\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=example.folder, env=example.environment(), check=True)


@pytest.mark.parametrize(
    ("example", "arguments", "outputs"),
    [
        ("containers", ["last=100", "ending=7"], {"all": 10, "first": 3}),
        ("v1_component", [], {"words": 5, "entries": 3}),
    ],
    indirect=["example"],
)
def test_in_containers(
    example: Project, podman: ContainerEngine, arguments: list[str], outputs: dict[str, int]
) -> None:
    assert podman
    example.kfp("image", "bootstrap", "python:3.11")
    assert run(example, *arguments)["outputs"] == outputs
