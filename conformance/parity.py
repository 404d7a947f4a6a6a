"""The corpus through both compilers, and what came of each case."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from conformance.deviation import Deviation
from conformance.differences import Difference, differences
from conformance.documents import normalise
from oracle.environments import ROOT, Python


@dataclass(frozen=True)
class Result:
    """What came of one case.

    Attributes:
        name: the case's.
        feature: what it belongs to.
        unexpected: how it differs, in words, where no deviation covers it.
        expected: the deviations that cover what differs.
    """

    name: str
    feature: str
    unexpected: tuple[str, ...] = ()
    expected: tuple[Deviation, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """What one compiler made of a case.

    Attributes:
        name: the case's.
        feature: what it belongs to.
        wrong: whether it must be refused.
        document: the file that holds its document, if it was not refused.
        refusal: the exception's `types`, `message`, and whether the feature is `lacking`.
    """

    name: str
    feature: str
    wrong: bool
    document: Path
    refusal: dict[str, Any] | None

    def text(self) -> str:
        """Return the document, as it was written."""
        return self.document.read_text(encoding="utf-8")


def compile_corpus(python: Python, folder: Path, pattern: str = "*") -> dict[str, Attempt]:
    """Compile the corpus with the `kfp` of an interpreter, in one process; return what came of each case by name.

    Raises:
        CalledProcessError: the process did not end well.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python.python), "-m", "conformance.side", str(folder), pattern]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {
        case["name"]: Attempt(case["name"], case["feature"], case["wrong"], folder / case["file"], case["refusal"])
        for case in report
    }


def compare(theirs: dict[str, Attempt], ours: dict[str, Attempt], known: tuple[Deviation, ...]) -> Iterator[Result]:
    """Yield what came of each case."""
    for name, left in theirs.items():
        compared = refusals if left.wrong else documents
        yield judge(name, left.feature, compared(left, ours[name]), known)


def judge(name: str, feature: str, found: Iterable[Difference], known: tuple[Deviation, ...]) -> Result:
    """Sort differences into those that are known and the others."""
    unexpected: list[str] = []
    expected: list[Deviation] = []
    for difference in found:
        cover = next((deviation for deviation in known if deviation.covers(name, difference.where)), None)
        if cover is None:
            unexpected.append(str(difference))
        elif cover not in expected:
            expected.append(cover)
    return Result(name, feature, tuple(unexpected), tuple(expected))


def documents(theirs: Attempt, ours: Attempt) -> Iterator[Difference]:
    """Yield how the documents of a case differ, or who refuses it."""
    if theirs.refusal or ours.refusal:
        place = "lacking" if ours.refusal and ours.refusal["lacking"] else "compiles"
        yield Difference(place, _said(theirs.refusal), _said(ours.refusal))
        return
    broken = [_broken(attempt) for attempt in (theirs, ours)]
    if any(broken):
        yield Difference("readable", *broken)
        return
    yield from differences(normalise(theirs.text()), normalise(ours.text()))


def _broken(attempt: Attempt) -> str:
    try:
        normalise(attempt.text())
    except yaml.YAMLError as error:
        return f"not YAML: {error}"
    return ""


def refusals(theirs: Attempt, ours: Attempt) -> Iterator[Difference]:
    """Yield how the refusals of a mistake differ: who lets it pass, or an exception that `except` would miss."""
    said = _said(theirs.refusal), _said(ours.refusal)
    if ours.refusal is None:
        yield Difference("refused", *said)
    elif ours.refusal["lacking"]:
        yield Difference("lacking", *said)
    elif theirs.refusal is None:
        yield Difference("stricter", *said)
    elif theirs.refusal["types"][0] not in ours.refusal["types"]:
        yield Difference("type", *said)


def _said(refusal: dict[str, Any] | None) -> str:
    if refusal is None:
        return "compiles"
    return f"{refusal['types'][0]}: {refusal['message']}"
