"""Pipelines of the corpus, run again: what comes of them is the same, and the steps are not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.running.case import Case, cases
from conformance.running.engine_side import outcome, settings_in
from conformance.running.expect import failures
from conformance.running.host import HostExecutor
from kfp.engine.caching.database import StepDatabase
from kfp.engine.caching.executor import CachingExecutor
from kfp.engine.executors.images import Images
from kfp.engine.executors.process import ProcessExecutor
from kfp.engine.step import Handle, Report, Step

CHOSEN = (
    "artifacts.a_training_pipeline",
    "artifacts.lists_of_artifacts",
    "artifacts.optional_artifacts",
    "collected.artifacts_of_nested_loops_come_in_one_list",
    "collected.into_a_loop_again",
    "conditions.items_of_a_loop",
    "settings.variables_of_a_python_step",
    "loops.a_list_of_lists",
    "one_of.artifacts_that_a_task_reads",
    "one_of.nested",
    "subpipelines.in_a_branch",
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Counting(HostExecutor):
    """Knows how many steps it has started."""

    started = 0

    def start(self, step: Step, report: Report) -> Handle:
        self.started += 1
        return super().start(step, report)


@pytest.mark.parametrize("case", [each for each in cases() if each.id in CHOSEN], ids=lambda case: case.id)
def test_the_second_run_makes_the_same_of_nothing(case: Case, tmp_path: Path) -> None:
    document, run = tmp_path / "pipeline.yaml", case.runs[0]
    case.compile(document)
    arguments, settings = case.arguments(run, tmp_path), settings_in(tmp_path)
    steps = []
    for _ in range(2):
        inner = Counting(ProcessExecutor(settings))
        executor = CachingExecutor(inner, settings, Images(settings.home))
        assert not list(failures(run, outcome(document.read_text("utf-8"), arguments, settings, executor)))
        steps.append(inner.started)
    assert steps[0] > 0 == steps[1]
    database = StepDatabase(settings.home / "cache/steps")
    assert sum(entry.hits for entry in database.entries()) >= len(database.entries())
    database.close()


def test_the_chosen_ones_are_there() -> None:
    assert set(CHOSEN) <= {case.id for case in cases()}
