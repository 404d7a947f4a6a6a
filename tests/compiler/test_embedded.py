"""Files that travel inside lightweight components, and notebooks among them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kfp import dsl
from kfp.compiler.compile import document
from kfp.dsl.python_component import PythonComponent
from kfp.errors import AuthoringError, RunError

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# title"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "b",
            "metadata": {"tags": ["parameters"]},
            "outputs": [],
            "source": ["x = 1\n", "items = None"],
        },
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "c",
            "metadata": {},
            "outputs": [],
            "source": ["import beside\n", "print(x + beside.ONE, items)\n", "open('made.txt', 'w').write('made')"],
        },
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    root = tmp_path / "files"
    (root / "inner").mkdir(parents=True)
    (root / "data.txt").write_text("hello")
    (root / "beside.py").write_text("ONE = 1\n")
    (root / "inner" / "more.txt").write_text("more")
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "x.pyc").write_bytes(b"x")
    return root


def container(component: PythonComponent) -> Any:
    ((_, executor),) = document(component).spec.deployment_spec.executors.items()
    return executor.container


def run(component: PythonComponent, tmp_path: Path, **values: object) -> tuple[dict[str, Any], str]:
    """Run a component's command as a container would; give its output values and what it printed."""
    described = container(component)
    output = tmp_path / "output.json"
    executor_input = {"inputs": {"parameterValues": values}, "outputs": {"outputFile": str(output)}}
    args = [text.replace("{{$}}", json.dumps(executor_input)) for text in described.args]
    command = described.command[described.command.index("python3") + 1 :]
    ran = subprocess.run([sys.executable, *command, *args], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(output.read_text()).get("parameterValues", {}), ran.stdout


def test_a_directory(directory: Path, tmp_path: Path) -> None:
    @dsl.component(embedded_artifact_path=str(directory))
    def read(files: dsl.EmbeddedInput[dsl.Dataset], config: dsl.TaskConfig, x: int = 1) -> list:
        from pathlib import Path

        import beside

        root = Path(files.path)
        found = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        found = [name for name in found if not name.startswith("__pycache__")]
        return [type(files).__name__, found, beside.ONE + x, config.env]

    assert list(read.component_spec.inputs) == ["config", "x"]
    values, _ = run(read, tmp_path, x=2, config={"env": [{"name": "A"}]})
    assert values == {"Output": ["Dataset", ["beside.py", "data.txt", "inner/more.txt"], 3, [{"name": "A"}]]}


def test_a_file(directory: Path, tmp_path: Path) -> None:
    @dsl.component(embedded_artifact_path=str(directory / "data.txt"))
    def read(file: dsl.EmbeddedInput[dsl.Artifact]) -> str:
        from pathlib import Path

        return Path(file.path).read_text()

    assert run(read, tmp_path)[0] == {"Output": "hello"}


def test_equal_files_make_equal_text(directory: Path) -> None:
    @dsl.component(embedded_artifact_path=str(directory))
    def read(file: dsl.EmbeddedInput[dsl.Artifact]) -> None: ...

    before = container(read).command
    (directory / "data.txt").write_text("hello")
    assert container(read).command == before
    (directory / "data.txt").write_text("other")
    assert container(read).command != before


def test_a_notebook(directory: Path, tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    (directory / "inner" / "train.ipynb").write_text(json.dumps(NOTEBOOK))

    @dsl.notebook_component(notebook_path=str(directory), packages_to_install=[])
    def train(x: int, items: list) -> str:
        dsl.run_notebook(x=x, items=items)
        return "done"

    values, printed = run(train, tmp_path, x=41, items=["a", None])
    assert values == {"Output": "done"}
    assert printed.splitlines() == ["42 ['a', None]", "4"]
    assert not (tmp_path / "made.txt").exists()


def test_a_notebooks_packages(directory: Path) -> None:
    (directory / "train.ipynb").write_text(json.dumps(NOTEBOOK))

    @dsl.notebook_component(notebook_path=str(directory / "train.ipynb"))
    def by_default() -> None: ...

    @dsl.notebook_component(notebook_path=str(directory), packages_to_install=["torch"])
    def listed() -> None: ...

    assert by_default.packages_to_install == ("nbclient>=0.10,<1", "ipykernel>=6,<7", "jupyter_client>=7,<9")
    assert listed.packages_to_install == ("torch",)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.ipynb", "notebook_path: there is no"),
        ("data.txt", "is not a notebook; its name ends in .ipynb"),
        (".", "has no notebook"),
        ("inner", "has several notebooks: a.ipynb, b.ipynb"),
    ],
)
def test_a_path_without_a_notebook(directory: Path, path: str, message: str) -> None:
    if path == "inner":
        (directory / "inner" / "a.ipynb").write_text("{}")
        (directory / "inner" / "b.ipynb").write_text("{}")
    with pytest.raises(AuthoringError, match=message):
        dsl.notebook_component(notebook_path=str(directory / path))


def test_a_path_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match="embedded_artifact_path: there is no"):
        dsl.component(embedded_artifact_path=str(tmp_path / "nothing"))


def test_an_input_without_files() -> None:
    with pytest.raises(AuthoringError, match="component 'read' has an EmbeddedInput 'file' and embeds nothing"):

        @dsl.component
        def read(file: dsl.EmbeddedInput[dsl.Artifact]) -> None: ...


def test_an_image_holds_its_own_files(directory: Path) -> None:
    with pytest.raises(AuthoringError, match="embedded_artifact_path is for lightweight components"):
        dsl.component(embedded_artifact_path=str(directory), target_image="image")


def test_passthroughs_are_fields() -> None:
    with pytest.raises(TypeError, match="task_config_passthroughs has 'RESOURCES'"):
        dsl.component(task_config_passthroughs=["RESOURCES"])  # type: ignore[list-item]
    message = dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True).to_proto()
    assert (message.field, message.apply_to_task) == (2, True)


def test_a_notebook_runs_in_a_step_alone() -> None:
    with pytest.raises(RunError, match="works only inside a step of a notebook component"):
        dsl.run_notebook(x=1)


def test_a_component_takes_over_all_settings_of_its_task_or_none() -> None:
    @dsl.component(task_config_passthroughs=[dsl.TaskConfigField.ENV])
    def start(config: dsl.TaskConfig) -> None: ...

    with pytest.raises(AuthoringError, match="task 'start-2' has settings of RESOURCES, which component 'start' does"):

        @dsl.pipeline
        def pipeline() -> None:
            start().set_env_variable("A", "b").set_retry(1)
            start().set_cpu_limit("1")

    assert [passthrough.field for passthrough in document(start).spec.root.task_config_passthroughs] == ["ENV"]
