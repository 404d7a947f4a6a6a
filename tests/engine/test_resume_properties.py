"""Pipelines of any shape, whose steps fail and whose process is lost at any commit, continued until they are done.

What a step was is on record as a number that never comes twice, so the journal tells what ran after what.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.engine.continuing.run_files import document_text
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import StoreRecorder
from kfp.engine.records.store import Store
from kfp.engine.resume import retry
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from tests.engine.documents import Pipeline
from tests.engine.dying import DyingRecorder, Killed

ALWAYS = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}


class Task(NamedTuple):
    """A step; a DAG where there are tasks `inside`; a loop where there are `times`."""

    needs: tuple[int, ...] = ()
    always: bool = False
    retries: int = 0
    inside: tuple[Task, ...] = ()
    times: int | None = None


class Go(NamedTuple):
    """What befalls one go of a run: which steps fail, and the commit that loses its process, 0 for none."""

    fails: frozenset[int]
    commit: int
    written: bool


def graphs(depth: int) -> st.SearchStrategy[tuple[Task, ...]]:
    def tasks(drawn: list[tuple[frozenset[int], bool, int, tuple[Task, ...], int | None]]) -> tuple[Task, ...]:
        made = []
        for position, (wanted, always, retries, inside, times) in enumerate(drawn):
            needs = tuple(sorted(need for need in wanted if need < position))
            made.append(Task(needs, always and bool(needs), retries, inside, times if inside else None))
        return tuple(made)

    inner = st.just(()) if depth == 0 else st.one_of(st.just(()), st.just(()), graphs(depth - 1))
    times = st.one_of(st.none(), st.integers(0, 3))
    task = st.tuples(st.frozensets(st.integers(0, 3), max_size=2), st.booleans(), st.integers(0, 1), inner, times)
    return st.lists(task, min_size=1, max_size=4).map(tasks)


GOES = st.lists(
    st.builds(Go, st.frozensets(st.integers(0, 11), max_size=4), st.integers(0, 12), st.booleans()), max_size=4
)


def document(graph: tuple[Task, ...]) -> Pipeline:
    pipeline = Pipeline()
    pipeline.container("step", {"image": "i"})
    count = 0

    def fill(tasks: tuple[Task, ...], within: dict[str, Any] | None) -> None:
        nonlocal count
        for position, task in enumerate(tasks):
            name, rest = f"t{position}", dict[str, Any]()
            after = tuple(f"t{need}" for need in task.needs)
            if task.always:
                rest["triggerPolicy"] = ALWAYS
            if task.retries:
                rest["retryPolicy"] = {"maxRetryCount": task.retries}
            if not task.inside:
                pipeline.task(name, "step", within=within, after=after, **rest)
                continue
            count += 1
            group = f"dag-{count}"
            given = {"item": int} if task.times is not None else {}
            inner = pipeline.component(group, given, {}, dag={"tasks": {}})
            if task.times is not None:
                rest["parameterIterator"] = {"itemInput": "item", "items": {"raw": str(list(range(task.times)))}}
            rest.pop("retryPolicy", None)
            pipeline.task(name, group, within=within, after=after, **rest)
            fill(task.inside, inner)

    fill(graph, None)
    return pipeline


def upstream(tasks: tuple[Task, ...], prefix: str = "", before: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield each step's path, and the paths of the steps and groups that it comes after."""
    for position, task in enumerate(tasks):
        path = f"{prefix}t{position}"
        after = (*before, *(f"{prefix}t{need}" for need in task.needs))
        if not task.inside:
            yield path, set(after)
        elif task.times is None:
            yield from upstream(task.inside, f"{path}/", after)
        else:
            for number in range(task.times):
                yield from upstream(task.inside, f"{path}/{number}/", after)


def comes_after(path: str, groups: set[str]) -> bool:
    return any(path == group or path.startswith(f"{group}/") for group in groups)


class World:
    """A home directory, and what has run in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.journal: list[str] = []
        self.last: dict[str, int] = {}
        """When a step succeeded last, as its place in the journal."""

    def executor(self, fails: frozenset[int]) -> FakeExecutor:
        started = iter(range(10_000))

        def behave(step: Step) -> StepEnd:
            self.journal.append(step.task)
            if next(started) in fails:
                return StepEnd(error="it broke")
            self.last[step.task] = len(self.journal)
            return StepEnd()

        return FakeExecutor(behave)

    def recorder(self, go: Go) -> StoreRecorder:
        return DyingRecorder(self.home, go.commit, written=go.written) if go.commit else StoreRecorder(self.home)

    def run(self) -> tuple[str, State, set[str]] | None:
        """Return the run, its state, and the steps that have succeeded."""
        with contextlib.closing(Store(self.home)) as store:
            runs = store.runs()
            if not runs:
                return None
            tasks = store.tasks(runs[0].id)
        done = {task.path for task in tasks if task.state is State.SUCCEEDED and task.kind == "container"}
        return runs[0].id, runs[0].state, done


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(2), GOES)
def test_whatever_befalls_a_run(graph: tuple[Task, ...], goes: list[Go]) -> None:
    made = document(graph).document()
    order = dict(upstream(graph))
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for go in [*goes, Go(frozenset(), 0, written=False)]:
            found, since = world.run(), len(world.journal)
            if found is not None and found[1] is State.SUCCEEDED:
                break
            with contextlib.suppress(Killed):
                if found is None:
                    how = RunSettings(home=world.home, parallelism=2)
                    execute(
                        plan(made.spec), {}, world.executor(go.fails), settings=how,
                        recorder=world.recorder(go), document=document_text(made),
                    )  # fmt: skip
                else:
                    retry(found[0], home=world.home, executor=world.executor(go.fails), recorder=world.recorder(go))
            ran = world.journal[since:]
            for task in set(ran) & (found[2] if found is not None else set()):
                assert any(comes_after(other, order[task]) for other in ran), f"{task} had succeeded and ran again"
        last = world.run()
        assert last is not None
        assert (last[1], last[2]) == (State.SUCCEEDED, set(order))
    for task, before in order.items():
        for other in order:
            if comes_after(other, before):
                assert world.last[other] < world.last[task], f"{task} was to run after {other}"
