"""The examples through both command lines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.deviation import Deviation
from conformance.differences import Difference, differences
from conformance.documents import normalise
from conformance.parity import Result, judge
from oracle.environments import ROOT, Python

# How an example is compiled: options, and variables of the environment
WAYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "plain": ((), {}),
    "no caching by option": (("--disable-execution-caching-by-default",), {}),
    "no caching by environment": ((), {"KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT": "true"}),
}


def compare(theirs: Python, ours: Python, folder: Path, known: tuple[Deviation, ...]) -> Iterator[Result]:
    """Compile `examples/*/pipeline.py` in each way with both, and yield what came of it."""
    for source in sorted((ROOT / "examples").glob("*/pipeline.py")):
        for way, (options, variables) in WAYS.items():
            texts = [
                _compile(python, source, folder / f"{source.parent.name}-{side}.yaml", options, variables)
                for side, python in (("upstream", theirs), ("skiff", ours))
            ]
            broken = [text if text.startswith("!") else "" for text in texts]
            found = [Difference("compiles", *broken)] if any(broken) else differences(*map(normalise, texts))
            yield judge(f"{source.parent.name}: {way}", source.parent.name, found, known)


def _compile(python: Python, source: Path, out: Path, options: tuple[str, ...], variables: Mapping[str, str]) -> str:
    """Return the document, or what was printed instead, after an exclamation mark."""
    environment = {**os.environ, **variables}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [python.kfp, "dsl", "compile", "--py", source.name, "--output", str(out), *options],
        cwd=source.parent, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return out.read_text(encoding="utf-8") if done.returncode == 0 else f"! {done.stderr[-2000:]}"
