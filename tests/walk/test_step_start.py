"""What a step of a built image loads and starts: the component's module, the runtime, and nothing on the way.

Times differ from machine to machine: these are lists of modules; `make bench` has the seconds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.parts.engines import ContainerEngine
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import TARGET, Project

COMPONENT = """\
from kfp import compiler, dsl
from .used import add_numbers


@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install=["tinny"])
def add(a: int) -> str:
    import json, sys

    modules = sorted(sys.modules)
    import tinny

    assert add_numbers(a, 1) == a + 1
    return json.dumps(modules)


@dsl.component(base_image={base!r})
def another(a: int) -> int:
    raise NotImplementedError


@dsl.pipeline
def aside(a: int):
    another(a=a)


if __name__ == "__main__":
    compiler.Compiler().compile(aside, "aside.yaml")
"""
LIGHT = """\
from typing import NamedTuple

from kfp import components, dsl

add = components.load_component_from_file("src/component_metadata/add.yaml")


@dsl.component(base_image={base!r})
def light(a: int) -> str:
    import json, sys

    return json.dumps(sorted(sys.modules))


@dsl.pipeline
def both(a: int) -> NamedTuple("Found", [("add", str), ("light", str)]):
    return NamedTuple("Found", [("add", str), ("light", str)])(add(a=a).output, light(a=a).output)
"""
FILES = {
    "src/used.py": "def add_numbers(a, b):\n    return a + b\n",
    "src/unused.py": "raise NotImplementedError('nobody imports this')\n",
    "src/inspect.py": "raise NotImplementedError('the standard library has one')\n",
}
OURS = {"kfp", "kfp.dsl", "kfp.errors", "kfp.location", "kfp.version", "kfp_components"}
SLOW = {"argparse", "asyncio", "dataclasses", "email", "inspect", "logging", "pathlib", "pip", "shutil", "socket"} | {
    "ast", "subprocess", "tempfile", "threading", "tokenize", "unittest", "urllib", "uv", "yaml",
}  # fmt: skip


@pytest.fixture
def started(project: Project, base_image: str, wheels: Path) -> Project:
    """A project with a built component, which wants a package, beside a lightweight one."""
    write_wheel(wheels, "tinny", files={"tinny.py": ""})
    project.write({**FILES, "light.py": LIGHT.format(base=base_image)})
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=TARGET)})
    project.build("--no-push-image")
    project.kfp("dsl", "compile", "--py", "light.py", "--output", "light.yaml")
    return project


def modules(project: Project, *options: str) -> dict[str, set[str]]:
    """Run the pipeline and return the modules that each step had when its function began."""
    result: Any = project.data("run", "create", "--package-file", "light.yaml", *options, "a=5")
    return {name: set(json.loads(text)) for name, text in result["outputs"].items()}


def check(found: dict[str, set[str]]) -> None:
    containerized = {name for name in found["add"] if name.partition(".")[0] in ("kfp", "kfp_components")}
    rest = {name for name in containerized - OURS if not name.startswith("kfp.runtime")}
    assert rest == {"kfp_components.my_component", "kfp_components.used", "kfp.compiler"}, "compiler is a stand-in"
    for step in ("add", "light"):
        assert {name.partition(".")[0] for name in found[step]} & SLOW == set()
    lightweight = {name for name in found["light"] if name.startswith("kfp") and not name.startswith("kfp.runtime")}
    assert lightweight <= OURS | {"kfp.dsl.executor_main"}


def test_in_a_process(started: Project) -> None:
    check(modules(started))


@pytest.mark.engine
def test_in_the_image(started: Project, docker: ContainerEngine) -> None:
    """The base has no pip, the container no network, and the component wants a package: nothing is installed."""
    check(modules(started, "--runner", "container"))
    metadata = (started.folder / "src/component_metadata/add.yaml").read_text()
    container = yaml.safe_load(metadata)["deploymentSpec"]["executors"]["exec-add"]["container"]
    assert container["command"] == ["python3", "-m", "kfp.dsl.executor_main"]
    asked = docker(
        "run", "--rm", "--network", "none", "--entrypoint", "python3", TARGET, "-c", "import pip", check=False
    )
    assert "No module named 'pip'" in asked.stderr
