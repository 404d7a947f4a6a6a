"""What a run looks like while it goes on: one line an event on stderr, each under its task's name.

run 0b8f… of math-pipeline, experiment Default
add   started
add | a line that the step wrote
add   SUCCEEDED in 0.05 s
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import click

from kfp.cli import terminal
from kfp.engine import events
from kfp.engine.states import State
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        tasks: the names of tasks that are known beforehand, so that the lines stand under each other from the start.
    """

    def __init__(self, tasks: Sequence[str] = ()) -> None:
        self._width = max(map(len, tasks), default=0)
        self._started: set[str] = set()

    def __call__(self, event: events.Event) -> None:
        """Write one event."""
        if isinstance(event, events.RunStarted):
            terminal.log(f"run {event.run_id} of {event.pipeline}, experiment {event.experiment}")
        elif isinstance(event, events.TaskStarted):
            self._started.add(event.task)
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            self._line(event.task, f"  started{again}")
        elif isinstance(event, events.TaskLog):
            self._line(event.task, f"| {event.line}")
        elif isinstance(event, events.TaskNotice):
            self._line(event.task, f"  {click.style('note', fg='cyan')}: {event.message}")
        elif isinstance(event, events.TaskRetried):
            self._line(event.task, f"  {click.style('FAILED', fg='yellow')}, once more in {duration(event.delay)}")
        elif isinstance(event, events.TaskFinished):
            self._finished(event)

    def _finished(self, event: events.TaskFinished) -> None:
        if event.task not in self._started and event.state is State.SUCCEEDED:
            return  # a DAG's success is that of its steps, which were told
        time = f" in {duration(event.seconds)}" if event.task in self._started else ""
        # A traceback was among the step's lines; other errors are the engine's, which nobody has said yet.
        why = "" if event.error is None or event.error.startswith("Traceback") else f": {event.error.splitlines()[0]}"
        self._line(event.task, f"  {state(event.state)}{time}{why}")

    def _line(self, task: str, text: str) -> None:
        self._width = max(self._width, len(task))
        colour = COLOURS[zlib.crc32(task.encode()) % len(COLOURS)]
        terminal.log(f"{click.style(task.ljust(self._width), fg=colour)} {text}")


def state(value: State) -> str:
    """Return a state, in its colour."""
    return click.style(value.value, fg=STATE_COLOURS.get(value))
