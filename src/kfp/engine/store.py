"""The runs of this machine: one SQLite file in WAL mode, `<home>/runs.db`, through SQLAlchemy Core.

Every `save` is one transaction. SQLAlchemy takes a while to import, so nothing imports this module before it has to.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from kfp.engine.liveness import is_alive, locked
from kfp.engine.records import RunRecord, TaskRecord
from kfp.engine.states import State
from kfp.errors import RunError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

_SCHEMA_VERSION = 1
_BUSY_SECONDS = 30
_READING = "kfp_reading"

_metadata = sa.MetaData()
_runs = sa.Table(
    "runs",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("experiment", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
    sa.Column("finished_at", sa.Float),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("outputs", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("directory", sa.Text, nullable=False),
)
_tasks = sa.Table(
    "tasks",
    _metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("finished_at", sa.Float),
    sa.Column("outputs", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("log", sa.Text),
)


class Store:
    """The runs under a home directory; several processes may use it at the same time.

    Args:
        home: the directory; it is made where it does not exist.

    Raises:
        RunError: the file cannot be opened, or a newer version of the program wrote it.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "runs.db"
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(
                sa.URL.create("sqlite", database=str(self._path)), connect_args={"timeout": _BUSY_SECONDS}
            )
            sa.event.listen(self._engine, "connect", _configure)
            sa.event.listen(self._engine, "begin", _begin)
            # SQLite's own waiting does not cover the change to WAL mode, which the first connection makes.
            with locked(home / "runs.lock"), self._engine.begin() as connection:
                version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                if version > _SCHEMA_VERSION:
                    raise RunError(
                        f"{self._path} was written by a newer version of this program", hint="upgrade kfp-skiff"
                    )
                if version < _SCHEMA_VERSION:
                    _metadata.create_all(connection)
                    connection.exec_driver_sql(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        except (OSError, sa.exc.SQLAlchemyError) as error:
            raise _unreadable(self._path, error) from error

    def close(self) -> None:
        """Close every connection to the file."""
        self._engine.dispose()

    def save(self, records: Iterable[RunRecord | TaskRecord]) -> None:
        """Write records in one transaction; a record replaces the one of the same run or task.

        Raises:
            RunError: the file cannot be written.
        """
        try:
            with self._engine.begin() as connection:
                for record in records:
                    _save(connection, record)
        except sa.exc.SQLAlchemyError as error:
            raise _unreadable(self._path, error) from error

    def runs(self, experiment: str | None = None, *, limit: int = 100, offset: int = 0) -> list[RunRecord]:
        """Return runs, the newest first.

        Args:
            experiment: only those of this experiment.
            limit: how many at most.
            offset: how many to leave out first.
        """
        query = sa.select(_runs).order_by(_runs.c.created_at.desc(), _runs.c.id).limit(limit).offset(offset)
        if experiment is not None:
            query = query.where(_runs.c.experiment == experiment)
        return [self._settled(_run_record(row)) for row in self._all(query)]

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run by its identifier or by an unambiguous beginning of it, None where there is none.

        Raises:
            RunError: several runs begin like that.
        """
        beginning = _runs.c.id.startswith(run_id, autoescape=True)
        rows = self._all(sa.select(_runs).where(beginning).order_by(_runs.c.id).limit(2)) if run_id else []
        if len(rows) > 1 and rows[0]["id"] != run_id:
            raise RunError(f"several runs begin with {run_id!r}", hint="give more of the identifier")
        return self._settled(_run_record(rows[0])) if rows else None

    def tasks(self, run_id: str) -> list[TaskRecord]:
        """Return the tasks of a run in the order in which they started."""
        query = sa.select(_tasks).where(_tasks.c.run_id == run_id)
        started = sa.func.coalesce(_tasks.c.started_at, _tasks.c.finished_at)
        return [_task_record(row) for row in self._all(query.order_by(started, _tasks.c.path))]

    def _all(self, query: sa.Select[Any]) -> list[Mapping[str, Any]]:
        try:
            with self._engine.execution_options(**{_READING: True}).connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except sa.exc.SQLAlchemyError as error:
            raise _unreadable(self._path, error) from error

    def _settled(self, run: RunRecord) -> RunRecord:
        """Return the run; one whose process was killed is marked as failed, now that somebody asks."""
        if run.state.ended or is_alive(run.directory):
            return run
        told = "the process that ran it ended before the run did"
        dead = {"state": State.FAILED.value, "error": told}
        unchanged = (_runs.c.id == run.id) & (_runs.c.state == run.state.value)
        still_open = (_tasks.c.run_id == run.id) & _tasks.c.state.in_([State.PENDING.value, State.RUNNING.value])
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.update(_runs).where(unchanged).values(**dead))
                connection.execute(sa.update(_tasks).where(still_open).values(**dead))
                row = connection.execute(sa.select(_runs).where(_runs.c.id == run.id)).mappings().one()
                return _run_record(dict(row))
        except sa.exc.SQLAlchemyError as error:
            raise _unreadable(self._path, error) from error


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions late, and none around a schema's changes
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction; one that writes takes its turn at once, so that nothing it has read changes before."""
    reads = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _save(connection: sa.Connection, record: RunRecord | TaskRecord) -> None:
    row = {name: _column(value) for name, value in vars(record).items()}
    table, keys = (_runs, ("id",)) if isinstance(record, RunRecord) else (_tasks, ("run_id", "path"))
    changed = {name: value for name, value in row.items() if name not in keys}
    statement = insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=changed)
    connection.execute(statement)


def _column(value: object) -> object:
    if isinstance(value, State):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _run_record(row: Mapping[str, Any]) -> RunRecord:
    return RunRecord(
        **{
            **row,
            "state": State(row["state"]),
            "directory": Path(row["directory"]),
            "arguments": json.loads(row["arguments"]),
            "outputs": json.loads(row["outputs"]) if row["outputs"] else None,
        }
    )


def _task_record(row: Mapping[str, Any]) -> TaskRecord:
    return TaskRecord(
        **{
            **row,
            "state": State(row["state"]),
            "outputs": json.loads(row["outputs"]) if row["outputs"] else None,
            "log": Path(row["log"]) if row["log"] else None,
        }
    )


def _unreadable(path: Path, error: Exception) -> RunError:
    reason = getattr(error, "orig", None) or error
    return RunError(f"the store of runs, {path}, cannot be used: {reason}", hint="check the disk, or set KFP_HOME")
