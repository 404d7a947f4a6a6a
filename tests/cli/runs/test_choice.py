"""Which run and which task is meant by what people type."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kfp.cli.runs.choice import complete_run, complete_task, find_run, find_tasks
from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.records.store import Store
from kfp.engine.states import State
from kfp.errors import RunError

RUNS = (("aaaa1111", "first"), ("aaaa2222", "twice"), ("bbbb3333", "twice"), ("cccc4444", "last"))
TASKS = [
    TaskRecord("cccc4444", path, title, State.SUCCEEDED)
    for path, title in (
        ("load", "Load the data"),
        ("loop", "loop"),
        ("loop/0", "loop"),
        ("loop/0/train", "train"),
        ("loop/1", "loop"),
        ("loop/1/train", "train"),
        ("inner", "inner"),
        ("inner/evaluate", "evaluate"),
    )
]


@pytest.fixture
def store(kfp_home: Path) -> Iterator[Store]:
    with contextlib.closing(Store(kfp_home)) as made:
        made.save(
            RunRecord(run_id, name, "p", "Default", State.SUCCEEDED, float(number), {}, kfp_home / run_id)
            for number, (run_id, name) in enumerate(RUNS)
        )
        made.save(TASKS)
        yield made


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("bbbb3333", "bbbb3333"),
        ("bb", "bbbb3333"),
        ("first", "aaaa1111"),
        ("latest", "cccc4444"),
        ("aaaa1", "aaaa1111"),
    ],
)
def test_runs(store: Store, said: str, meant: str) -> None:
    assert find_run(store, said).id == meant


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("aaaa", "several runs begin with 'aaaa'", "give more"),
        ("twice", "2 runs are called 'twice': bbbb3333, aaaa2222", "the newest is first"),
        ("nobody", "there is no run nobody", "kfp run list"),
        ("", "there is no run", "kfp run list"),
    ],
)
def test_runs_that_cannot_be_told(store: Store, said: str, message: str, hint: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        find_run(store, said)
    assert hint in str(caught.value.hint)


def test_the_latest_of_none(kfp_home: Path) -> None:
    with contextlib.closing(Store(kfp_home)) as empty, pytest.raises(RunError, match="there are no runs yet"):
        find_run(empty, "latest")


def test_the_latest_of_archived_ones(store: Store) -> None:
    for run in store.runs():
        store.archive(run.id)
    with pytest.raises(RunError, match="every run is archived") as caught:
        find_run(store, "latest")
    assert "--archived" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("load", ["load"]),
        ("Load the data", ["load"]),
        ("loop", ["loop", "loop/0", "loop/0/train", "loop/1", "loop/1/train"]),
        ("1/train", ["loop/1/train"]),
        ("/loop/1/", ["loop/1", "loop/1/train"]),
        ("evaluate", ["inner/evaluate"]),
        ("eval", ["inner/evaluate"]),
    ],
)
def test_tasks(said: str, meant: list[str]) -> None:
    assert [task.path for task in find_tasks(TASKS, said)] == meant


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("train", "several tasks are called 'train': loop/0/train, loop/1/train", "more of the path"),
        ("nothing", "no task of the run is called 'nothing'", "its tasks: load, loop, inner"),
    ],
)
def test_tasks_that_cannot_be_told(said: str, message: str, hint: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        find_tasks(TASKS, said)
    assert hint in str(caught.value.hint)


def test_tasks_of_a_run_that_has_none() -> None:
    with pytest.raises(RunError) as caught:
        find_tasks([], "x")
    assert caught.value.hint == "its tasks: none has started"


def test_completion(store: Store) -> None:
    context, parameter = click.Context(click.Command("get")), click.Argument(["run_id"])
    assert complete_run(context, parameter, "bb") == ["bbbb3333"]
    assert complete_run(context, parameter, "la") == ["last", "latest"]
    assert complete_run(context, parameter, "")[0] == "cccc4444"
    context.params = {"run_id": "last"}
    assert complete_task(context, parameter, "loop/1") == ["loop/1", "loop/1/train"]
    context.params = {"run_id": "nobody"}
    assert complete_task(context, parameter, "") == []
