"""What is under way in a run: the DAGs that are open and the tasks that have started, with what they were given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from kfp.engine.dag_outputs import dag_outputs
from kfp.engine.final_status import Ending
from kfp.engine.inputs import bind_inputs
from kfp.engine.iterations import Iterator as TaskIterator
from kfp.engine.iterations import collect, iteration_inputs, loop_items
from kfp.engine.layout import StepPaths
from kfp.engine.plan import Dag, Task
from kfp.engine.records import TaskRecord
from kfp.engine.schedule import ROOT, Key
from kfp.engine.states import State
from kfp.engine.step import Handle
from kfp.engine.values import Values
from kfp.ir.spec import ComponentSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kfp.engine.references import RunConstants


class OpenDag(msgspec.Struct):
    """A DAG that has been opened, or a loop, whose tasks are its iterations.

    Args:
        component: what it is.
        tasks: the tasks in it.
        path: the names of the tasks down to it.
        inputs: what it was given.
        outputs: what its tasks have made, by their names; an iteration's name is its number, from 0.
        endings: how its tasks have ended, likewise.
        iterator: what a loop runs over.
        items: the items of a loop.
    """

    component: ComponentSpec
    tasks: tuple[Task, ...]
    path: tuple[str, ...]
    inputs: Values
    outputs: dict[str, Values] = msgspec.field(default_factory=dict)
    endings: dict[str, Ending] = msgspec.field(default_factory=dict)
    iterator: TaskIterator | None = None
    items: tuple[Any, ...] = ()

    def path_of(self, position: int) -> tuple[str, ...]:
        """The names of the tasks down to one of its own."""
        return (*self.path, self.tasks[position].name if self.iterator is None else str(position))

    def failure(self) -> str | None:
        """What went wrong in the first of its tasks that failed."""
        return next((each.error for each in self.endings.values() if each.error is not None), None)

    def made(self) -> Values:
        """What leaves it."""
        if self.iterator is not None:
            return collect(self.component, [self.outputs.get(str(number)) for number in range(len(self.items))])
        return dag_outputs(self.component.dag.outputs, self.outputs) if self.component.dag is not None else Values()


class StartedTask(msgspec.Struct):
    """A task that has started.

    Args:
        task: what it is.
        path: the names of the tasks down to it.
        record: what the store knows of it.
        since: when its last attempt started, in seconds of `time.monotonic`.
        attempt: the attempt that runs or ran last.
        over: the last attempt that has ended.
        until: when that was.
        inputs: what it was given.
        items: what a loop runs over.
        paths: the files of the last attempt of a step.
        handle: stops a step while it runs.
        values: what it has made.
        error: what went wrong.
        inside: what went wrong in one of a DAG's tasks.
    """

    task: Task
    path: tuple[str, ...]
    record: TaskRecord
    since: float
    attempt: int = 1
    over: int = 0
    until: float | None = None
    inputs: Values = msgspec.field(default_factory=Values)
    items: tuple[Any, ...] = ()
    paths: StepPaths | None = None
    handle: Handle | None = None
    values: Values = msgspec.field(default_factory=Values)
    error: str | None = None
    inside: str | None = None

    @property
    def name(self) -> str:
        """The task's path, joined by `/`."""
        return "/".join(self.path)


class Underway:
    """The open DAGs and started tasks of one run.

    Args:
        root: the root DAG.
        inputs: its inputs.
        run_id: the run's identifier.
        constants: what placeholders that are names on their own stand for.
    """

    def __init__(self, root: Dag, inputs: Values, run_id: str, constants: RunConstants) -> None:
        self._root, self._inputs = root, inputs
        self._run_id, self._constants = run_id, constants
        self._dags: dict[int, OpenDag] = {}
        self._numbers: dict[Key, int] = {}
        self._tasks: dict[Key, StartedTask] = {}

    def take(self, key: Key) -> StartedTask:
        """Note that a task starts."""
        dag = self._dags[key.scope]
        task, path = dag.tasks[key.position], dag.path_of(key.position)
        record = TaskRecord(self._run_id, "/".join(path), task.display_name, State.PENDING, started_at=time.time())
        started = self._tasks[key] = StartedTask(task, path, record, time.monotonic())
        return started

    def started(self, key: Key) -> StartedTask:
        """Return a task that has started and not been dropped."""
        return self._tasks[key]

    def find(self, key: Key) -> StartedTask | None:
        """Return the same, or None."""
        return self._tasks.get(key)

    def steps(self) -> Iterator[tuple[Key, Handle]]:
        """Yield the steps that run."""
        for key, started in self._tasks.items():
            if started.handle is not None:
                yield key, started.handle

    def bind(self, key: Key) -> None:
        """Give a started task its inputs.

        Raises:
            RunError: they are not there, or of another type.
        """
        started, dag = self._tasks[key], self._dags[key.scope]
        task = started.task
        if dag.iterator is not None:
            started.inputs = iteration_inputs(task, dag.iterator, dag.inputs, dag.items[key.position])
            return
        started.inputs = bind_inputs(task, dag.inputs, dag.outputs, dag.endings, self.constants(started))

    def find_items(self, key: Key) -> None:
        """Find the items of a started loop.

        Raises:
            RunError: they are not there, or not a list.
        """
        started = self._tasks[key]
        if started.task.iterator is not None:
            started.items = loop_items(started.task, started.task.iterator, started.inputs)

    def constants(self, started: StartedTask) -> Mapping[str, str]:
        """Return what placeholders that are names on their own stand for in a task."""
        return self._constants.of_task(started.task.name, f"{self._run_id}/{started.name}")

    def open(self, number: int, key: Key) -> None:
        """Open a DAG's scope under the number that the scheduler gives it."""
        self._numbers[key] = number
        if key == ROOT:
            self._dags[number] = OpenDag(self._root.component, self._root.tasks, (), self._inputs)
            return
        started = self._tasks[key]
        task, path, inputs = started.task, started.path, started.inputs
        if task.iterator is not None:
            once = replace(task, iterator=None, condition=None)
            tasks = (once,) * len(started.items)
            self._dags[number] = OpenDag(
                task.component, tasks, path, inputs, iterator=task.iterator, items=started.items
            )
        elif task.dag is not None:
            self._dags[number] = OpenDag(task.component, task.dag.tasks, path, inputs)

    def close(self, key: Key) -> OpenDag:
        """Return a DAG whose tasks have all ended, and forget it."""
        return self._dags.pop(self._numbers.pop(key))

    def end(self, key: Key, state: State) -> StartedTask:
        """Return a task that has ended, and forget it; what it has made is there for the tasks beside it."""
        started, dag = self._tasks.pop(key), self._dags[key.scope]
        name = started.path[-1]
        dag.endings[name] = Ending(state, started.error or started.inside)
        if state is State.SUCCEEDED:
            dag.outputs[name] = started.values
        return started
