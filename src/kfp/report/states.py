"""How the tasks of a run stand, for pictures of it: iterations of a loop taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kfp.engine.states import State
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.records.record import TaskRecord

COLOURS = {
    State.SUCCEEDED: "#2f8f5b",
    State.FAILED: "#c8372d",
    State.CANCELED: "#b7791f",
    State.CANCELING: "#b7791f",
    State.RUNNING: "#2f6fb5",
    State.PENDING: "#8593a3",
    State.SKIPPED: "#8593a3",
}
_WORST = (State.FAILED, State.RUNNING, State.CANCELING, State.CANCELED, State.PENDING, State.SUCCEEDED, State.SKIPPED)


class Standing(msgspec.Struct, frozen=True):
    """How the runs of one task of the document stand: one, or one for each iteration around it.

    Args:
        state: the worst of theirs.
        count: how many there are.
        seconds: what they took, added up.
    """

    state: State
    count: int = 1
    seconds: float = 0.0

    @property
    def told(self) -> str:
        """In words: `SUCCEEDED, 12 times, 3.4 s`."""
        times = f", {self.count:,} times" if self.count > 1 else ""
        return f"{self.state.value}{times}, {duration(self.seconds)}"


def colour(state: State) -> str:
    """Return a state's colour."""
    return COLOURS.get(state, COLOURS[State.PENDING])


def seconds(task: TaskRecord) -> float:
    """Return what a task's last attempt took; 0 for what never started."""
    if task.started_at is None or task.finished_at is None or task.state is State.SKIPPED:
        return 0.0
    return max(0.0, task.finished_at - task.started_at)


def standings(tasks: Iterable[TaskRecord]) -> dict[tuple[str, ...], Standing]:
    """Return how each task of the document stands, by the names of tasks down to it, without iterations' numbers."""
    found: dict[tuple[str, ...], Standing] = {}
    loops: set[str] = {task.path for task in tasks if task.kind == "loop"}
    for task in tasks:
        name = place(task.path, loops)
        if name is None:
            continue
        before = found.get(name)
        if before is None:
            found[name] = Standing(task.state, 1, seconds(task))
        else:
            worst = min(before.state, task.state, key=_WORST.index)
            found[name] = Standing(worst, before.count + 1, before.seconds + seconds(task))
    return found


def place(path: str, loops: set[str]) -> tuple[str, ...] | None:
    """Return a task's names in the document; None for an iteration itself, which the document does not name."""
    names: list[str] = []
    at = ""
    is_iteration = False
    for part in path.split("/"):
        is_iteration = at in loops
        at = f"{at}/{part}" if at else part
        if not is_iteration:
            names.append(part)
    return None if is_iteration else tuple(names)
