"""What is made to exhaust a machine is refused early: little memory, little time, and nothing left on disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.images.ordeals import ORDEALS
from tests.parts.memory import PEAKS_ARE_TOLD

MEGABYTES = 300
"""Of resident memory, the interpreter's own and the making of the input included."""


@pytest.mark.skipif(not PEAKS_ARE_TOLD, reason="only Linux tells a process's peak")
@pytest.mark.parametrize("name", ORDEALS)
def test_refused_within_limits(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.images.ordeals", name, str(folder)],
        check=False, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-3000:]}"
    outcome = json.loads(done.stdout)
    print(outcome)
    assert outcome["error"] is not None, "it was taken"
    assert re.search(ORDEALS[name][1], outcome["error"]), outcome["error"]
    assert len(outcome["error"]) < 1000
    assert outcome["megabytes"] < MEGABYTES
    left = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert set(left) <= {"input.tar"}, "something is left"
    assert {path.name for path in tmp_path.iterdir()} <= {"folder", "docker-config"}, "something is outside"
    shutil.rmtree(folder)
