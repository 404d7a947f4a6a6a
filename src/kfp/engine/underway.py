"""What is under way in a run: the DAGs that are open and the tasks that have started, with what they were given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from kfp.engine.inputs import bind_inputs
from kfp.engine.layout import StepPaths
from kfp.engine.plan import Dag, Task
from kfp.engine.records import TaskRecord
from kfp.engine.schedule import ROOT, Key
from kfp.engine.states import State
from kfp.engine.step import Handle
from kfp.engine.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kfp.engine.references import RunConstants


class OpenDag(msgspec.Struct):
    """A DAG that has been opened.

    Args:
        dag: what it is.
        path: the names of the tasks down to it.
        inputs: what it was given.
        outputs: what its tasks have made, by their names.
    """

    dag: Dag
    path: tuple[str, ...]
    inputs: Values
    outputs: dict[str, Values] = msgspec.field(default_factory=dict)


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
        paths: the files of the last attempt of a step.
        handle: stops a step while it runs.
        values: what it has made.
        error: what went wrong.
    """

    task: Task
    path: tuple[str, ...]
    record: TaskRecord
    since: float
    attempt: int = 1
    over: int = 0
    until: float | None = None
    inputs: Values = msgspec.field(default_factory=Values)
    paths: StepPaths | None = None
    handle: Handle | None = None
    values: Values = msgspec.field(default_factory=Values)
    error: str | None = None

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
        task = dag.dag.tasks[key.position]
        path = (*dag.path, task.name)
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
        started.inputs = bind_inputs(started.task, dag.inputs, dag.outputs, self.constants(started))

    def constants(self, started: StartedTask) -> Mapping[str, str]:
        """Return what placeholders that are names on their own stand for in a task."""
        return self._constants.of_task(started.task.name, f"{self._run_id}/{started.name}")

    def open(self, number: int, key: Key) -> None:
        """Open a DAG's scope under the number that the scheduler gives it."""
        self._numbers[key] = number
        if key == ROOT:
            self._dags[number] = OpenDag(self._root, (), self._inputs)
            return
        started = self._tasks[key]
        if started.task.dag is not None:
            self._dags[number] = OpenDag(started.task.dag, started.path, started.inputs)

    def close(self, key: Key) -> OpenDag:
        """Return a DAG whose tasks have all ended, and forget it."""
        return self._dags.pop(self._numbers.pop(key))

    def end(self, key: Key, state: State) -> StartedTask:
        """Return a task that has ended, and forget it; what it has made is there for the tasks beside it."""
        started = self._tasks.pop(key)
        if state is State.SUCCEEDED:
            self._dags[key.scope].outputs[started.task.name] = started.values
        return started
