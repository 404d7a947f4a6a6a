"""Runs as text and as JSON; the names of fields are those of KFP's API where it has them."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from kfp import units
from kfp.cli import tables, terminal
from kfp.cli.runs.stream import state
from kfp.cli.tables import Column
from kfp.engine.addresses import redacted
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kfp.engine.records.record import RunRecord, TaskRecord

_MOST_ON_A_TERMINAL = 2000

RUNS = (
    Column("RUN ID"),
    Column("NAME", weight=3),
    Column("STATE", style=lambda value: state(State(value))),
    Column("EXPERIMENT", weight=0),
    Column("CREATED", weight=2),
    Column("DURATION", weight=1, right=True),
)


def run_row(run: RunRecord) -> tuple[str, ...]:
    """Return a run's line of `kfp run list`."""
    created = units.utc(run.created_at)
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
        "archived": run.archived,
        "retried": run.retried,
    }
    if tasks is not None:
        data["tasks"] = [task_json(task) for task in tasks]
    return data


def show_run(run: RunRecord) -> None:
    """Print what is known of a run as a whole to stdout."""
    created = units.utc(run.created_at)
    took = f" in {_length(run)}" if run.state.ended and run.finished_at is not None else ""
    again = f", retried {run.retried} times" if run.retried > 1 else ", retried once" if run.retried else ""
    fields = [
        ("run ID", run.id),
        ("state", state(run.state) + took + again + (", archived" if run.archived else "")),
        ("pipeline", run.pipeline),
        ("experiment", run.experiment),
        ("created", units.moment(created)),
        *_continued("arguments", assignments(run.arguments)),
        *_continued("outputs", assignments(run.outputs or {})),
        ("files", str(run.directory)),
    ]
    tables.show_fields(run.name, fields)


def show_task(task: TaskRecord) -> None:
    """Print what is known of a task to stdout."""
    inputs = task.inputs or {}
    took = f" in {_length(task)}" if task.state.ended and task.finished_at and task.started_at else ""
    cache = task.cache or {}
    fields = [
        ("state", state(task.state) + took),
        *([("attempts", str(task.attempt))] if task.attempt else []),
        *([("cache", ": ".join(str(cache[name]) for name in ("state", "reason") if cache.get(name)))] if cache else []),
        *_continued("inputs", assignments({**inputs.get("parameters", {}), **inputs.get("artifacts", {})})),
        *_continued("outputs", assignments(task.outputs or {})),
        *([("log", str(task.log))] if task.log else []),
    ]
    tables.show_fields(task.path, fields)
    if task.error:
        terminal.data(f"\n{task.error}")


def assignments(values: Mapping[str, Any]) -> list[str]:
    """Return values as lines, `name = value`, without the passwords of URIs in them.

    Megabytes would push all else off a terminal: there the end of a long value is left out, elsewhere nothing is.
    """
    most = _MOST_ON_A_TERMINAL if sys.stdout.isatty() else None
    return [f"{name} = {_shortened(redacted(_value(value)), most)}" for name, value in values.items()]


def _shortened(text: str, most: int | None) -> str:
    if most is None or len(text) <= most:
        return text
    return f"{text[:most]}… {len(text) - most:,} more characters, which `kfp run get --output json` tells"


def _value(value: Any) -> str:  # noqa: ANN401 a JSON value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "type" in value[0]:
        value = value[0]  # an input that is an artifact
    if isinstance(value, dict) and "uri" in value and "type" in value:
        return str(value["uri"])
    if isinstance(value, str) and value.isprintable():
        return value
    return json.dumps(value, ensure_ascii=False)


def _continued(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", click.unstyle(value)) for number, value in enumerate(values)]


def _length(record: RunRecord | TaskRecord) -> str:
    since = getattr(record, "started_at", None) or getattr(record, "created_at", None)
    until = record.finished_at if record.state.ended else time.time()
    return "-" if since is None or until is None else units.duration(max(0.0, until - since))


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return units.rfc3339(units.utc(seconds))


def task_json(task: TaskRecord) -> dict[str, Any]:
    """Return a task as JSON."""
    return {
        "task": task.path,
        "display_name": task.display_name,
        "state": task.state.value,
        "kind": task.kind,
        "attempt": task.attempt,
        "started_at": _time(task.started_at),
        "finished_at": _time(task.finished_at),
        "inputs": task.inputs,
        "outputs": dict(task.outputs or {}),
        "cache": task.cache,
        "error": task.error,
        "log": None if task.log is None else str(task.log),
    }
