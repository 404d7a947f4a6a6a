"""What is printed after a run: its outputs, how it ended, and where to look if that was badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.cli import terminal
from kfp.cli.runs.failures import gist
from kfp.cli.runs.paths import innermost
from kfp.cli.runs.records import assignments, short
from kfp.cli.runs.stream import state
from kfp.cli.settings import current
from kfp.engine.states import State
from kfp.units import duration

if TYPE_CHECKING:
    from kfp.engine.records.record import RunRecord
    from kfp.engine.result import RunResult

_MOST_REASONS = 5


def conclude(result: RunResult, seconds: float) -> int:
    """Print how a run ended and return the exit code of the command.

    Args:
        result: how it ended.
        seconds: how long it took.
    """
    if current().json:
        terminal.data_json(result_json(result))
    else:
        for line in assignments(result.outputs):
            terminal.data(line)
    ended = f"run {result.run_id} {state(result.state)} in {duration(seconds)}"
    if result.state is State.CANCELED:
        why = f": {result.error}" if result.error and result.signal is None else ""
        ended += f"{why}; `kfp run retry {short(result.run_id)}` goes on from there"
    terminal.log(ended)
    if result.state is State.SUCCEEDED:
        return 0
    if result.state is State.FAILED:
        terminal.error(reason(result), hint(result))
    return 1 if result.signal is None else 128 + result.signal


def conclude_watch(run: RunRecord) -> int:
    """Print how a run of another process ended, and return the exit code.

    Args:
        run: its record.
    """
    for line in assignments(run.outputs or {}):
        terminal.data(line)
    took = "" if run.finished_at is None else f" in {duration(run.finished_at - run.created_at)}"
    why = f": {run.error}" if run.error and run.finished_at is None else ""  # nobody was there to say it of a task
    terminal.log(f"run {run.id} {state(run.state)}{took}{why}")
    return 0 if run.state is State.SUCCEEDED else 1


def result_json(result: RunResult) -> dict[str, Any]:
    """Return how a run ended as JSON."""
    return {
        "run_id": result.run_id,
        "state": result.state.value,
        "outputs": dict(result.outputs),
        "error": result.error,
        "tasks": {
            path: {"state": task.state.value, "error": task.error, "log": None if task.log is None else str(task.log)}
            for path, task in result.tasks.items()
        },
    }


def reason(result: RunResult) -> str:
    """Return in one line why a run ended badly: each step that failed, and the last line of what it said."""
    alike: dict[str, list[str]] = {}
    for path in innermost(path for path, task in result.tasks.items() if task.state is State.FAILED):
        alike.setdefault(gist(result.tasks[path].error or ""), []).append(path)
    reasons = []
    for said, (first, *others) in list(alike.items())[:_MOST_REASONS]:
        steps = f"{first} and {len(others)} more" if others else first
        reasons.append(f"{steps}: {said}" if said else steps)
    if len(alike) > _MOST_REASONS:
        reasons.append(f"and {sum(map(len, list(alike.values())[_MOST_REASONS:]))} more")
    return "; ".join(reasons) or gist(result.error or "") or "no step says why"


def hint(result: RunResult) -> str:
    """Return what to do about a failed run."""
    run = short(result.run_id)
    logged = innermost(path for path, task in result.tasks.items() if task.state is State.FAILED and task.log)
    if logged:
        return f"`kfp run logs {run} {logged[0]}` shows what it wrote, `kfp run retry {run}` goes on from there"
    return f"`kfp run get {run}` shows all tasks, `kfp run retry {run}` goes on from there"
