"""The engine with steps that do nothing: the scheduler by itself, a long loop, a run that is continued."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, users_environment
from oracle.environments import ROOT, Python

SIZES = (1_000, 10_000, 100_000)
LOOP, FINISHED = 10_000, 5_000
PER_SECOND = 5_000
MEGABYTES = 500


def figures(skiff: Python, folder: Path) -> Iterator[Figure]:
    """Measure each in a process of its own."""
    for size in SIZES:
        for shape in ("chain", "loop"):
            told = _run(skiff, folder, "scheduler", shape, size)
            note = f"{size / told['seconds']:,.0f} steps/s"
            what = f"scheduler alone, {shape} of {size:,}, processor time"
            yield Figure(what, None, told["seconds"], size / PER_SECOND, note=note)
    told = _run(skiff, folder, "loop", LOOP)
    yield Figure(f"a loop over {LOOP:,} items, steps that do nothing", None, told["seconds"], 0)
    yield Figure("  its peak MB", None, told["megabytes"], MEGABYTES)
    told = _run(skiff, folder, "resume", FINISHED)
    yield Figure(f"a run continued, {FINISHED:,} of its tasks finished", None, told["seconds"], 0)
    yield Figure("  its peak MB", None, told["megabytes"], MEGABYTES)


def _run(skiff: Python, folder: Path, *arguments: str | int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        command = [str(skiff.python), "-m", "benchmarks.nothing", home, *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=users_environment(), check=True, stdout=subprocess.PIPE)
    told: dict[str, float] = json.loads(done.stdout)
    return told
