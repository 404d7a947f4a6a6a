"""Bad input gets one clear error: exit code 1, no traceback, nothing half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.parts.processes import free_port
from tests.parts.registry import RunningRegistry
from tests.walk.conftest import COMPONENT, TARGET, Project

BUILD = ("component", "build", "src/", "--no-push-image", "--component-filepattern")


def fails(project: Project, *arguments: str, saying: tuple[str, ...]) -> str:
    """Run a command that must fail with one error which says all of `saying`, and writes nothing."""
    before = listing(project.folder)
    printed = project.kfp(*arguments, code=1)
    assert "Traceback" not in printed
    assert printed.count("error:") == 1, printed
    for words in saying:
        assert words in printed, f"{words!r} is not in:\n{printed}"
    assert listing(project.folder) == before
    return printed


def listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def component(project: Project, text: str) -> None:
    project.write({"src/my_component.py": text})


def test_no_component_matches(project: Project) -> None:
    fails(project, *BUILD, "nothing_*.py", saying=("nothing_*.py", "src"))


def test_no_such_directory(project: Project) -> None:
    printed = project.kfp("component", "build", "nowhere/", code=2)
    assert "nowhere" in printed


def test_no_target_image(project: Project) -> None:
    component(project, "from kfp import dsl\n\n@dsl.component\ndef add(a: int) -> int:\n    return a\n")
    fails(project, *BUILD, "my_component.py", saying=("target_image", "my_component.py"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("from kfp import dsl\nimport absent_module_x\n", 2, "absent_module_x"),
        ("from kfp import dsl\n\ndef broken(:\n    pass\n", 3, "invalid syntax"),
        ("from kfp import dsl\n\n1 / 0\n", 3, "division by zero"),
    ],
)
def test_a_module_that_fails_to_import(project: Project, text: str, line: int, says: str) -> None:
    component(project, text)
    fails(project, *BUILD, "my_component.py", saying=(f"my_component.py:{line}", says))


def test_an_undefined_name(project: Project, base_image: str) -> None:
    wrong = COMPONENT.format(base=base_image, target=TARGET).replace("add_numbers(a, b)", "add_numbers(num1, num2)")
    component(project, wrong)
    fails(project, *BUILD, "my_component.py", saying=("my_component.py:7", "num1", "add"))
    assert TARGET not in project.kfp("image", "list")


def test_a_malformed_image_name(project: Project, base_image: str) -> None:
    component(project, COMPONENT.format(base=base_image, target="localhost:5000/My Project/x"))
    fails(project, *BUILD, "my_component.py", saying=("localhost:5000/My Project/x",))
    component(project, COMPONENT.format(base="UPPER//case", target=TARGET))
    fails(project, *BUILD, "my_component.py", saying=("UPPER//case",))


@pytest.mark.parametrize("what", ["home", "source"])
def test_an_unwritable_directory(project: Project, tmp_path: Path, what: str) -> None:
    # A file in the directory's place stops root as well, whom permissions do not stop.
    if what == "home":
        blocked = tmp_path / "blocked"
        blocked.write_text("")
        printed = project.build("--no-push-image", code=1, KFP_HOME=str(blocked / "home"))
        assert str(blocked) in printed
    else:
        project.write({"src/component_metadata": "in the way"})
        printed = project.build("--no-push-image", code=1)
        assert "component_metadata" in printed
    assert "Traceback" not in printed
    assert printed.count("error:") == 1, printed


def test_an_output_file_that_cannot_be_written(project: Project) -> None:
    fails(
        project, "dsl", "compile", "--py", "pipeline.py", "--output", "nowhere/at/all/pipeline.yaml",
        saying=("nowhere/at/all",),
    )  # fmt: skip


def test_a_base_that_cannot_be_reached(project: Project) -> None:
    host = f"localhost:{free_port()}"
    component(project, COMPONENT.format(base=f"{host}/python:3.11", target=TARGET))
    fails(project, *BUILD, "my_component.py", saying=(host, "kfp image bootstrap", "hint:"))
    component(project, COMPONENT.format(base="localhost/absent:1", target=TARGET))
    fails(project, *BUILD, "my_component.py", saying=("localhost/absent:1", "kfp image bootstrap"))


def test_a_registry_that_is_down(project: Project, base_image: str) -> None:
    host = f"localhost:{free_port()}"
    component(project, COMPONENT.format(base=base_image, target=f"{host}/a/b:v1"))
    printed = project.build(code=1)
    assert host in printed
    assert "Traceback" not in printed
    assert printed.count("error:") == 1, printed


def test_a_registry_that_refuses_the_credentials(
    project: Project, base_image: str, locked_registry: RunningRegistry
) -> None:
    component(project, COMPONENT.format(base=base_image, target=f"{locked_registry.host}/a/b:v1"))
    printed = project.build(code=1)
    assert locked_registry.host in printed
    assert "docker login" in printed
    wrong = RunningRegistry(locked_registry.host, locked_registry.storage, "ada", "not-her-lace")
    (Path(os.environ["DOCKER_CONFIG"]) / "config.json").write_text(wrong.docker_config())
    printed = project.build(code=1)
    assert locked_registry.host in printed
    assert "not-her-lace" not in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x=2", "y=3", "z=4"], ("z", "x", "y")),
        (["x=2"], ("y",)),
        (["x=2", "y=three"], ("y", "three", "int")),
        (["x=2", "y"], ("y",)),
    ],
)
def test_pipeline_arguments(project: Project, arguments: list[str], says: tuple[str, ...]) -> None:
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    printed = project.kfp("run", "create", "--package-file", "pipeline.yaml", *arguments, code=1)
    assert "Traceback" not in printed
    for words in says:
        assert words in printed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("just text", "pipeline.yaml"),
        ("- a\n- list\n", "pipeline.yaml"),
        ("{unbalanced: [", "pipeline.yaml"),
        ("", "pipeline.yaml"),
        ("pipelineInfo: {name: 3}\nroot: []\nschemaVersion: 2.1.0\n", "pipelineInfo.name"),
        ("apiVersion: v1\nkind: Pod\n", "pipeline.yaml"),
    ],
)
def test_a_yaml_file_that_is_no_pipeline(project: Project, text: str, says: str) -> None:
    project.write({"pipeline.yaml": text})
    printed = project.kfp("run", "create", "--package-file", "pipeline.yaml", "x=2", code=1)
    assert "Traceback" not in printed
    assert printed.count("error:") == 1, printed
    assert says in printed


def test_an_image_that_was_never_built(project: Project) -> None:
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    printed = project.kfp("run", "create", "--package-file", "pipeline.yaml", "x=2", "y=3", code=1)
    assert TARGET in printed
    assert "kfp component build" in printed
    assert "Traceback" not in printed
