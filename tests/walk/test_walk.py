"""Build, compile, run: what the README shows."""

from __future__ import annotations

import subprocess
import sys

import yaml

from tests.parts.engines import ContainerEngine
from tests.walk.conftest import LIGHTWEIGHT, TARGET, Project


def test_build_compile_run(project: Project) -> None:
    built = project.build("--no-push-image")
    assert TARGET in built
    assert "localhost/python-base:test" in built
    assert "sha256:" in built
    assert (project.folder / "src/component_metadata/add.yaml").is_file()

    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    ran = project.kfp("run", "create", "--package-file", "pipeline.yaml", "x=2", "y=3")
    assert "SUCCEEDED" in ran
    assert "7" in ran
    assert "Default" in ran or project.data("run", "list")


def test_outputs_as_data(project: Project) -> None:
    project.build("--no-push-image")
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    result = project.data("run", "create", "--package-file", "pipeline.yaml", "x=2", "y=3")
    assert isinstance(result, dict)
    assert result["outputs"] == {"Output": 7}
    assert result["state"] == "SUCCEEDED"


def test_compiled_from_python_and_run_with_local(project: Project) -> None:
    script = (
        "from kfp import local\n"
        "from pipeline import math_pipeline\n"
        "local.init(runner=local.SubprocessRunner())\n"
        "assert math_pipeline(x=2, y=3).output == 7\n"
    )
    for command in (["pipeline.py"], ["-c", script]):
        subprocess.run([sys.executable, *command], cwd=project.folder, env=project.environment(), check=True)
    assert (project.folder / "pipeline.yaml").is_file()


def test_metadata_is_a_loadable_component(project: Project) -> None:
    project.build("--no-build-image")
    metadata = project.folder / "src/component_metadata/add.yaml"
    container = yaml.safe_load(metadata.read_text())["deploymentSpec"]["executors"]["exec-add"]["container"]
    assert container["image"] == TARGET
    for name in ("Dockerfile", ".dockerignore", "runtime-requirements.txt", "kfp_config.ini"):
        assert (project.folder / "src" / name).is_file(), name
    script = (
        "from kfp import components, dsl, compiler\n"
        "add = components.load_component_from_file('src/component_metadata/add.yaml')\n"
        "@dsl.pipeline\n"
        "def twice(x: int) -> int:\n"
        "    return add(a=x, b=x).output\n"
        "compiler.Compiler().compile(twice, 'twice.yaml')\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=project.folder, env=project.environment(), check=True)


def test_in_containers(project: Project, container_engine: ContainerEngine) -> None:
    assert container_engine
    project.build("--no-push-image")
    project.kfp("dsl", "compile", "--py", "pipeline.py", "--output", "pipeline.yaml")
    ran = project.kfp("run", "create", "--package-file", "pipeline.yaml", "--runner", "container", "x=2", "y=3")
    assert "SUCCEEDED" in ran
    script = (
        "from kfp import local\n"
        "from pipeline import math_pipeline\n"
        "local.init(runner=local.DockerRunner())\n"
        "assert math_pipeline(x=20, y=3).output == 43\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=project.folder, env=project.environment(), check=True)


def test_lightweight_in_a_process(project: Project, base_image: str) -> None:
    project.write({"light.py": LIGHTWEIGHT.format(base=base_image)})
    project.kfp("dsl", "compile", "--py", "light.py", "--output", "light.yaml")
    ran = project.kfp("run", "create", "--package-file", "light.yaml", "x=2", "y=3")
    assert "lightweight on" in ran
    assert "SUCCEEDED" in ran


def test_lightweight_in_a_bare_container(project: Project, base_image: str, container_engine: ContainerEngine) -> None:
    assert container_engine
    project.write({"light.py": LIGHTWEIGHT.format(base=base_image)})
    project.kfp("dsl", "compile", "--py", "light.py", "--output", "light.yaml")
    ran = project.kfp("run", "create", "--package-file", "light.yaml", "--runner", "container", "x=2", "y=3")
    assert "lightweight on" in ran
    assert "SUCCEEDED" in ran


def test_a_step_that_fails_shows_its_own_traceback(project: Project, base_image: str) -> None:
    project.write(
        {
            "bad.py": (
                "from kfp import dsl\n\n"
                f"@dsl.component(base_image={base_image!r})\n"
                "def divide(a: int) -> float:\n"
                "    return a / 0\n\n"
                "@dsl.pipeline\n"
                "def p(a: int):\n"
                "    divide(a=a)\n"
            )
        }
    )
    project.kfp("dsl", "compile", "--py", "bad.py", "--output", "bad.yaml")
    ran = project.kfp("run", "create", "--package-file", "bad.yaml", "a=2", code=1)
    assert "divide" in ran
    assert "return a / 0" in ran
    assert "ZeroDivisionError: division by zero" in ran
    assert "kfp/engine" not in ran
