"""The corpus through both compilers, and what came of each case."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.cases import Case
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
class Side:
    """What one compiler made of the corpus: documents and refusals in a directory."""

    folder: Path
    refusals: dict[str, dict[str, Any] | None]

    def text(self, case: Case) -> str:
        """Return the document of a case that compiled."""
        return (self.folder / f"{case.id}{case.suffix}").read_text(encoding="utf-8")


def compile_corpus(python: Python, folder: Path, pattern: str = "*") -> Side:
    """Compile the corpus with the `kfp` of an interpreter, in one process.

    Raises:
        CalledProcessError: the process did not end well.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python.python), "-m", "conformance.side", str(folder), pattern]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    return Side(folder, json.loads((folder / "report.json").read_text(encoding="utf-8")))


def compare(cases: Iterable[Case], theirs: Side, ours: Side, known: tuple[Deviation, ...]) -> Iterator[Result]:
    """Yield what came of each case that both sides tried."""
    for case in cases:
        if case.id not in ours.refusals:
            continue
        found = list(refusals(case, theirs, ours) if case.wrong else documents(case, theirs, ours))
        yield judge(case.id, case.feature, found, known)


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


def documents(case: Case, theirs: Side, ours: Side) -> Iterator[Difference]:
    """Yield how the documents of a case differ, or who refuses it."""
    refused, ours_refused = theirs.refusals[case.id], ours.refusals[case.id]
    if refused or ours_refused:
        yield Difference("compiles", _said(refused), _said(ours_refused))
        return
    yield from differences(normalise(theirs.text(case)), normalise(ours.text(case)))


def refusals(case: Case, theirs: Side, ours: Side) -> Iterator[Difference]:
    """Yield how the refusals of a mistake differ: who lets it pass, or an exception that `except` would miss."""
    refused, ours_refused = theirs.refusals[case.id], ours.refusals[case.id]
    if ours_refused is None or ours_refused["lacking"]:
        yield Difference("refused", _said(refused), _said(ours_refused))
    elif refused is None:
        yield Difference("stricter", _said(refused), _said(ours_refused))
    elif refused["types"][0] not in ours_refused["types"]:
        yield Difference("type", _said(refused), _said(ours_refused))


def _said(refusal: dict[str, Any] | None) -> str:
    if refusal is None:
        return "compiles"
    return f"{refusal['types'][0]}: {refusal['message']}"
