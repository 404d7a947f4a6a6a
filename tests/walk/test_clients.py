"""Clients written by others take what was pushed behind a password; `test_kinds_of_images.py` has the open registry."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.parts.engines import ContainerEngine
from tests.parts.image_tools import skopeo
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


def test_an_image_behind_a_password(
    project: Project, base_image: str, locked_registry: RunningRegistry, tmp_path: Path,
    podman: ContainerEngine, docker: ContainerEngine,
) -> None:  # fmt: skip
    username, password = str(locked_registry.username), str(locked_registry.password)
    (Path(os.environ["DOCKER_CONFIG"]) / "config.json").write_text(locked_registry.docker_config())
    target = f"{locked_registry.host}/walk/adder:v1"
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=target)})
    project.build()
    config = skopeo(
        "inspect", "--tls-verify=false", "--config", "--creds", f"{username}:{password}", f"docker://{target}"
    )
    assert json.loads(config)["config"]["WorkingDir"] == "/usr/local/src/kfp/components"
    for engine, insecure in ((podman, ["--tls-verify=false"]), (docker, [])):
        engine("login", *insecure, "-u", username, "-p", password, locked_registry.host)
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
