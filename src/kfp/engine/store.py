"""The runs of this machine: one SQLite file in WAL mode, `<home>/runs.db`.

Every `save` is one transaction, on the disk when it returns: a kill loses nothing of it. The standard library's driver
does it, with the few statements written out: it loads in 3 ms where a library for databases takes longer than a step.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kfp.engine.liveness import is_alive
from kfp.engine.records import RunRecord, TaskRecord
from kfp.engine.states import State
from kfp.errors import RunError
from kfp.filelock import locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SCHEMA_VERSION = 1
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS runs (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        pipeline TEXT NOT NULL,
        experiment TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at FLOAT NOT NULL,
        finished_at FLOAT,
        arguments TEXT NOT NULL,
        outputs TEXT,
        error TEXT,
        directory TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS ix_runs_experiment ON runs (experiment)",
    "CREATE INDEX IF NOT EXISTS ix_runs_created_at ON runs (created_at)",
    """CREATE TABLE IF NOT EXISTS tasks (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        display_name TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        started_at FLOAT,
        finished_at FLOAT,
        outputs TEXT,
        error TEXT,
        log TEXT,
        PRIMARY KEY (run_id, path)
    )""",
)
_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON")
_BUSY_SECONDS = 30


class Store:
    """The runs under a home directory; several processes may use it at the same time, one thread uses one `Store`.

    Args:
        home: the directory; it is made where it does not exist.

    Raises:
        RunError: the file cannot be opened, or a newer version of the program wrote it.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "runs.db"
        with contextlib.ExitStack() as undo, self._errors():
            home.mkdir(parents=True, exist_ok=True)
            # Without an isolation level the driver begins no transactions of its own.
            self._database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            undo.callback(self._database.close)
            self._database.row_factory = sqlite3.Row
            # SQLite's own waiting does not cover the change to WAL mode, which the first connection makes.
            with locked(home / "runs.lock"):
                self._prepare()
            undo.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def save(self, records: Iterable[RunRecord | TaskRecord]) -> None:
        """Write records in one transaction; a record replaces the one of the same run or task.

        Raises:
            RunError: the file cannot be written.
        """
        with self._errors(), self._writing():
            for record in records:
                self._database.execute(*_upsert(record))

    def runs(self, experiment: str | None = None, *, limit: int = 100, offset: int = 0) -> list[RunRecord]:
        """Return runs, the newest first.

        Args:
            experiment: only those of this experiment.
            limit: how many at most.
            offset: how many to leave out first.
        """
        rows = self._all(
            "SELECT * FROM runs WHERE :experiment IS NULL OR experiment = :experiment"
            " ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset",
            {"experiment": experiment, "limit": limit, "offset": offset},
        )
        return [self._settled(_run_record(row)) for row in rows]

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run by its identifier or by an unambiguous beginning of it, None where there is none.

        Raises:
            RunError: several runs begin like that.
        """
        beginning = "SELECT * FROM runs WHERE substr(id, 1, length(:id)) = :id ORDER BY id LIMIT 2"
        rows = self._all(beginning, {"id": run_id}) if run_id else []
        if len(rows) > 1 and rows[0]["id"] != run_id:
            raise RunError(f"several runs begin with {run_id!r}", hint="give more of the identifier")
        return self._settled(_run_record(rows[0])) if rows else None

    def tasks(self, run_id: str) -> list[TaskRecord]:
        """Return the tasks of a run in the order in which they started."""
        started = "SELECT * FROM tasks WHERE run_id = :id ORDER BY coalesce(started_at, finished_at), path"
        return [_task_record(row) for row in self._all(started, {"id": run_id})]

    def _prepare(self) -> None:
        for setting in _SETTINGS:
            self._database.execute(setting)
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise RunError(f"{self._path} was written by a newer version of this program", hint="upgrade kfp-skiff")
        if version < _SCHEMA_VERSION:
            with self._writing():
                for statement in _SCHEMA:
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def _all(self, query: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        with self._errors():
            return self._database.execute(query, values).fetchall()

    def _settled(self, run: RunRecord) -> RunRecord:
        """Return the run; one whose process was killed is marked as failed, now that somebody asks."""
        if run.state.ended or is_alive(run.directory):
            return run
        told = "the process that ran it ended before the run did"
        values = {"id": run.id, "was": run.state, "failed": State.FAILED, "told": told}
        with self._errors(), self._writing():
            self._database.execute(
                "UPDATE runs SET state = :failed, error = :told WHERE id = :id AND state = :was", values
            )
            self._database.execute(
                "UPDATE tasks SET state = :failed, error = :told"
                " WHERE run_id = :id AND state IN ('PENDING', 'RUNNING')",
                values,
            )
            return _run_record(self._database.execute("SELECT * FROM runs WHERE id = :id", values).fetchone())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold a transaction that takes its turn at once, so that nothing it has read changes before it writes."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise RunError(
                f"the store of runs, {self._path}, cannot be used: {error}", hint="check the disk, or set KFP_HOME"
            ) from error


def _upsert(record: RunRecord | TaskRecord) -> tuple[str, dict[str, object]]:
    """Return the statement that writes a record, and its values; the columns are named like the record's fields."""
    row = {name: _column(value) for name, value in msgspec.structs.asdict(record).items()}
    table, keys = ("runs", ("id",)) if isinstance(record, RunRecord) else ("tasks", ("run_id", "path"))
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name not in keys)
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - no name comes from outside
    return f"{statement} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}", row


def _column(value: object) -> object:
    if isinstance(value, State):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _run_record(row: sqlite3.Row) -> RunRecord:
    return RunRecord(
        **{
            **dict(row),
            "state": State(row["state"]),
            "directory": Path(row["directory"]),
            "arguments": json.loads(row["arguments"]),
            "outputs": json.loads(row["outputs"]) if row["outputs"] else None,
        }
    )


def _task_record(row: sqlite3.Row) -> TaskRecord:
    return TaskRecord(
        **{
            **dict(row),
            "state": State(row["state"]),
            "outputs": json.loads(row["outputs"]) if row["outputs"] else None,
            "log": Path(row["log"]) if row["log"] else None,
        }
    )
