"""What a run tells while it runs: which DAGs and loops open, and what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import events
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.run import execute
from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.settings import RunSettings
from kfp.engine.step import Step, StepEnd
from kfp.ir.spec import Document
from tests.engine.documents import Pipeline


@pytest.fixture
def document() -> Document:
    """A chain whose tasks are not written in its order, a loop of three over a DAG, a DAG."""
    pipeline = Pipeline()
    pipeline.python("def one(x: int = 1): ...", inputs={"x": {"parameterType": "NUMBER_INTEGER", "isOptional": True}})
    loop = pipeline.component("loop", {"item": int}, {}, dag={"tasks": {}})
    pipeline.task("fit", "one", within=loop, inputs={"x": "$item"})
    inner = pipeline.component("inner", {}, {}, dag={"tasks": {}})
    pipeline.task("b", "one", within=inner, after=("c",))
    pipeline.task("c", "one", within=inner)
    pipeline.task("a-last", "inner", after=("z-first",))
    iterator: dict[str, Any] = {"parameterIterator": {"itemInput": "item", "items": {"raw": "[7, 8, 9]"}}}
    pipeline.task("m-loop", "loop", after=("z-first",), **iterator)
    pipeline.task("z-first", "one")
    return pipeline.document()


def told(document: Document, home: Path, **settings: Any) -> list[events.Event]:
    """Run a document whose steps do nothing, and return its events."""
    found: list[events.Event] = []

    def behave(step: Step) -> StepEnd:
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text("{}")
        return StepEnd()

    execute(
        plan(document.spec),
        {},
        FakeExecutor(behave),
        settings=RunSettings(home=home, caching=False, parallelism=1, **settings),
        on_event=found.append,
        recorder=NoRecorder(),
    )
    return found


def test_dags_and_loops_tell_what_is_in_them(document: Document, tmp_path: Path) -> None:
    found = told(document, tmp_path)
    dags = {event.task: event for event in found if isinstance(event, events.DagStarted)}
    assert [name for name, _ in dags[""].tasks] == ["z-first", "a-last", "m-loop"]
    assert [name for name, _ in dags["a-last"].tasks] == ["c", "b"]
    assert (dags["m-loop"].iterations, dags["m-loop"].tasks) == (3, (("fit", "fit"),))
    assert [dags[f"m-loop/{number}"].iterations for number in range(3)] == [None] * 3


def test_what_is_in_a_dag_is_told_after_it(document: Document, tmp_path: Path) -> None:
    known = {""}
    for event in told(document, tmp_path):
        task = getattr(event, "task", "")
        assert task.rpartition("/")[0] in known, f"{event} is told of before the DAG that it is in"
        if isinstance(event, events.DagStarted):
            known.add(event.task)
        elif isinstance(event, events.TaskStarted):
            assert event.log is not None
            assert event.log.name == "output.log"


def test_ranks() -> None:
    chain = [Vertex("a", (2,)), Vertex("b"), Vertex("c", (1,)), Vertex("d", (1, 0))]
    assert Graph.of(chain).ranks() == [2, 0, 1, 3]
    assert Graph.of([]).ranks() == []
