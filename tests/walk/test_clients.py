"""Clients written by others agree about what was pushed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.parts.engines import ContainerEngine
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry
from tests.walk.conftest import COMPONENT, Project

EXECUTOR_INPUT = {
    "inputs": {"parameterValues": {"a": 2, "b": 3}},
    "outputs": {
        "parameters": {"Output": {"outputFile": "/tmp/out/Output"}},
        "outputFile": "/tmp/out/executor_output.json",
    },
}
STEP = ["python3", "-m", "kfp.dsl.executor_main", "--executor_input", json.dumps(EXECUTOR_INPUT)]


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout


@pytest.fixture(params=["registry", "locked_registry"])
def any_registry(request: pytest.FixtureRequest) -> RunningRegistry:
    found: RunningRegistry = request.getfixturevalue(request.param)
    (Path(os.environ["DOCKER_CONFIG"]) / "config.json").write_text(found.docker_config())
    return found


def credentials(registry: RunningRegistry, option: str) -> list[str]:
    return [] if registry.username is None else [option, f"{registry.username}:{registry.password}"]


def test_pushed_image_in_every_client(
    project: Project, base_image: str, any_registry: RunningRegistry, tmp_path: Path,
    podman: ContainerEngine, docker: ContainerEngine,
) -> None:  # fmt: skip
    target = f"{any_registry.host}/walk/adder:v1"
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=target)})
    project.build()
    inspected = json.loads(run(
        require("skopeo", "skopeo"), "inspect", "--tls-verify=false", "--config", *credentials(any_registry, "--creds"),
        f"docker://{target}",
    ))  # fmt: skip
    assert inspected["config"]["WorkingDir"] == "/usr/local/src/kfp/components"

    layout = tmp_path / "layout"
    run(
        "skopeo", "copy", "--src-tls-verify=false", *credentials(any_registry, "--src-creds"),
        f"docker://{target}", f"oci:{layout}:v1",
    )  # fmt: skip
    run(require("umoci", "umoci"), "unpack", "--image", f"{layout}:v1", str(tmp_path / "bundle"))
    source = tmp_path / "bundle/rootfs/usr/local/src/kfp/components/my_component.py"
    assert "add_numbers" in source.read_text()

    login = [] if any_registry.username is None else [
        "login", "-u", any_registry.username, "-p", str(any_registry.password), any_registry.host
    ]  # fmt: skip
    for engine, insecure in ((podman, ["--tls-verify=false"]), (docker, [])):
        if login:
            engine(*login[:1], *insecure, *login[1:])
        engine("pull", "-q", *insecure, target)
        out = tmp_path / f"out-{engine.program}"
        out.mkdir()
        engine(
            "run", "--rm", "--network", "none", "-v", f"{out}:/tmp/out", target, *STEP, "--function_to_execute", "add"
        )
        written = json.loads((out / "executor_output.json").read_text())
        assert written["parameterValues"] == {"Output": 5}


def test_second_push_sends_nothing(project: Project, base_image: str, registry: RunningRegistry) -> None:
    target = f"{registry.host}/walk/twice:v1"
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=target)})
    project.build()
    blobs = registry.blobs()
    project.build()
    assert registry.blobs() == blobs


def test_archives_load_elsewhere(project: Project, docker: ContainerEngine, tmp_path: Path) -> None:
    project.build("--no-push-image")
    name = "localhost:5000/my-project/my-component:v1"
    for kind in ("oci", "docker"):
        project.kfp("image", "save", name, "-o", str(tmp_path / f"{kind}.tar"), "--format", kind)
        inspected = run("skopeo", "inspect", "--config", f"{kind}-archive:{tmp_path / kind}.tar")
        assert json.loads(inspected)["config"]["WorkingDir"] == "/usr/local/src/kfp/components"
    docker("load", "-i", str(tmp_path / "docker.tar"))
    assert docker("run", "--rm", "--network", "none", name, "python3", "-c", "import kfp.dsl; print(5)").stdout == "5\n"
