"""Which runs a query chooses, and in which order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.engine.records.liveness import alive
from kfp.engine.records.query import ORDERS, RunQuery
from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.records.store import Store
from kfp.engine.states import State

RUNS = (
    ("a", "zeta", "p", "Default", State.SUCCEEDED, 1.0, 9.0),
    ("b", "Alpha", "p", "trial", State.FAILED, 2.0, 3.0),
    ("c", "mid", "q", "trial", State.CANCELED, 3.0, 5.0),
    ("d", "alpha", "q", "Default", State.SUCCEEDED, 4.0, 4.5),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with contextlib.closing(Store(tmp_path)) as made:
        made.save(
            RunRecord(run_id, name, pipeline, experiment, state, created, {}, tmp_path / run_id, finished_at=finished)
            for run_id, name, pipeline, experiment, state, created, finished in RUNS
        )
        made.archive("c")
        yield made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RunQuery(), "dba"),
        (RunQuery(archived=True), "c"),
        (RunQuery(archived=None), "dcba"),
        (RunQuery(pipeline="p"), "ba"),
        (RunQuery(experiment="trial", archived=None), "cb"),
        (RunQuery(states=(State.FAILED, State.CANCELED), archived=None), "cb"),
        (RunQuery(states=(State.RUNNING,)), ""),
        (RunQuery(limit=1, offset=1), "b"),
        (RunQuery(order="name", descending=False), "dba"),
        (RunQuery(order="duration"), "abd"),
        (RunQuery(order="finished_at", descending=False), "bda"),
        (RunQuery(order="state", descending=False), "bda"),
    ],
)
def test_choices(store: Store, query: RunQuery, expected: str) -> None:
    assert "".join(run.id for run in store.find(query)) == expected


def test_every_order_is_one(store: Store) -> None:
    for order in ORDERS:
        assert len(store.find(RunQuery(order=order))) == 3


def test_a_run_that_was_killed_is_not_found_as_running(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "k"
    directory.mkdir()
    store.save([RunRecord("k", "k", "p", "Default", State.RUNNING, 9.0, {}, directory)])
    with alive(directory):
        assert [run.id for run in store.find(RunQuery(states=(State.RUNNING,)))] == ["k"]
    assert store.find(RunQuery(states=(State.RUNNING,))) == []
    assert [run.id for run in store.find(RunQuery(states=(State.FAILED,)))] == ["k", "b"]


def test_runs_of_a_name(store: Store) -> None:
    assert [run.id for run in store.named("alpha")] == ["d"]
    assert store.named("nobody") == []


def test_tasks_that_changed_since(store: Store) -> None:
    store.save(
        [
            TaskRecord("a", "old", "old", State.SUCCEEDED, 1, 1.0, 2.0),
            TaskRecord("a", "ended", "ended", State.SUCCEEDED, 1, 1.5, 6.0),
            TaskRecord("a", "began", "began", State.RUNNING, 1, 5.0),
            TaskRecord("b", "other", "other", State.RUNNING, 1, 7.0),
        ]
    )
    assert [task.path for task in store.changed_tasks("a", 5.0)] == ["ended", "began"]
    assert [task.path for task in store.changed_tasks("a", 0.0)] == ["old", "ended", "began"]


def test_tasks_that_ended_with_their_process_have_changed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "k").mkdir()
    store.save([RunRecord("k", "k", "p", "Default", State.RUNNING, 1.0, {}, tmp_path / "k")])
    store.save([TaskRecord("k", "fit", "fit", State.RUNNING, 1, 2.0)])
    assert store.changed_tasks("k", 5.0) == []
    assert store.run("k") is not None  # somebody looks
    assert [(task.path, task.state) for task in store.changed_tasks("k", 5.0)] == [("fit", State.FAILED)]
