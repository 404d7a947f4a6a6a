"""The shape of one DAG, as much of it as the scheduler needs: who waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kfp.engine.scheduling.resources import NOTHING, Request
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Vertex(msgspec.Struct, frozen=True):
    """One task of a graph.

    Args:
        name: the task's name, for errors.
        needs: indices of the tasks that it waits for.
        is_dag: whether it opens into a graph of its own instead of running as a step.
        always: whether it runs once its upstream tasks have ended, however they ended
            (`TriggerPolicy.ALL_UPSTREAM_TASKS_COMPLETED`).
        retries: how many times a failed step is started again.
        at_exit: whether it is the exit task of what it needs: it runs after a cancellation too.
        request: what a step asks for; None where that is known only once its inputs are.
    """

    name: str
    needs: tuple[int, ...] = ()
    is_dag: bool = False
    always: bool = False
    retries: int = 0
    at_exit: bool = False
    request: Request | None = NOTHING


class Graph(msgspec.Struct, frozen=True):
    """Vertices and, for each, the vertices that wait for it."""

    vertices: tuple[Vertex, ...]
    dependents: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, vertices: Sequence[Vertex]) -> Graph:
        """Build a graph.

        Args:
            vertices: the tasks; `needs` refers to positions in this sequence.

        Raises:
            RunError: tasks wait for each other in a circle.
        """
        dependents: list[list[int]] = [[] for _ in vertices]
        for index, vertex in enumerate(vertices):
            for need in vertex.needs:
                dependents[need].append(index)
        waiting = [len(vertex.needs) for vertex in vertices]
        free = [index for index, count in enumerate(waiting) if count == 0]
        reached = 0
        while free:
            reached += 1
            for dependent in dependents[free.pop()]:
                waiting[dependent] -= 1
                if waiting[dependent] == 0:
                    free.append(dependent)
        if reached < len(vertices):
            names = _circle(vertices, waiting)
            raise RunError(f"tasks wait for each other in a circle: {' → '.join(names)}")
        return cls(tuple(vertices), tuple(tuple(each) for each in dependents))

    def ranks(self) -> list[int]:
        """Return for each vertex the length of the longest way to it: the order in which a person expects them."""
        ranks = [0] * len(self.vertices)
        waiting = [len(vertex.needs) for vertex in self.vertices]
        free = [index for index, count in enumerate(waiting) if count == 0]
        while free:
            index = free.pop()
            for dependent in self.dependents[index]:
                ranks[dependent] = max(ranks[dependent], ranks[index] + 1)
                waiting[dependent] -= 1
                if waiting[dependent] == 0:
                    free.append(dependent)
        return ranks


def _circle(vertices: Sequence[Vertex], waiting: Sequence[int]) -> list[str]:
    """Return the names along one circle; `waiting` is above zero on every circle and whatever hangs on one."""
    at = next(index for index, count in enumerate(waiting) if count)
    seen: dict[int, int] = {}
    while at not in seen:
        seen[at] = len(seen)
        at = next(need for need in vertices[at].needs if waiting[need])
    path = [index for index, order in seen.items() if order >= seen[at]]
    return [vertices[index].name for index in [*path, at]]
