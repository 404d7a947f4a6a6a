"""An engine in a process of its own, to be killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.engine.documents import Pipeline

ENGINE = """
import sys
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.ir.files import read
settings = RunSettings(runner=sys.argv[2], container_options={"network_mode": "none"})
run(read(sys.argv[1]), {}, settings=settings, on_event=lambda event: print(event, flush=True))
"""


@contextlib.contextmanager
def engine_apart(pipeline: Pipeline, folder: Path, runner: str) -> Iterator[subprocess.Popen[str]]:
    """Start an engine; yield it when a step has written its first line."""
    (folder / "pipeline.json").write_text(json.dumps(pipeline.data))
    command = [sys.executable, "-c", ENGINE, str(folder / "pipeline.json"), runner]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise AssertionError
        try:
            if not any("TaskLog" in line for line in process.stdout):
                raise AssertionError("the step wrote nothing")
            yield process
        finally:
            process.kill()
