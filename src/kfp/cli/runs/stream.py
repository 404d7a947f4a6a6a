"""What a run looks like while it goes on: one line an event on stderr, each under its task's name.

run 0b8f… of math-pipeline, experiment Default
add   started
add | a line that the step wrote
add   SUCCEEDED in 0.05 s
"""

from __future__ import annotations

import zlib

import click

from kfp.cli import terminal
from kfp.cli.runs.failures import gist, is_traceback
from kfp.cli.runs.paths import WIDEST, general
from kfp.engine import events
from kfp.engine.log_text import overwritten
from kfp.engine.states import State
from kfp.units import duration

COLOURS = ("cyan", "magenta", "blue", "bright_cyan", "bright_magenta", "bright_blue")
STATE_COLOURS = {
    State.SUCCEEDED: "green",
    State.FAILED: "red",
    State.CANCELED: "yellow",
    State.SKIPPED: "yellow",
}


class Stream:
    """Writes the events of a run to stderr as they come.

    Args:
        column: how wide the column of task names is from the start; names that are longer widen it, up to a limit.
    """

    def __init__(self, column: int = 0) -> None:
        self._column = min(column, WIDEST)
        self._started: set[str] = set()
        self._noted: set[str] = set()
        self._kept = 0

    def __call__(self, event: events.Event, _: float | None = None) -> None:
        """Write one event; when it happened is not told."""
        if isinstance(event, events.TaskLog):
            self._line(event.task, f"| {overwritten(event.line)}")
        elif isinstance(event, events.TaskStarted):
            self._started.add(event.task)
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            self._line(event.task, f"  started{again}")
        elif isinstance(event, events.TaskFinished):
            self._finished(event)
        elif isinstance(event, events.TaskRetried):
            self._retried(event)
        elif isinstance(event, events.TaskNotice):
            self._note(event)
        elif isinstance(event, events.RunStarted):
            terminal.log(f"run {event.run_id} of {event.pipeline}, experiment {event.experiment}")
        elif isinstance(event, events.RunNotice):
            terminal.note(event.message)
        elif isinstance(event, events.RunFinished) and self._kept:
            terminal.log(f"{self._kept} steps of loops had been done before")
        elif isinstance(event, events.RunCanceling):
            terminal.log("stopping at once" if event.at_once else f"canceling: {event.reason}")

    def _finished(self, event: events.TaskFinished) -> None:
        ran = event.task in self._started
        self._started.discard(event.task)
        if event.kept and event.log is not None and general(event.task) != event.task:
            self._kept += 1  # there may be thousands
            return
        hit = event.cache is not None and event.cache.get("state") == "hit"
        if event.state is State.SUCCEEDED and not (ran or hit or (event.kept and event.log is not None)):
            return  # a DAG's success is that of its steps, which were told
        took = f" in {duration(event.seconds)}" if ran and event.seconds is not None else ""
        how = " before" if event.kept else took
        cached = f", {click.style('cached', fg='cyan')}" if hit else ""
        # A traceback was among the step's lines; other errors are the engine's, which nobody has said yet.
        why = "" if event.error is None or is_traceback(event.error) else f": {event.error.splitlines()[0]}"
        self._line(event.task, f"  {state(event.state)}{how}{cached}{why}")

    def _retried(self, event: events.TaskRetried) -> None:
        when = f"in {duration(event.delay)}" if event.delay > 0 else "at once"
        why = "" if not event.error or is_traceback(event.error) else f": {gist(event.error)}"
        self._line(event.task, f"  {click.style('FAILED', fg='yellow')}, once more {when}{why}")

    def _note(self, event: events.TaskNotice) -> None:
        """Write a notice, what all iterations of a loop say alike only once."""
        alike = f"{general(event.task)}: {event.message}"
        if alike not in self._noted:
            self._noted.add(alike)
            self._line(event.task, f"  {click.style('note', fg='cyan')}: {event.message}")

    def _line(self, task: str, text: str) -> None:
        self._column = max(self._column, min(len(task), WIDEST))
        terminal.log(f"{named(task, self._column)} {text}")


def state(value: State) -> str:
    """Return a state, in its colour."""
    return click.style(value.value, fg=STATE_COLOURS.get(value))


def named(task: str, column: int) -> str:
    """Return a task's path in the colour that it always has, as wide as a column."""
    return click.style(task.ljust(column), fg=COLOURS[zlib.crc32(task.encode()) % len(COLOURS)])
