"""Steps in real containers, by docker and by podman."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kfp.bundle.bootstrap import bootstrap
from kfp.engine import events
from kfp.engine.executors.container import _Container
from kfp.engine.executors.guard import Guard
from kfp.engine.executors.run_command import RunCommand
from kfp.engine.layout import StepPaths
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.step import Step
from kfp.errors import ImageNotFound, RegistryUnreachable
from tests.engine.documents import HEADER, Pipeline
from tests.engine.running.test_durable_outputs import Report
from tests.parts.engines import ContainerEngine
from tests.parts.registry import RunningRegistry

Settings = Callable[..., RunSettings]


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path, container_engine: ContainerEngine, base_image: str) -> Settings:
    options = {"network_mode": "none"}
    return lambda **changes: RunSettings(
        **{
            "home": kfp_home,
            "pipeline_root": tmp_path / "root",
            "runner": "container",
            "container_options": options,
            "grace": 1.0,
            **changes,
        }
    )


def lightweight(pipeline: Pipeline, image: str, source: str, **interface: Any) -> None:
    function = source.split("def ", 1)[1].split("(", 1)[0]
    args = ["--executor_input", "{{$}}", "--function_to_execute", function]
    command = ["python3", "-c", bootstrap(), HEADER + source]
    pipeline.container(function, {"image": image, "command": command, "args": args}, **interface)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("image", "error", "reason"),
    [
        ("localhost/no-such:v1", ImageNotFound, "which neither {engine} nor the local store has"),
        ("localhost:{closed}/no/such:v1", RegistryUnreachable, "the local store has: .*localhost:{closed}"),
        ("{registry}/no/such:v1", ImageNotFound, "the local store has: the registry {registry} has no image"),
    ],
    ids=["local", "registry-that-is-down", "registry-without-it"],
)
@pytest.mark.parametrize("runner", ["container", "process"])
def test_an_image_that_is_nowhere_is_refused_before_anything_starts(
    settings: Settings, container_engine: ContainerEngine, registry: RunningRegistry, image: str,
    error: type[Exception], reason: str, runner: str,
) -> None:  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    places = {"closed": closed, "registry": registry.host, "engine": container_engine.program}
    pipeline = Pipeline()
    pipeline.container("none", {"image": image.format(**places), "command": ["true"]})
    pipeline.task("none")
    told: list[events.Event] = []
    with pytest.raises(error, match=reason.format(**places)) as caught:
        run(pipeline.document(), {}, settings=settings(runner=runner), on_event=told.append)
    assert f"task 'none' runs in image {image.format(**places)}" in str(caught.value)
    assert "kfp component build" in str(caught.value)
    assert told == []


class Engine:
    """A container engine whose only container, a file, is there until it is removed."""

    def __init__(self, container: Path) -> None:
        self._container = container
        container.touch()

    program, is_podman = "docker", False

    def ask(self, *arguments: str) -> None:
        if arguments[0] == "rm":
            self._container.unlink(missing_ok=True)


def test_a_time_that_is_over_before_the_client_has_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that is very busy: the container is ended all the same."""
    tried, stop, marked = threading.Event(), _Container._stop, Guard.marked

    def trying(container: _Container, force: bool = False) -> None:
        stop(container, force)
        tried.set()

    def late(guard: Guard, environment: Mapping[str, str]) -> dict[str, str]:
        assert tried.wait(60)
        return marked(guard, environment)

    monkeypatch.setattr(_Container, "_stop", trying)
    monkeypatch.setattr(Guard, "marked", late)
    paths = StepPaths(tmp_path / "step", tmp_path / "artifacts")
    paths.make("{}")
    step = Step("run", "task", 1, "image", (), (), {}, None, "{}", paths, timeout=0.01)
    script = 'for _ in $(seq 200); do [ -e "$0" ] || exit 137; sleep 0.1; done; echo "it was not ended"'
    command = RunCommand(("sh", "-c", script, str(tmp_path / "container")), os.environ)
    with contextlib.closing(Guard()) as guard:
        container = _Container(Engine(tmp_path / "container"), "name", 0.1, guard)  # type: ignore[arg-type]
        ended = container.run(command, step, Report())
    assert ended is not None
    assert (ended.code, ended.tail, ended.expired) == (137, (), True)
