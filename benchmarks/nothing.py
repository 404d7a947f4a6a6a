"""`python -m benchmarks.nothing HOME scheduler|loop|resume …` measures the engine with steps that do nothing."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from kfp.engine.continuing.run_files import document_text
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.result import RunResult
from kfp.engine.resume import retry
from kfp.engine.run import execute
from kfp.engine.scheduling import schedule
from kfp.engine.scheduling.graph import Graph, Vertex
from kfp.engine.scheduling.scheduler import advance, begin
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.ir.files import loads
from kfp.ir.spec import Document

SLOTS = 4


def scheduler(shape: str, size: int) -> float:
    """Let the scheduler go through a chain of steps, or a loop over DAGs of one step each.

    Returns:
        The seconds of processor time, since it waits for nothing.
    """
    chain = Graph.of([Vertex(str(index), (index - 1,) if index else ()) for index in range(size)])
    loop, body = Graph((Vertex("body", is_dag=True),) * size, ((),) * size), Graph.of([Vertex("step")])
    root = chain if shape == "chain" else loop
    begun = time.process_time()
    state, actions = begin(SLOTS)
    events: deque[schedule.Event] = deque()
    while True:
        for action in actions:
            if isinstance(action, schedule.Start):
                events.append(schedule.Ended(action.key, State.SUCCEEDED))
            elif isinstance(action, schedule.Open):
                graph = root if action.key == schedule.ROOT else body
                events.append(schedule.Opened(action.key, graph, 0 if graph is loop else None))
            elif isinstance(action, schedule.Close):
                events.append(schedule.Ended(action.key, action.state))
            elif isinstance(action, schedule.Finish):
                return time.process_time() - begun
        state, actions = advance(state, events.popleft())


def document(items: int) -> Document:
    """A loop of steps, and one step after it."""
    whole: dict[str, Any] = {"parameterType": "NUMBER_INTEGER"}
    item = {"parameters": {"x": {"componentInputParameter": "item"}}}
    inside = {"componentRef": {"name": "comp-work"}, "inputs": item}
    over = {"itemInput": "item", "items": {"raw": json.dumps(list(range(items)))}}
    data = {
        "pipelineInfo": {"name": "nothing"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "root": {
            "dag": {
                "tasks": {
                    "loop": {"componentRef": {"name": "comp-loop"}, "parameterIterator": over},
                    "last": {"componentRef": {"name": "comp-last"}, "dependentTasks": ["loop"]},
                }
            }
        },
        "components": {
            "comp-loop": {"inputDefinitions": {"parameters": {"item": whole}}, "dag": {"tasks": {"work": inside}}},
            "comp-work": {"executorLabel": "exec-work", "inputDefinitions": {"parameters": {"x": whole}}},
            "comp-last": {"executorLabel": "exec-work"},
        },
        "deploymentSpec": {"executors": {"exec-work": {"container": {"image": "none", "command": ["none"]}}}},
    }
    return loads(json.dumps(data))


def failing(step: Step) -> StepEnd:
    """End the step after the loop badly."""
    return StepEnd(error="not yet") if step.task == "last" else StepEnd()


def go(home: Path, items: int, executor: FakeExecutor) -> RunResult:
    """Run the loop."""
    made, settings = document(items), RunSettings(home=home, caching=False)
    return execute(plan(made.spec), {}, executor, settings=settings, document=document_text(made))


def loop(home: Path, items: int) -> float:
    """Run the loop; return the seconds."""
    begun = time.perf_counter()
    result = go(home, items, FakeExecutor())
    if result.state is not State.SUCCEEDED:
        raise RuntimeError(result.error)
    return time.perf_counter() - begun


def resume(home: Path, items: int) -> float:
    """Run the loop and fail after it; return the seconds that the rest takes."""
    failed = go(home, items, FakeExecutor(failing))
    executor = FakeExecutor()
    begun = time.perf_counter()
    result = retry(failed.run_id, home=home, executor=executor)
    seconds = time.perf_counter() - begun
    if result.state is not State.SUCCEEDED or len(executor.steps) != 1:
        raise RuntimeError(f"{result.error}, {len(executor.steps)} steps")
    return seconds


def main(home: str, what: str, *arguments: str) -> None:
    """Measure, and print seconds and peak megabytes as JSON."""
    if what == "scheduler":
        seconds = scheduler(arguments[0], int(arguments[1]))
    else:
        seconds = {"loop": loop, "resume": resume}[what](Path(home), int(arguments[0]))
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    print(json.dumps({"seconds": seconds, "megabytes": int(peak[1]) / 1024 if peak else 0}))


if __name__ == "__main__":
    main(*sys.argv[1:])
