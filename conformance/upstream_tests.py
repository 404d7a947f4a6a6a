"""Upstream's own tests, which its wheel ships, run against upstream and against this checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.deviation import Deviation
from conformance.differences import Difference
from conformance.parity import Result, judge
from oracle.environments import ROOT, WORK, Python

FOLDER = WORK / "conformance" / "upstream-tests"
ROOMS = ("compiler", "components", "dsl")


def unpack(theirs: Python) -> Path:
    """Copy the tests out of upstream's environment, away from the modules beside them; return where they are."""
    installed = theirs.site_packages / "kfp"
    shutil.rmtree(FOLDER, ignore_errors=True)
    for room in ROOMS:
        for test in (installed / room).rglob("*_test.py"):
            place = FOLDER / test.relative_to(installed)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(test, place)
    # Without a file of its own, pytest would take this repository's settings, where a warning is a failure
    (FOLDER / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return FOLDER


def run(python: Python, tests: Path, report: Path, *, stand_ins: bool) -> dict[str, dict[str, Any]]:
    """Run the tests in one process; return for each whether it `passed`, is `private`, and its `message`."""
    # The plugin is a file of the checkout, which must not be on the path where upstream is tested
    plugin = report.parent / "plugin"
    plugin.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "conformance" / "stand_ins.py", plugin / "skiff_stand_ins.py")
    environment = {
        **os.environ,
        "PYTHONPATH": str(plugin),
        "SKIFF_CONFORMANCE_REPORT": str(report),
        "SKIFF_STAND_INS": "1" if stand_ins else "",
    }
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "skiff_stand_ins"]
    options += ["--continue-on-collection-errors", "--timeout=120", f"--rootdir={tests}"]
    options += [f"--basetemp={report.parent / 'temporary'}"]  # else it deletes what other runs of pytest have left
    log = report.with_suffix(".log")
    with log.open("w", encoding="utf-8") as output:
        subprocess.run(
            [str(python.python), "-m", "pytest", *options, "."],
            cwd=tests, env=environment, check=False, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if not report.exists():
        raise RuntimeError(f"upstream's tests did not run:\n{log.read_text(encoding='utf-8')[-3000:]}")
    results: dict[str, dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return results


def compare(
    theirs: dict[str, dict[str, Any]], ours: dict[str, dict[str, Any]], known: tuple[Deviation, ...]
) -> Iterator[Result]:
    """Yield what came of each test that passes with upstream."""
    broken = {name: result for name, result in ours.items() if "::" not in name and not result["passed"]}
    for name, result in theirs.items():
        if not result["passed"]:
            continue
        file = name.partition("::")[0]
        mine = ours.get(name) or broken.get(file) or {"passed": False, "private": False, "message": "not collected"}
        found = [] if mine["passed"] else [Difference(_place(mine), "passes", mine["message"])]
        yield judge(name, Path(file).stem, found, known)


def _place(result: dict[str, Any]) -> str:
    """Return how a test failed: at a private name, in the words of a message alone, or with a message."""
    message = " ".join(result["message"].split())
    if result["private"] or "StandIn" in message:
        return "private"
    if re.match(r"AssertionError: .* does not match ", message):
        return "words"  # unittest looks at the words only of an exception of the right type
    return f"fails: {message}"
