"""Runs as text and as JSON; the names of fields are those of KFP's API where it has them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from kfp import units
from kfp.cli import tables, terminal
from kfp.cli.run_stream import state
from kfp.cli.tables import Column
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kfp.engine.records import RunRecord, TaskRecord
    from kfp.engine.result import RunResult

RUNS = (
    Column("RUN ID"),
    Column("NAME", weight=3),
    Column("STATE"),
    Column("EXPERIMENT", weight=0),
    Column("CREATED", weight=2),
    Column("DURATION", weight=1, right=True),
)
TASKS = (Column("TASK"), Column("STATE"), Column("DURATION", weight=1, right=True), Column("LOG", weight=0))
_REASONS = 5
_ERROR = "error: "


def run_row(run: RunRecord) -> tuple[str, ...]:
    """Return a run's line of `kfp run list`."""
    created = datetime.fromtimestamp(run.created_at, timezone.utc)
    return (short(run.id), run.name, run.state.value, run.experiment, units.moment(created), _length(run))


def short(run_id: str) -> str:
    """Return the beginning of a run's identifier, which is enough for `kfp run get`."""
    return run_id[:8]


def run_json(run: RunRecord, tasks: Iterable[TaskRecord] | None = None) -> dict[str, Any]:
    """Return a run as JSON, with its tasks where they are given."""
    data: dict[str, Any] = {
        "run_id": run.id,
        "display_name": run.name,
        "pipeline": run.pipeline,
        "experiment": run.experiment,
        "state": run.state.value,
        "created_at": _time(run.created_at),
        "finished_at": _time(run.finished_at),
        "arguments": dict(run.arguments),
        "outputs": dict(run.outputs or {}),
        "error": run.error,
        "directory": str(run.directory),
    }
    if tasks is not None:
        data["tasks"] = [_task_json(task) for task in tasks]
    return data


def show_run(run: RunRecord, tasks: Sequence[TaskRecord]) -> None:
    """Print a run with its tasks to stdout."""
    created = datetime.fromtimestamp(run.created_at, timezone.utc)
    took = f" in {_length(run)}" if run.state.ended and run.finished_at is not None else ""
    fields = [
        ("run ID", run.id),
        ("state", state(run.state) + took),
        ("pipeline", run.pipeline),
        ("experiment", run.experiment),
        ("created", units.moment(created)),
        *_continued("arguments", _assignments(run.arguments)),
        *_continued("outputs", _assignments(run.outputs or {})),
        ("files", str(run.directory)),
    ]
    tables.show_fields(run.name, fields)
    if tasks:
        terminal.data("")
        rows = [(task.path, task.state.value, _length(task), str(task.log or "-")) for task in tasks]
        tables.show(TASKS, rows)
    if run.error:
        terminal.data("")
        terminal.data(run.error)


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


def show_outputs(outputs: Mapping[str, Any]) -> None:
    """Print a run's outputs to stdout, a line each."""
    for line in _assignments(outputs):
        terminal.data(line)


def reason(result: RunResult) -> str:
    """Return in one line why a run ended badly: each step that failed, and the last line of what it said."""
    failed = [(path, task) for path, task in result.tasks.items() if task.state is State.FAILED]
    steps = [(path, task) for path, task in failed if not any(other.startswith(f"{path}/") for other, _ in failed)]
    reasons = [f"{path}: {gist(task.error)}" if task.error else path for path, task in steps]
    if len(reasons) > _REASONS:
        reasons[_REASONS:] = [f"and {len(reasons) - _REASONS} more"]
    return "; ".join(reasons) or gist(result.error or "") or "no step says why"


def gist(error: str) -> str:
    """Return the line of an error that says what is wrong: a traceback's last, one that says so, else the first."""
    lines = [line for line in error.splitlines() if line.strip()]
    if not lines:
        return ""
    if not error.startswith("Traceback"):
        told = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
        return told[-1] if told else lines[0]
    said = [line for line in lines if not line.startswith((" ", "Traceback"))]
    return said[-1] if said else lines[-1]


def _assignments(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items()]


def _value(value: Any) -> str:  # noqa: ANN401 a JSON value
    if isinstance(value, dict) and "uri" in value and "type" in value:
        return str(value["uri"])
    if isinstance(value, str) and value.isprintable():
        return value
    return json.dumps(value, ensure_ascii=False)


def _continued(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", click.unstyle(value)) for number, value in enumerate(values)]


def _length(record: RunRecord | TaskRecord) -> str:
    since = getattr(record, "started_at", None) or getattr(record, "created_at", None)
    if since is None or record.finished_at is None:
        return "-"
    return units.duration(max(0.0, record.finished_at - since))


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _task_json(task: TaskRecord) -> dict[str, Any]:
    return {
        "task": task.path,
        "display_name": task.display_name,
        "state": task.state.value,
        "attempt": task.attempt,
        "started_at": _time(task.started_at),
        "finished_at": _time(task.finished_at),
        "outputs": dict(task.outputs or {}),
        "error": task.error,
        "log": None if task.log is None else str(task.log),
    }
