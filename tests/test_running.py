"""Pipelines that run, on the process executor: what comes of each is what its author says."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.running.case import Case, Given, cases
from conformance.running.engine_side import outcome, settings_in
from conformance.running.expect import failures

RUNS = [pytest.param(case, run, id=f"{case.id}-{number}") for case in cases() for number, run in enumerate(case.runs)]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_the_corpus_is_large() -> None:
    assert len(list(cases())) >= 100


@pytest.mark.parametrize(("case", "run"), RUNS)
def test_what_comes_of_a_run(case: Case, run: Given, tmp_path: Path) -> None:
    document = tmp_path / "pipeline.yaml"
    case.compile(document)
    arguments = case.arguments(run, tmp_path)
    found = list(failures(run, outcome(document.read_text("utf-8"), arguments, settings_in(tmp_path))))
    assert not found, "\n".join(map(str, found))
