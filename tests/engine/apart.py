"""An engine in a process of its own, to be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.engine.documents import Pipeline

ENGINE = """
import sys
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.ir.files import read
options = {"network_mode": "none"}
settings = RunSettings(runner=sys.argv[2], container_options=options, grace=float(sys.argv[3]))
run(read(sys.argv[1]), {}, settings=settings, on_event=lambda event: print(event, flush=True))
"""


@contextlib.contextmanager
def engine_apart(
    pipeline: Pipeline, folder: Path, runner: str, *, grace: float = 5.0
) -> Iterator[subprocess.Popen[str]]:
    """Start an engine; yield it when a step has written its first line."""
    (folder / "pipeline.json").write_text(json.dumps(pipeline.data))
    command = [sys.executable, "-c", ENGINE, str(folder / "pipeline.json"), runner, str(grace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise AssertionError
        try:
            if not any("TaskLog" in line for line in process.stdout):
                raise AssertionError("the step wrote nothing")
            yield process
        finally:
            process.kill()


def carriers(run_id: str) -> list[int]:
    """Return the processes that carry a run's identity."""
    return [number for number, environment in _processes("environ") if f"KFP_STEP_ID={run_id}/".encode() in environment]


def kill_with_guards(engine: subprocess.Popen[Any]) -> None:
    """Kill an engine and whatever would end its steps in its place, so that they go on."""
    engine.send_signal(signal.SIGSTOP)
    children = {number for number, status in _processes("status") if f"\nPPid:\t{engine.pid}\n".encode() in status}
    steps = {number for number, environment in _processes("environ") if b"KFP_STEP_ID=" in environment}
    for number in children - steps:
        os.kill(number, signal.SIGKILL)
    engine.kill()
    engine.wait()


def _processes(file: str) -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(entry.name), (entry / file).read_bytes()
