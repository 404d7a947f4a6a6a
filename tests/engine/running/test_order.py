"""What comes first: artifacts on the disk, then records, then events, then whatever follows from them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from kfp.engine import events
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.record import Removed, RunRecord, TaskRecord
from kfp.engine.records.recorder import StoreRecorder
from kfp.engine.records.store import Store
from kfp.engine.run import execute
from kfp.engine.running import durable_outputs
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from tests.engine.documents import Pipeline

FULL = 2  # of PRAGMA synchronous


class Witness(StoreRecorder):
    """Notes what is committed, and how."""

    def __init__(self, home: Path, seen: list[str]) -> None:
        super().__init__(home)
        self._seen = seen

    def commit(self) -> None:
        pending: list[RunRecord | TaskRecord | Removed] = list(self._pending)
        super().commit()
        (synchronous,) = self._store._database.connection.execute("PRAGMA synchronous").fetchone()
        for record in pending:
            if isinstance(record, TaskRecord):
                self._seen.append(f"{record.path} {record.state} on record")
                assert synchronous == FULL or not record.state.ended


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names files by their descriptors")
def test_every_change_is_on_record_before_it_is_told_or_acted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.container("take", {"image": "i"}, artifacts_in=("data",))
    pipeline.task("make")
    pipeline.task("take", artifacts={"data": "@make.data"})
    seen: list[str] = []
    real = os.fsync

    def behave(step: Step) -> StepEnd:
        seen.append(f"{step.task} runs")
        if step.task == "make":
            told = json.loads(step.executor_input)["outputs"]["artifacts"]["data"]["artifacts"][0]
            Path(told["uri"]).write_text("x")
        return StepEnd(settled=lambda: seen.append(f"{step.task} settled"))

    def fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        if name == "data":
            seen.append("data synced")
        real(descriptor)

    def hear(event: events.Event) -> None:
        if isinstance(event, (events.TaskStarted, events.TaskFinished)):
            seen.append(f"{event.task} {type(event).__name__} told")

    monkeypatch.setattr(os, "fsync", fsync)
    result = execute(
        plan(pipeline.document().spec), {}, FakeExecutor(behave), settings=RunSettings(home=tmp_path),
        recorder=Witness(tmp_path, seen), on_event=hear,
    )  # fmt: skip
    assert result.state is State.SUCCEEDED
    assert seen == [
        "make RUNNING on record",
        "make TaskStarted told",
        "make runs",
        "data synced",
        "make SUCCEEDED on record",
        "take RUNNING on record",
        "make TaskFinished told",
        "take TaskStarted told",
        "make settled",
        "take runs",
        "take SUCCEEDED on record",
        "take TaskFinished told",
        "take settled",
    ]


@pytest.mark.parametrize("error", ["it broke", None])
def test_a_run_that_has_ended_can_be_continued_whatever_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str | None
) -> None:
    """What it keeps for that is on the disk then, however slow that is, even if no step has ended well."""
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"})
    pipeline.task("make")
    synced: list[Path] = []

    def slow(directory: Path) -> None:
        time.sleep(0.3)
        synced.append(directory)

    monkeypatch.setattr(durable_outputs, "sync_files", slow)
    executor = FakeExecutor(lambda _: StepEnd(error=error))
    result = execute(plan(pipeline.document().spec), {}, executor, settings=RunSettings(home=tmp_path))
    assert synced == [tmp_path / "runs" / result.run_id]


def test_an_engine_that_fails_leaves_no_task_running(tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"})
    pipeline.task("make")

    def hear(event: events.Event) -> None:
        if isinstance(event, events.TaskStarted):
            raise ZeroDivisionError("nobody listens")

    settings = RunSettings(home=tmp_path)
    with pytest.raises(ZeroDivisionError):
        execute(plan(pipeline.document().spec), {}, FakeExecutor(), settings=settings, on_event=hear)
    store = Store(tmp_path)
    (run,) = store.runs()
    told = "the engine failed: ZeroDivisionError: nobody listens"
    assert (run.state, run.error) == (State.FAILED, told)
    assert [(task.state, task.error) for task in store.tasks(run.id)] == [(State.FAILED, told)]
    store.close()
