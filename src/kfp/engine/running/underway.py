"""What is under way in a run: the DAGs that are open, and the tasks that have started, with what they were given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from kfp.engine.continuing.earlier import Earlier, ToldInputs, is_same
from kfp.engine.flow.conditions import holds
from kfp.engine.flow.final_status import Ending
from kfp.engine.flow.inputs import bind_inputs
from kfp.engine.flow.iterations import iteration_inputs, loop_items
from kfp.engine.flow.values import Values
from kfp.engine.layout import StepPaths
from kfp.engine.planning.plan import Dag, Task
from kfp.engine.records.record import Removed, TaskRecord
from kfp.engine.running.open_dag import OpenDag
from kfp.engine.scheduling.schedule import ROOT, Key
from kfp.engine.states import State
from kfp.engine.step import Handle
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kfp.engine.flow.references import RunConstants
    from kfp.engine.platforms.reading import Settings


class StartedTask(msgspec.Struct):
    """A task that has started.

    Args:
        task: what it is.
        path: the names of the tasks down to it.
        record: what the store knows of it.
        since: when its last attempt started, in seconds of `time.monotonic`.
        attempt: the attempt that runs or ran last.
        before: how many attempts there were in earlier goes of the run.
        over: the last attempt that has ended.
        until: when that was.
        inputs: what it was given.
        items: what a loop runs over.
        platform: what it says for Kubernetes, with values.
        refused: the state that it ends in without having run.
        paths: the files of the last attempt of a step.
        handle: stops a step while it runs.
        values: what it has made.
        error: what went wrong.
        inside: what went wrong in one of a DAG's tasks.
        kept: whether an earlier go of the run has finished it, and it did not run in this one.
    """

    task: Task
    path: tuple[str, ...]
    record: TaskRecord
    since: float
    attempt: int = 1
    before: int = 0
    over: int = 0
    until: float | None = None
    inputs: Values = msgspec.field(default_factory=Values)
    items: tuple[Any, ...] = ()
    platform: Settings | None = None
    refused: State | None = None
    paths: StepPaths | None = None
    handle: Handle | None = None
    values: Values = msgspec.field(default_factory=Values)
    error: str | None = None
    inside: str | None = None
    kept: bool = False

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
        earlier: what earlier goes of the run have finished; None where this is the first.
    """

    def __init__(
        self, root: Dag, inputs: Values, run_id: str, constants: RunConstants, earlier: Earlier | None = None
    ) -> None:
        self._root, self._inputs = root, inputs
        self._run_id, self._constants = run_id, constants
        self._earlier, self._told = earlier, ToldInputs()
        self._dags: dict[int, OpenDag] = {}
        self._numbers: dict[Key, int] = {}
        self._tasks: dict[Key, StartedTask] = {}

    def take(self, key: Key) -> StartedTask:
        """Note that a task starts."""
        dag = self._dags[key.scope]
        task, path = dag.tasks[key.position], dag.path_of(key.position)
        record = TaskRecord(
            self._run_id, "/".join(path), task.display_name, State.PENDING, started_at=time.time(), kind=task.kind
        )
        started = self._tasks[key] = StartedTask(task, path, record, time.monotonic())
        return started

    def started(self, key: Key) -> StartedTask:
        """Return a task that has started and not been dropped."""
        return self._tasks[key]

    def find(self, key: Key) -> StartedTask | None:
        """Return the same, or None."""
        return self._tasks.get(key)

    def all(self) -> Iterable[StartedTask]:
        """Return the tasks that have started and not ended."""
        return self._tasks.values()

    def steps(self) -> Iterator[tuple[Key, Handle]]:
        """Yield the steps that run."""
        for key, started in self._tasks.items():
            if started.handle is not None:
                yield key, started.handle

    @property
    def is_retried(self) -> bool:
        """Whether this is not the first go of the run."""
        return self._earlier is not None

    def admit(self, key: Key) -> State | None:
        """Give a started task its inputs, and find a loop's items.

        Returns:
            None where the task runs, else the state that it ends in: its condition does not hold, or `error` says why.
        """
        started, dag = self._tasks[key], self._dags[key.scope]
        task = started.task
        try:
            if dag.iterator is not None:
                started.inputs = iteration_inputs(task, dag.iterator, dag.inputs, dag.items[key.position])
            else:
                started.inputs = bind_inputs(task, dag.inputs, dag.outputs, dag.endings, self.constants(started))
            started.record = replace(started.record, inputs=self._told.told(started.inputs))
            if task.condition is not None and not holds(task, task.condition, started.inputs):
                return State.SKIPPED
            if task.iterator is not None:
                started.items = loop_items(task, task.iterator, started.inputs)
            if task.platform is not None:
                from kfp.engine.platforms.binding import bind_settings  # noqa: PLC0415 - few tasks have such settings

                started.platform = bind_settings(task.name, task.platform, dag.inputs, dag.outputs)
                if task.component.task_config_passthroughs:
                    self._tell_settings(started, started.platform, dag)
        except SkiffError as error:
            started.error = str(error)
            return State.FAILED
        return None

    def _tell_settings(self, started: StartedTask, settings: Settings, dag: OpenDag) -> None:
        """Put what a task says for Kubernetes in its inputs, where its component wants to know it."""
        from kfp.engine.platforms.passing import own_settings, with_settings  # noqa: PLC0415 - few components do

        started.inputs = with_settings(started.task, started.inputs, settings, dag.inputs, dag.outputs)
        started.platform = own_settings(started.task, settings)
        started.record = replace(started.record, inputs=self._told.told(started.inputs))

    def recall(self, key: Key) -> TaskRecord | None:
        """Return the record of a started task that had succeeded in an earlier go of the run with the same inputs."""
        earlier = self._dags[key.scope].earlier
        if earlier is None:
            return None
        started = self._tasks[key]
        found = earlier.below.get(started.path[-1])
        if found is None or found.record is None or not is_same(found.record.inputs, started.record.inputs or {}):
            return None
        return found.record

    def renew(self, key: Key) -> Iterator[Removed | TaskRecord]:
        """Note that a step runs in this go of the run; yield what holds no longer of the earlier ones."""
        while self._earlier is not None:
            dag = self._dags[key.scope]
            if key.position in dag.renewed:
                return
            for path in dag.forget(key.position):
                yield Removed(self._run_id, "/".join(path))
            if dag.owner == ROOT:
                return
            key = dag.owner
            around = self._tasks[key]
            if around.record.state is State.SUCCEEDED:  # as it had been
                around.record = replace(around.record, state=State.RUNNING, finished_at=None, outputs=None)
                yield around.record

    def constants(self, started: StartedTask) -> Mapping[str, str]:
        """Return what placeholders that are names on their own stand for in a task."""
        return self._constants.of_task(started.task.name, f"{self._run_id}/{started.name}")

    def open(self, number: int, key: Key) -> None:
        """Open a DAG's scope under the number that the scheduler gives it."""
        self._numbers[key] = number
        if key == ROOT:
            root, dependents = self._root, self._root.graph.dependents
            self._dags[number] = OpenDag(
                root.component, root.tasks, (), self._inputs, key, dependents=dependents, earlier=self._earlier
            )
            return
        started, around = self._tasks[key], self._dags[key.scope]
        task, path, inputs = started.task, started.path, started.inputs
        earlier = around.earlier.below.get(path[-1]) if around.earlier is not None else None
        if task.iterator is not None:
            tasks = (replace(task, iterator=None, condition=None),) * len(started.items)
            self._dags[number] = OpenDag(
                task.component, tasks, path, inputs, key, iterator=task.iterator, items=started.items, earlier=earlier
            )
        elif task.dag is not None:
            dependents = task.dag.graph.dependents
            self._dags[number] = OpenDag(
                task.component, task.dag.tasks, path, inputs, key, dependents=dependents, earlier=earlier
            )

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
