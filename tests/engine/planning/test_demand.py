"""What steps ask of the machine, from the document to the run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import events
from kfp.engine.planning.demand import excess
from kfp.engine.planning.plan import Task
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.run import execute
from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Report, Step, StepEnd
from kfp.errors import SpecError
from kfp.ir.arguments import bind
from tests.engine.documents import Pipeline

QUIET_SECONDS = 0.3
GPU = {"accelerator": {"resourceType": "nvidia.com/gpu", "resourceCount": "1"}}


class Handle:
    def cancel(self, *, force: bool = False) -> None:
        """It ends soon anyway."""


class Holding:
    """Ends a step when as many run as are expected to, all of them when nothing more starts; knows the most there were.

    Args:
        expected: how many.
    """

    def __init__(self, expected: int) -> None:
        self.expected, self.most = expected, 0
        self.lock = threading.Lock()
        self.running: list[Report] = []
        self.quiet: threading.Timer | None = None

    def check(self, tasks: Iterable[Task]) -> None:
        """Accept everything."""

    def close(self) -> None:
        if self.quiet is not None:
            self.quiet.cancel()

    def start(self, step: Step, report: Report) -> Handle:
        self.close()
        with self.lock:
            self.running.append(report)
            self.most = max(self.most, len(self.running))
        if self.most >= self.expected:
            threading.Timer(0.01, self.end, [1]).start()
        self.quiet = threading.Timer(QUIET_SECONDS, self.end, [None])
        self.quiet.start()
        return Handle()

    def end(self, count: int | None) -> None:
        with self.lock:
            ended = self.running[:count]
            del self.running[:count]
        for report in ended:
            report.ended(StepEnd())


def looping(resources: Mapping[str, Any], items: str = "[1, 2, 3, 4, 5, 6]", **iterator: Any) -> Pipeline:
    """A loop over a step with such resources."""
    pipeline = Pipeline()
    pipeline.container("work", {"image": "work", "resources": dict(resources)}, inputs={"item": int})
    over = {"itemInput": "item", "items": {"raw": items}}
    pipeline.task("work", parameterIterator=over, **iterator)
    return pipeline


def go(pipeline: Pipeline, tmp_path: Path, most: int, *, parallelism: int, capacity: Request) -> list[events.Event]:
    """Run a pipeline of which no more steps run at a time than `most`, and sometimes as many."""
    spec = pipeline.document().spec
    executor, told = Holding(most), list[events.Event]()
    settings = RunSettings(home=tmp_path / "home", parallelism=parallelism, capacity=capacity)
    result = execute(
        plan(spec), bind(spec, {}), executor, settings=settings, on_event=told.append, recorder=NoRecorder()
    )
    assert (result.state, result.error) == (State.SUCCEEDED, None)
    assert executor.most == most
    return told


@pytest.mark.parametrize(
    ("resources", "request_"),
    [
        ({}, NOTHING),
        ({"cpuLimit": 0.5, "memoryLimit": 2.0}, Request(500, 2 * 10**9)),
        ({"cpuLimit": 4, "cpuRequest": 1}, Request(1000)),
        ({"cpuLimit": 9, "resourceCpuLimit": "250m"}, Request(250)),
        ({"resourceMemoryLimit": "64G", "resourceMemoryRequest": "4Gi"}, Request(0, 4 << 30)),
        ({"accelerator": {"type": "T4", "count": "2"}}, Request(0, 0, 2)),
        (GPU, Request(0, 0, 1)),
        ({"resourceCpuLimit": "{{$.inputs.parameters['cpu']}}"}, None),
        ({"resourceCpuLimit": "2", "accelerator": {"resourceCount": "{{$.inputs.parameters['n']}}"}}, None),
    ],
)
def test_a_request_is_the_documents_and_else_its_limit(resources: Mapping[str, Any], request_: Request | None) -> None:
    pipeline = Pipeline()
    pipeline.container("work", {"image": "i", "resources": dict(resources)})
    pipeline.task("work")
    planned = plan(pipeline.document().spec)
    assert planned.root.tasks[0].request == planned.root.graph.vertices[0].request == request_


def test_an_amount_that_is_none_is_refused_before_anything_starts() -> None:
    with pytest.raises(SpecError, match=r"exec-work\.container\.resources: 'lots' is no amount"):
        plan(looping({"resourceCpuLimit": "lots"}).document().spec)


@pytest.mark.parametrize(
    ("resources", "most"), [({}, 4), ({"cpuRequest": 2.0}, 2), ({"resourceMemoryLimit": "3Gi"}, 2), (GPU, 1)]
)
def test_steps_share_the_machine(tmp_path: Path, resources: Mapping[str, Any], most: int) -> None:
    told = go(looping(resources), tmp_path, most, parallelism=4, capacity=Request(4000, 8 << 30, 1))
    assert not [each for each in told if isinstance(each, events.TaskNotice)]


def test_the_parallelism_of_a_loop_is_kept(tmp_path: Path) -> None:
    pipeline = looping({}, iteratorPolicy={"parallelismLimit": 2})
    go(pipeline, tmp_path, 2, parallelism=8, capacity=Request(64_000))


def test_an_amount_that_comes_from_an_input(tmp_path: Path) -> None:
    pipeline = looping({"resourceCpuLimit": "{{$.inputs.parameters['item']}}"}, items="[4, 1, 1, 1, 1, 3]")
    go(pipeline, tmp_path, 4, parallelism=6, capacity=Request(4000))


def test_what_asks_for_too_much_runs_alone_and_is_told_once(tmp_path: Path) -> None:
    pipeline = looping({"cpuRequest": 64.0})
    pipeline.container("small", {"image": "small", "resources": {"cpuRequest": 1.0}})
    pipeline.task("small")
    told = go(pipeline, tmp_path, 1, parallelism=6, capacity=Request(4000))
    notices = [each.message for each in told if isinstance(each, events.TaskNotice)]
    assert notices == ["it asks for 64 cores, this machine has 4 cores: it runs when nothing else takes any of that"]


def test_an_accelerator_that_is_not_there_is_told_and_not_waited_for(tmp_path: Path) -> None:
    told = go(looping(GPU), tmp_path, 3, parallelism=3, capacity=Request(4000, 1 << 30, 0))
    notices = [each.message for each in told if isinstance(each, events.TaskNotice)]
    assert notices == ["it asks for 1 accelerator, this machine has no accelerators: it runs without an accelerator"]


def test_all_that_is_too_much_is_named() -> None:
    assert excess(Request(2000, 3 * 10**9, 4), Request(1000, 10**9, 1)) == (
        "it asks for 2 cores and 3 GB of memory and 4 accelerators, this machine has 1 core and 1 GB of memory and "
        "1 accelerator: it runs when nothing else takes any of that"
    )
    assert excess(Request(0, 900 * 10**12), Request(0, 25_300 * 10**6)).startswith(
        "it asks for 900000 GB of memory, this machine has 25.3 GB of memory: "
    )
