"""Records as rows of the store: the columns are named like the records' fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.states import State

if TYPE_CHECKING:
    import sqlite3

_JSON = ("arguments", "outputs", "inputs", "cache")
_PATHS = ("directory", "log")


def upsert(record: RunRecord | TaskRecord) -> tuple[str, dict[str, object]]:
    """Return the statement that writes a record in place of the one of the same run or task, and its values."""
    row = {name: _column(getattr(record, name)) for name in record.__struct_fields__}
    return _STATEMENTS[type(record)], row


def run_record(row: sqlite3.Row) -> RunRecord:
    """Return the run that a row keeps."""
    values = _values(row)
    return RunRecord(**{**values, "archived": bool(values["archived"])})


def task_record(row: sqlite3.Row) -> TaskRecord:
    """Return the task that a row keeps."""
    return TaskRecord(**_values(row))


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Return arguments as the store keeps them."""
    return json.dumps(dict(arguments))


def _statement(kind: type[msgspec.Struct], table: str, keys: tuple[str, ...]) -> str:
    names = kind.__struct_fields__
    fixed = (*keys, "archived")  # a run does not take back that it was archived meanwhile
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    values = ", ".join(f":{name}" for name in names)
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608 - no name comes from outside
    return f"{insert} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"


_STATEMENTS = {
    RunRecord: _statement(RunRecord, "runs", ("id",)),
    TaskRecord: _statement(TaskRecord, "tasks", ("run_id", "path")),
}


def _column(value: object) -> object:
    if isinstance(value, State):
        return value.value
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, str):
        return value if _is_text(value) else value.encode("utf-8", "surrogatepass")
    return arguments_text(value) if isinstance(value, Mapping) else value


def _values(row: sqlite3.Row) -> dict[str, Any]:
    values: dict[str, Any] = {name: _told(row[name]) for name in row.keys()}  # noqa: SIM118 - a row iterates over values
    values["state"] = State(values["state"])
    for name in _JSON:
        if values.get(name) is not None:
            values[name] = json.loads(values[name])
    for name in _PATHS:
        if values.get(name) is not None:
            values[name] = Path(values[name])
    return values


def _is_text(value: str) -> bool:
    """Tell whether a text is one that SQLite takes; halves of characters come from JSON and from names of files."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(value: object) -> object:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
