"""The pipelines that run, through both distributions: what upstream compiles runs here, and what both runners make."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.differences import Difference, differences
from conformance.parity import Result, judge
from conformance.running.case import Case, Given, cases
from conformance.running.engine_side import outcome, settings_in
from conformance.running.expect import failures
from conformance.running.known import LOCAL
from oracle.environments import ROOT, Python


def documents(theirs: Python, folder: Path, pattern: str) -> Iterator[Result]:
    """Yield what comes of each run on our engine when upstream has compiled the pipeline.

    Args:
        theirs: an interpreter with upstream's `kfp`.
        folder: a directory for all that is made.
        pattern: the cases, such as `loops.*`.
    """
    report = _side(theirs, folder / "compiled", pattern)
    for case, run, name in _runs(pattern):
        refusal = report[case.id]
        if refusal is not None:
            yield Result(name, case.feature, (f"upstream does not compile it: {refusal}",))
            continue
        place = folder / name
        place.mkdir(parents=True)
        text = (folder / "compiled" / f"{case.id}.yaml").read_text(encoding="utf-8")
        came = outcome(text, case.arguments(run, place), settings_in(place))
        yield judge(name, case.feature, failures(run, came), ())


def callers(theirs: Python, ours: Python, folder: Path, pattern: str, every: int = 1) -> Iterator[Result]:
    """Yield how calling each pipeline with `kfp.local` differs, of either distribution.

    Args:
        theirs: an interpreter with upstream's `kfp`.
        ours: an interpreter with Skiff.
        folder: a directory for all that is made.
        pattern: the cases.
        every: take one case of so many; its first run alone where that is more than 1.
    """
    left = _side(theirs, folder / "upstream", pattern, "--call", str(every))
    right = _side(ours, folder / "skiff", pattern, "--call", str(every))
    for case, run, name in _runs(pattern):
        if name not in left:
            continue
        # Upstream's runner waits for itself at times, for ever
        has_ended = not str(left[name]["error"]).startswith("no end")
        wrong = list(failures(run, left[name])) if has_ended else []
        found = [Difference(f"upstream.{each.where}", each.theirs, each.ours) for each in wrong]
        found += [Difference(f"skiff.{each.where}", each.theirs, each.ours) for each in failures(run, right[name])]
        if has_ended and not wrong:
            found += differences(_forms(left[name]["outputs"]), _forms(right[name]["outputs"]), "forms")
        yield judge(name, case.feature, found, LOCAL)


def _forms(outputs: Mapping[str, Any]) -> Any:
    """Return outputs without what is different in any two runs."""
    if isinstance(outputs, Mapping) and "class" in outputs:
        return {key: outputs[key] for key in ("class", "name", "type")}
    if isinstance(outputs, Mapping):
        return {key: _forms(value) for key, value in outputs.items()}
    return [_forms(each) for each in outputs] if isinstance(outputs, list) else type(outputs).__name__


def _runs(pattern: str) -> Iterator[tuple[Case, Given, str]]:
    for case in cases():
        if fnmatch.fnmatch(case.id, pattern) and not case.only:
            yield from ((case, run, f"{case.id}-{number}") for number, run in enumerate(case.runs))


def _side(python: Python, folder: Path, *arguments: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["KFP_HOME"] = str(folder / "home")
    command = [str(python.python), "-m", "conformance.running.side", str(folder), *arguments]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report
