"""Turns the records of a run into the events that it had: whoever shows a run of this process shows any other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from kfp.cli.runs.log_tail import Tail
from kfp.engine import events
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kfp.cli.runs.outline import Outline
    from kfp.engine.records.record import TaskRecord

_RECENT_BYTES = 1 << 14


class Happening(NamedTuple):
    """An event and when it was, in seconds since 1970."""

    event: events.Event
    at: float


class _Seen(NamedTuple):
    state: State
    attempt: int


class Changes:
    """Knows which records were there before.

    Args:
        outline: the shape of the pipeline.
        past: whether the lines of steps that have ended already are told too, and all that running ones wrote.
        every: whether each iteration of a loop is a task beside others, instead of one that is counted.
    """

    def __init__(self, outline: Outline, *, past: bool = False, every: bool = False) -> None:
        self._outline, self._past, self._every = outline, past, every
        self._seen: dict[str, _Seen] = {}
        self._open: set[str] = set()
        self._loops: set[str] = set()
        self._tails: dict[str, Tail] = {}
        self._is_first = True

    def of(self, tasks: Sequence[TaskRecord]) -> Iterator[Happening]:
        """Yield what is new in records.

        Args:
            tasks: records in the order in which the tasks started.
        """
        news = [task for task in tasks if self._seen.get(task.path) != _Seen(task.state, task.attempt)]
        parents = {task.path.rpartition("/")[0] for task in news}
        for task in news:
            is_dag = task.kind in ("dag", "loop") and task.state in (State.PENDING, State.RUNNING)
            if (is_dag or task.path in parents) and task.path not in self._open:
                yield self._opened(task)
        ended = [task for task in news if task.state.ended]
        for task in sorted(ended, key=lambda task: (task.finished_at or 0.0, -task.path.count("/"))):
            yield from self._ended(task)
        for task in news:
            if task.state is State.RUNNING and task.path not in self._open:
                yield from self._started(task)
            self._seen[task.path] = _Seen(task.state, task.attempt)
        for path, tail in self._tails.items():
            yield from _lines(path, tail.lines())
        self._is_first = False

    def _opened(self, task: TaskRecord) -> Happening:
        """Return that a DAG or a loop has opened."""
        self._open.add(task.path)
        above, _, name = task.path.rpartition("/")
        title = name if above in self._loops else task.display_name
        names, count = self._outline.names_in(task.path), self._outline.iterations(task)
        if count is not None or task.kind == "loop":  # how many there are is unknown where the document is gone
            self._loops.add(task.path)
        if self._every and count is not None:
            names, count = tuple((str(number), str(number)) for number in range(count)), None
        began = task.started_at or task.finished_at or time.time()
        return Happening(events.DagStarted(task.path, title, names, count), began)

    def _started(self, task: TaskRecord) -> Iterator[Happening]:
        """Yield that an attempt of a step has started, after all that the one before wrote."""
        began = task.started_at or time.time()
        before = self._seen.get(task.path)
        if before is not None and before.state is State.RUNNING:
            yield from self._drain(task.path)
            yield Happening(events.TaskRetried(task.path, task.attempt, 0.0, task.error or ""), began)
        if task.log is not None:
            is_new = before is not None or not self._is_first
            self._tails[task.path] = Tail(task.log, None if self._past or is_new else _RECENT_BYTES)
        yield Happening(events.TaskStarted(task.path, task.display_name, task.attempt, task.log), began)

    def _ended(self, task: TaskRecord) -> Iterator[Happening]:
        ended = task.finished_at or time.time()
        if task.attempt and task.path not in self._tails:  # it started and ended since the last look
            yield Happening(events.TaskStarted(task.path, task.display_name, task.attempt), task.started_at or ended)
            if task.log is not None and (self._past or not self._is_first):
                self._tails[task.path] = Tail(task.log)
        yield from self._drain(task.path)
        seconds = max(0.0, ended - (task.started_at or ended)) if task.finished_at is not None else None
        yield Happening(
            events.TaskFinished(
                task.path, task.state, seconds, task.outputs or {}, task.error, task.log, cache=task.cache
            ),
            ended,
        )

    def _drain(self, path: str) -> Iterator[Happening]:
        tail = self._tails.pop(path, None)
        if tail is not None:
            yield from _lines(path, tail.rest())


def _lines(path: str, lines: Iterable[str]) -> Iterator[Happening]:
    now = time.time()
    for line in lines:
        yield Happening(events.TaskLog(path, line), now)
