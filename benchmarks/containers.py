"""What a container costs a step, with docker, with podman and with runc alone."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.measure import Figure, users_environment
from oracle.environments import Python
from tests.parts.engines import ContainerEngine, own_dockerd, podman_settings, running_docker
from tests.parts.processes import require

IMAGE = "localhost/python-base:bench"
TARGET = 0.1

# A pipeline of bare commands and lightweight components in turn: the medians of the seconds that the engine tells.
PROGRAM = """
import json, statistics, sys
from kfp import dsl
from kfp.compiler.compile import document
from kfp.engine import events
from kfp.engine.run import run
from kfp.engine.settings import RunSettings

image, runner, times = sys.argv[1], sys.argv[2], int(sys.argv[3])

@dsl.container_component
def bare():
    return dsl.ContainerSpec(image=image, command=["python3", "-c", "pass"])

@dsl.component(base_image=image)
def light(a: int) -> int:
    return a

@dsl.pipeline
def both():
    last = light(a=1)
    for _ in range(times + 1):
        other = bare().after(last)
        last = light(a=last.output).after(other)

seconds = {"bare": [], "light": []}

def told(event):
    if isinstance(event, events.TaskFinished):
        seconds[event.task.partition("-")[0]].append(event.seconds)

settings = RunSettings(runner=runner, container_options={"network_mode": "none"}, caching=False)
result = run(document(both), {}, settings=settings, on_event=told)
assert result.error is None, result.error
print(json.dumps([statistics.median(seconds[kind][-times:]) for kind in ("bare", "light")]))
"""


def figures(skiff: Python, folder: Path, *, times: int = 8) -> Iterator[Figure]:
    """Measure a step of nothing in a container, and what a lightweight component adds; nothing of upstream's compares.

    Args:
        skiff: the interpreter that has Skiff.
        folder: an empty directory.
        times: how many steps of each kind are timed.
    """
    home = folder / "home"
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    bootstrap = [str(skiff.python), "-m", "kfp.cli", "image", "bootstrap", IMAGE]
    subprocess.run(bootstrap, check=True, capture_output=True, env={**users_environment(), "KFP_HOME": str(home)})
    with contextlib.ExitStack() as stack:
        engines = {"docker": _docker(stack, folder), "podman": _podman(folder), "runc": ContainerEngine("runc")}
        for name, engine in engines.items():
            if engine is None:
                continue
            variables = {**users_environment(), **engine.environment, "KFP_HOME": str(home)}
            runner = "runc" if name == "runc" else "container"
            if name != "runc":
                variables["KFP_CONTAINER_ENGINE"] = engine.program
            done = subprocess.run(
                [str(skiff.python), "-W", "ignore", "program.py", IMAGE, runner, str(times)],
                check=True, stdout=subprocess.PIPE, env=variables, cwd=folder,
            )  # fmt: skip
            bare, light = json.loads(done.stdout)
            yield Figure(f"step of bare Python in a container, {name}", None, bare, 0)
            yield Figure(f"start of a lightweight step in a container, beyond that, {name}", None, light - bare, TARGET)


def _docker(stack: contextlib.ExitStack, folder: Path) -> ContainerEngine | None:
    try:
        require("docker", "docker.io")
        data = folder / "dockerd"
        data.mkdir()
        return running_docker() or stack.enter_context(own_dockerd(data))
    except (pytest.skip.Exception, pytest.fail.Exception):
        return None


def _podman(folder: Path) -> ContainerEngine | None:
    try:
        require("podman", "podman")
        data = folder / "podman"
        data.mkdir()
        return podman_settings(data)
    except (pytest.skip.Exception, pytest.fail.Exception):
        return None
