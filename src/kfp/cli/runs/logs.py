"""`kfp run logs`: what the steps of a run wrote."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from kfp.cli import terminal
from kfp.cli.command import Command
from kfp.cli.runs.choice import complete_run, complete_task, find_run, find_tasks, open_store, takes_run
from kfp.cli.settings import current
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kfp.engine.records.record import RunRecord, TaskRecord
    from kfp.engine.records.store import Store


@takes_run
@click.command(
    "logs",
    cls=Command,
    examples=(
        "kfp run logs latest",
        "kfp run logs RUN_ID train --tail 20",
        "kfp run logs RUN_ID for-loop-1/3/train --attempt 1",
        "kfp run logs RUN_ID -f",
    ),
)
@click.argument("run_id", shell_complete=complete_run)
@click.argument("task", required=False, shell_complete=complete_task)
@click.option("-f", "--follow", is_flag=True, help="Go on printing while the run goes on.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="That attempt instead of the last one.")
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Only the last lines of each step.")
def logs(*, run_id: str, task: str | None, follow: bool, attempt: int | None, tail: int | None) -> None:
    """Print what the steps of a run wrote, of all of them or of a TASK and what is in it.

    TASK is a task's path, or as much of its end as tells it from the others: `train`, `for-loop-1/3/train`. Lines of
    several steps begin with the step's path.
    """
    current().require_embedded()
    if follow and (attempt is not None or tail is not None):
        raise click.UsageError("--follow prints everything: it goes with neither --attempt nor --tail")
    with open_store() as store:
        record = find_run(store, run_id)
        if follow and not record.state.ended:
            _follow(store, record, task)
            return
        _print(store.tasks(record.id), task, attempt, tail)


def _print(tasks: list[TaskRecord], said: str | None, attempt: int | None, tail: int | None) -> None:
    """Print the logs that there are."""
    from kfp.engine.log_text import overwritten

    chosen = tasks if said is None else find_tasks(tasks, said)
    steps = [(step, step.log) for step in chosen if step.log is not None]
    if not steps and said is not None:
        raise RunError(f"{chosen[0].path} has written nothing: its state is {chosen[0].state}")
    column = max((len(step.path) for step, _ in steps), default=0) if len(steps) > 1 or said is None else 0
    found = [
        (step, log if attempt is None else _of_attempt(step, log, attempt, is_only=len(steps) == 1))
        for step, log in steps
    ]
    if steps and all(path is None for _, path in found):
        raise RunError(f"no step has an attempt {attempt}", hint="`kfp run get` tells how many there were")
    for step, path in found:
        if path is None:
            continue
        try:
            for line in _lines(path, tail):
                terminal.data(_prefix(step.path, column) + overwritten(line))
        except FileNotFoundError:
            terminal.note(f"{step.path}: its log is gone: {path}")


def _lines(path: Path, tail: int | None) -> Iterator[str]:
    from kfp.cli.runs.log_tail import Tail, last_lines

    if tail is not None:
        return last_lines(path, tail)
    path.stat()
    return Tail(path).rest()


def _of_attempt(step: TaskRecord, log: Path, attempt: int, *, is_only: bool) -> Path | None:
    """Return the log of an attempt; without one, None where other steps may have it."""
    path = log.parents[1] / str(attempt) / log.name
    if path.exists():
        return path
    if is_only:
        raise RunError(f"{step.path} has no attempt {attempt}", hint=f"its last attempt is {step.attempt}")
    return None


def _follow(store: Store, run: RunRecord, said: str | None) -> None:
    """Print lines as they come, until the run has ended."""
    from kfp.cli.runs.follow import follow
    from kfp.cli.runs.outline import Outline
    from kfp.engine import events
    from kfp.engine.log_text import overwritten

    column, only = 0, _step(store, run, said)
    if only is None and said is not None and not (outline := Outline.of(run.directory)).knows(said):
        names = ", ".join(name for name, _ in outline.names)
        raise RunError(f"no task of the run is called {said!r}", hint=f"its tasks: {names}")
    displayed: set[str] = set()
    for event, _ in follow(store, run, past=True):
        if isinstance(event, (events.DagStarted, events.TaskStarted)) and event.display_name == said:
            displayed.add(event.task)
        if not isinstance(event, events.TaskLog):
            continue
        if only is not None and event.task == only:
            terminal.data(overwritten(event.line))
        elif only is None and (said is None or _is_meant(event.task, said) or _is_in(event.task, displayed)):
            column = max(column, len(event.task))
            terminal.data(_prefix(event.task, column) + overwritten(event.line))


def _step(store: Store, run: RunRecord, said: str | None) -> str | None:
    """Return the path of the one step that is meant, None where that cannot be told, or not yet."""
    if said is None:
        return None
    with contextlib.suppress(RunError):
        first = find_tasks(store.tasks(run.id), said)[0]
        return first.path if first.kind not in ("dag", "loop") else None
    return None


def _is_meant(path: str, said: str) -> bool:
    """Tell whether a task is the one that is meant, or in it; what has not started yet cannot be looked up."""
    return f"/{said.strip('/')}/" in f"/{path}/"


def _is_in(path: str, tasks: set[str]) -> bool:
    """Tell whether a task is one of these, or in one."""
    return path in tasks or any(path.startswith(f"{task}/") for task in tasks if task)


def _prefix(path: str, column: int) -> str:
    if not column:
        return ""
    from kfp.cli.runs.stream import named

    return f"{named(path, column)} | "
