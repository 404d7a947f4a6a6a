"""A DAG that has been opened, or a loop: its tasks, and what they have made so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.continuing.earlier import Earlier
from kfp.engine.flow.dag_outputs import dag_outputs
from kfp.engine.flow.final_status import Ending
from kfp.engine.flow.iterations import Iterator as TaskIterator
from kfp.engine.flow.iterations import collect
from kfp.engine.flow.values import Values
from kfp.engine.planning.plan import Task
from kfp.engine.scheduling.schedule import Key
from kfp.ir.spec import ComponentSpec

if TYPE_CHECKING:
    from collections.abc import Iterator


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
        owner: the task that opened it.
        dependents: for each of its tasks, which tasks wait for it; none where they need nothing of each other.
        earlier: what earlier goes of the run have finished in it.
        renewed: the tasks of which it is known that they, or what they need, run again.
    """

    component: ComponentSpec
    tasks: tuple[Task, ...]
    path: tuple[str, ...]
    inputs: Values
    owner: Key
    outputs: dict[str, Values] = msgspec.field(default_factory=dict)
    endings: dict[str, Ending] = msgspec.field(default_factory=dict)
    iterator: TaskIterator | None = None
    items: tuple[Any, ...] = ()
    dependents: tuple[tuple[int, ...], ...] = ()
    earlier: Earlier | None = None
    renewed: set[int] = msgspec.field(default_factory=set)

    def path_of(self, position: int) -> tuple[str, ...]:
        """The names of the tasks down to one of its own."""
        return (*self.path, self.tasks[position].name if self.iterator is None else str(position))

    def forget(self, position: int) -> Iterator[tuple[str, ...]]:
        """Forget what earlier goes have finished after one of its tasks; yield the paths of what there was."""
        todo = [position]
        while todo:
            at = todo.pop()
            if at in self.renewed:
                continue
            self.renewed.add(at)
            path = self.path_of(at)
            if at != position and self.earlier is not None and self.earlier.below.pop(path[-1], None) is not None:
                yield path
            todo.extend(self.dependents[at] if self.dependents else ())

    def failure(self) -> str | None:
        """What went wrong in the first of its tasks that failed."""
        return next((each.error for each in self.endings.values() if each.error is not None), None)

    def made(self) -> Values:
        """What leaves it."""
        if self.iterator is not None:
            return collect(self.component, [self.outputs.get(str(number)) for number in range(len(self.items))])
        return dag_outputs(self.component.dag.outputs, self.outputs) if self.component.dag is not None else Values()
