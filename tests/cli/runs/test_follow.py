"""Runs that other processes run: their records become the events that they had."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kfp.cli.cells import paint
from kfp.cli.runs.changes import Changes
from kfp.cli.runs.follow import follow
from kfp.cli.runs.lines import final
from kfp.cli.runs.outline import Outline
from kfp.cli.runs.tree import Tree
from kfp.engine import events
from kfp.engine.planning.planner import plan
from kfp.engine.records.liveness import alive
from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.records.store import Store
from kfp.engine.states import State
from kfp.ir.files import read

NO_OUTLINE = Outline(None)


def record(path: str, state: State, started: float, **more: object) -> TaskRecord:
    made = TaskRecord("r", path, path.rpartition("/")[2], state, 1, started)
    return replace(made, **more)


def names(happenings: Iterator[tuple[events.Event, float]]) -> list[str]:
    told = []
    for event, _ in happenings:
        what = getattr(event, "task", "") or "-"
        told.append(f"{type(event).__name__} {what} {getattr(event, 'line', '')}".rstrip())
    return told


def test_records_as_they_change(tmp_path: Path) -> None:
    log = tmp_path / "1" / "output.log"
    log.parent.mkdir()
    log.write_text("one\ntwo")
    changes = Changes(NO_OUTLINE, past=True)
    running = record("a", State.RUNNING, 1.0, log=log)
    dag = record("d", State.RUNNING, 1.5, attempt=0, kind="dag")
    assert names(changes.of([running, dag])) == ["DagStarted d", "TaskStarted a", "TaskLog a one"]
    assert names(changes.of([running, dag])) == []

    second = tmp_path / "2" / "output.log"
    second.parent.mkdir()
    second.write_text("again\n")
    again = replace(running, attempt=2, started_at=2.0, log=second)
    assert names(changes.of([again])) == ["TaskLog a two", "TaskRetried a", "TaskStarted a", "TaskLog a again"]

    quick = record("d/q", State.SUCCEEDED, 2.5, finished_at=2.6, log=log)
    done = [
        replace(again, state=State.SUCCEEDED, finished_at=3.0),
        quick,
        replace(dag, state=State.SUCCEEDED, finished_at=2.6),
        record("s", State.SKIPPED, 3.0, attempt=0, finished_at=3.0),
    ]
    assert names(changes.of(done)) == [
        "TaskStarted d/q",
        "TaskLog d/q one",
        "TaskLog d/q two",
        "TaskFinished d/q",
        "TaskFinished d",
        "TaskFinished a",
        "TaskFinished s",
    ]


def test_what_was_written_before_is_told_only_where_it_is_wanted(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_text("x" * 20_000 + "\nend\n")
    tasks = [record("a", State.SUCCEEDED, 1.0, finished_at=2.0, log=log), record("b", State.RUNNING, 1.0, log=log)]
    told = names(Changes(NO_OUTLINE).of(tasks))
    assert told[:2] == ["TaskStarted a", "TaskFinished a"]
    assert told[-1] == "TaskLog b end"
    assert "x" * 20_000 not in "".join(told)
    assert "TaskLog a end" in names(Changes(NO_OUTLINE, past=True).of(tasks))


@pytest.mark.parametrize("every", [False, True])
def test_iterations(every: bool) -> None:
    tasks = [
        record(
            "loop", State.FAILED, 1.0, attempt=0, kind="loop", finished_at=3.0, inputs={"parameters": {"i": "[1, 2]"}}
        ),
        record("loop/0", State.SUCCEEDED, 1.1, attempt=0, kind="dag", finished_at=2.0),
        record("loop/0/fit", State.SUCCEEDED, 1.1, finished_at=2.0),
        record("loop/1", State.FAILED, 1.2, attempt=0, kind="dag", finished_at=3.0),
        record("loop/1/fit", State.FAILED, 1.2, finished_at=3.0, error="it broke"),
    ]
    tree = Tree()
    tree.take(events.DagStarted("", "p", (("loop", "loop"),)), 0.0)
    for event, at in Changes(LOOP, every=every).of(tasks):
        tree.take(event, at)
    lines = [paint(line, colour=False) for line in final(tree, 80)]
    if every:
        assert lines == [
            "✗ loop         2.00 s",
            "  ✓ 0          0.90 s",
            "    ✓ fit      0.90 s",
            "  ✗ 1          1.80 s",
            "    ✗ fit      1.80 s  it broke",
        ]
    else:
        assert lines == ["✗ loop         2.00 s  ━━━━━━━━━━ 2/2, 1 failed", "  ✗ 1/fit      1.80 s  it broke"]


def test_iterations_have_their_numbers_without_the_document() -> None:
    tasks = [
        record("loop", State.SUCCEEDED, 1.0, attempt=0, kind="loop", finished_at=3.0),
        record("loop/7", State.SUCCEEDED, 1.1, attempt=0, kind="dag", finished_at=2.0, display_name="loop"),
        record("loop/7/fit", State.SUCCEEDED, 1.1, finished_at=2.0),
    ]
    told = [event for event, _ in Changes(NO_OUTLINE).of(tasks) if isinstance(event, events.DagStarted)]
    assert [event.display_name for event in told] == ["loop", "7"]


@pytest.mark.parametrize(
    ("example", "said", "known"),
    [
        ("grid_search", "train", True),
        ("grid_search", "for-loop-1/3/train", True),
        ("grid_search", "for-loop-1/3", True),
        ("grid_search", "tra", False),
        ("grid_search", "3", False),
        ("nested", "first text", True),
        ("nested", "statistics-2/count", True),
        ("nested", "statistics-3", False),
    ],
)
def test_what_a_task_that_has_not_started_may_be_called(example: str, said: str, known: bool) -> None:
    document = read(Path(__file__).parents[3] / "examples" / example / "golden.yaml")
    assert Outline(plan(document.spec, document.platforms).root).knows(said) is known
    assert NO_OUTLINE.knows(said), "nothing is known of it"


class _Loop(Outline):
    """A pipeline with a loop over an input."""

    def __init__(self) -> None:
        super().__init__(None)

    def names_in(self, path: str) -> tuple[tuple[str, str], ...]:
        return (("fit", "fit"),) if path.startswith("loop") else ()

    def iterations(self, record: TaskRecord) -> int | None:
        return 2 if record.path == "loop" else None


LOOP = _Loop()


def test_until_the_run_has_ended(tmp_path: Path) -> None:
    """A run is followed in this thread while another one records it, as another process would."""
    directory, log = tmp_path / "r", tmp_path / "r" / "output.log"
    directory.mkdir()
    log.write_text("")
    run = RunRecord("r", "n", "p", "Default", State.RUNNING, time.time(), {}, directory)
    running = record("a", State.RUNNING, time.time(), log=log)
    ready, heard, noticed = threading.Event(), threading.Event(), threading.Event()

    def record_it() -> None:
        with contextlib.closing(Store(tmp_path)) as store, alive(directory):
            store.save([run, running])
            ready.set()
            log.write_text("hello\n")
            assert heard.wait(60)
            store.save([replace(run, state=State.CANCELING)])
            assert noticed.wait(60)
            ended = time.time()
            store.save(
                [
                    replace(running, state=State.CANCELED, finished_at=ended),
                    replace(run, state=State.CANCELED, finished_at=ended, error="the run was canceled"),
                ]
            )

    def followed(store: Store) -> Iterator[tuple[events.Event, float]]:
        for happening in follow(store, run):
            if isinstance(happening.event, events.TaskLog):
                heard.set()
            if isinstance(happening.event, events.RunCanceling):
                noticed.set()
            yield happening

    recorder = threading.Thread(target=record_it)
    recorder.start()
    assert ready.wait(60)
    with contextlib.closing(Store(tmp_path)) as store:
        told = names(followed(store))
    recorder.join()
    assert told == [
        "RunStarted -",
        "DagStarted -",
        "TaskStarted a",
        "TaskLog a hello",
        "RunCanceling -",
        "TaskFinished a",
        "RunFinished -",
    ]
