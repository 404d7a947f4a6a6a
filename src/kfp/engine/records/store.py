"""The runs of this machine: one SQLite file in WAL mode, `<home>/runs.db`.

Every `save` is one transaction: once it returns, a kill of the process loses nothing of it, nor does a machine that
stops where the end of a run or a task is in it. The standard library's driver does it, with the few statements written
out: it loads in 3 ms where a library for databases takes longer than a step.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.layout import remove_run
from kfp.engine.records.database import RunDatabase
from kfp.engine.records.liveness import alive, seen_alive
from kfp.engine.records.query import RunQuery
from kfp.engine.records.record import Removed, RunRecord, TaskRecord
from kfp.engine.records.rows import run_record, task_record, upsert
from kfp.engine.states import State
from kfp.errors import RunError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

DIED = "the process that ran it ended before the run did"
"""The error of a run, and of its tasks, that nobody has ended."""


class Store:
    """The runs under a home directory; several processes may use it at the same time, one thread uses one `Store`.

    Args:
        home: the directory; it is made where it does not exist. Where this process may only read it, runs can be
            looked at, and nothing else.

    Raises:
        RunError: the file cannot be opened, or a newer version of the program wrote it.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._database = home, RunDatabase(home)
        self._died: dict[str, State] = {}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def save(self, records: Iterable[RunRecord | TaskRecord | Removed]) -> None:
        """Write records in one transaction, in order; a record replaces the one of the same run or task.

        Raises:
            RunError: the file cannot be written; then nothing of it is.
        """
        records = list(records)
        ends = any(not isinstance(record, Removed) and record.state.ended for record in records)
        with self._database.writing(synced=ends) as connection:
            for record in records:
                connection.execute(*(_removal(record) if isinstance(record, Removed) else upsert(record)))

    def runs(
        self, experiment: str | None = None, *, limit: int = 100, offset: int = 0, archived: bool = False
    ) -> list[RunRecord]:
        """Return runs, the newest first.

        Args:
            experiment: only those of this experiment.
            limit: how many at most.
            offset: how many to leave out first.
            archived: those that are archived instead of those that are not.
        """
        return self.find(RunQuery(experiment=experiment, archived=archived, limit=limit, offset=offset))

    def find(self, query: RunQuery) -> list[RunRecord]:
        """Return the runs that a query chooses, in its order."""
        if query.states:  # a run that was killed is in the state it was in until somebody looks
            for row in self._database.rows("SELECT * FROM runs WHERE state IN ('PENDING', 'RUNNING', 'CANCELING')", {}):
                self._settled(run_record(row))
        return [self._settled(run_record(row)) for row in self._database.rows(*query.statement())]

    def named(self, name: str) -> list[RunRecord]:
        """Return the runs of a name, the newest first."""
        rows = self._database.rows("SELECT * FROM runs WHERE name = :name ORDER BY created_at DESC, id", {"name": name})
        return [self._settled(run_record(row)) for row in rows]

    def run(self, run_id: str, *, as_it_is: bool = False) -> RunRecord | None:
        """Return a run by its identifier or by an unambiguous beginning of it, None where there is none.

        Args:
            run_id: the identifier.
            as_it_is: do not mark a run as failed whose process is gone.

        Raises:
            RunError: several runs begin like that.
        """
        beginning = "SELECT * FROM runs WHERE substr(id, 1, length(:id)) = :id ORDER BY id LIMIT 2"
        rows = self._database.rows(beginning, {"id": run_id}) if run_id else []
        if len(rows) > 1 and rows[0]["id"] != run_id:
            raise RunError(f"several runs begin with {run_id!r}", hint="give more of the identifier")
        if not rows:
            return None
        return run_record(rows[0]) if as_it_is else self._settled(run_record(rows[0]))

    def unfinished(self, document: str, arguments: str, name: str | None = None) -> RunRecord | None:
        """Return the newest run of a document with the same arguments that did not succeed, None where there is none.

        Args:
            document: the document's digest.
            arguments: the arguments as the store keeps them: JSON text.
            name: the run's name; None takes any.
        """
        rows = self._database.rows(
            "SELECT * FROM runs WHERE document = :document AND arguments = :arguments"
            " AND (:name IS NULL OR name = :name) AND state <> 'SUCCEEDED' ORDER BY created_at DESC, id LIMIT 1",
            {"document": document, "arguments": arguments, "name": name},
        )
        return self._settled(run_record(rows[0])) if rows else None

    def tasks(self, run_id: str) -> list[TaskRecord]:
        """Return the tasks of a run in the order in which they started."""
        started = "SELECT * FROM tasks WHERE run_id = :id ORDER BY coalesce(started_at, finished_at), path"
        return [self._task(row) for row in self._database.rows(started, {"id": run_id})]

    def changed_tasks(self, run_id: str, since: float) -> list[TaskRecord]:
        """Return the tasks of a run that started or ended at or after a moment, in the order of `tasks`.

        Those that ended with their process come every time: nobody knows when that was.
        """
        if run_id in self._died:
            return self.tasks(run_id)
        changed = (
            "SELECT * FROM tasks WHERE run_id = :id AND (started_at >= :since OR finished_at >= :since"
            " OR finished_at IS NULL AND state NOT IN ('PENDING', 'RUNNING'))"
            " ORDER BY coalesce(started_at, finished_at), path"
        )
        return [task_record(row) for row in self._database.rows(changed, {"id": run_id, "since": since})]

    def takers(self, run_id: str) -> list[str]:
        """Return the other runs that took outputs of this one from the cache, and have no copies of its artifacts."""
        took = "SELECT DISTINCT run_id FROM tasks WHERE run_id <> :id AND cache LIKE :hit ORDER BY run_id"
        return [row["run_id"] for row in self._database.rows(took, {"id": run_id, "hit": f'%"run": "{run_id}"%'})]

    def archive(self, run_id: str, archived: bool = True) -> None:
        """Put a run out of the way of lists, or back into them.

        Args:
            run_id: the whole identifier.
            archived: whether lists leave it out.
        """
        with self._database.writing(synced=False) as connection:
            change = "UPDATE runs SET archived = :archived WHERE id = :id"
            connection.execute(change, {"archived": archived, "id": run_id})

    def delete(self, run_id: str) -> None:
        """Delete a run: its directory, its own directory of artifacts on this machine, and last its records.

        Args:
            run_id: the whole identifier; a run that is not there is deleted already.

        Raises:
            RunError: the run is running, or a file cannot be deleted; deleting it again goes on.
        """
        row = self._database.rows("SELECT * FROM runs WHERE id = :id", {"id": run_id})
        if not row:
            return
        record = run_record(row[0])
        with self._database.errors(), contextlib.ExitStack() as held:
            self._database.connection.execute("DELETE FROM runs WHERE 0")  # where no record may go, no file may
            if record.directory.is_dir():
                held.enter_context(alive(record.directory))
            try:
                remove_run(record, self._home)
            except OSError as error:
                told = f"run {run_id} cannot be deleted: {error}"
                raise RunError(told, hint="check the rights of its files, then delete it again") from error
            with self._database.writing(synced=True) as connection:
                connection.execute("DELETE FROM runs WHERE id = :id", {"id": run_id})

    def end(self, run: RunRecord, state: State, error: str) -> RunRecord:
        """Mark a run whose process is gone as ended, with its tasks that had not; return what it is now.

        Args:
            run: as it was read; where it is in another state by now, it stays in that.
            state: how it has ended.
            error: why.

        Raises:
            RunError: the file cannot be written.
        """
        values = {"id": run.id, "was": run.state, "state": state, "error": error}
        with self._database.writing(synced=True) as connection:
            changed = connection.execute(
                "UPDATE runs SET state = :state, error = :error WHERE id = :id AND state = :was", values
            )
            if changed.rowcount:
                connection.execute(
                    "UPDATE tasks SET state = :state, error = :error"
                    " WHERE run_id = :id AND state IN ('PENDING', 'RUNNING')",
                    values,
                )
            row = connection.execute("SELECT * FROM runs WHERE id = :id", values).fetchone()
        return run_record(row) if row is not None else run

    def _settled(self, run: RunRecord) -> RunRecord:
        """Return the run; one whose process was killed is marked as ended, now that somebody asks."""
        self._died.pop(run.id, None)
        if run.state.ended:
            return run
        with seen_alive(run.directory) as living:
            if living:
                return run
            ended = State.CANCELED if run.state is State.CANCELING else State.FAILED
            try:
                return self.end(run, ended, DIED)
            except RunError:  # a full disk, or one that is only read: it is true all the same
                self._died[run.id] = ended
                return replace(run, state=ended, error=DIED)

    def _task(self, row: sqlite3.Row) -> TaskRecord:
        """Return a task's record; one whose run has died has died with it, whether that could be written or not."""
        task = task_record(row)
        state = self._died.get(task.run_id)
        return task if state is None or task.state.ended else replace(task, state=state, error=DIED)


def _removal(removed: Removed) -> tuple[str, dict[str, Any]]:
    """Return the statement that forgets tasks, and its values."""
    if removed.path is None:
        statement = "DELETE FROM tasks WHERE run_id = :id AND state <> 'SUCCEEDED'"
    else:  # '0' follows '/', so this is the task and whatever is below it
        statement = (
            "DELETE FROM tasks WHERE run_id = :id AND (path = :path OR path > :path || '/' AND path < :path || '0')"
        )
    return statement, {"id": removed.run_id, "path": removed.path}
