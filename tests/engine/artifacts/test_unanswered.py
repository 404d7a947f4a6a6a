"""An object store that takes connections and never answers: a run that is canceled does not wait for it."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp import compiler, dsl
from kfp.dsl import Dataset, Input
from kfp.engine import events
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.ir import files

_PATIENCE = 60.0  # seconds that the client would wait for an answer, each time that it asks


@dsl.component
def read(data: Input[Dataset]) -> str:
    return data.path


@dsl.pipeline
def reading() -> None:
    imported = dsl.importer(artifact_uri="minio://bucket/data.csv", artifact_class=Dataset)
    read(data=imported.output)


@pytest.fixture
def silent_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("MINIO_ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("MINIO_ACCESS_KEY", "key")
        monkeypatch.setenv("MINIO_SECRET_KEY", "secret")
        yield


@pytest.mark.usefixtures("silent_store")
@pytest.mark.parametrize("caching", [True, False])
def test_a_canceled_run_does_not_wait_for_an_answer(tmp_path: Path, caching: bool) -> None:
    compiler.Compiler().compile(reading, str(tmp_path / "reading.yaml"))
    interrupted: list[float] = []

    def interrupt(event: events.Event) -> None:
        if isinstance(event, events.TaskStarted) and event.task == "read":
            interrupted.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

    result = run(
        files.read(tmp_path / "reading.yaml"),
        {},
        settings=RunSettings(home=tmp_path / "home", caching=caching),
        on_event=interrupt,
    )
    assert result.state is State.CANCELED
    assert time.monotonic() - interrupted[0] < _PATIENCE
