"""Writes what a run does into the store, in transactions; loads the database's library while the first step runs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kfp.engine.records import RunRecord, TaskRecord
    from kfp.engine.store import Store


class Recorder(Protocol):
    """Where a run's records go."""

    def add(self, record: RunRecord | TaskRecord) -> None:
        """Take a record; a later one of the same run or task replaces it."""

    def commit(self, *, wait: bool = True) -> None:
        """Return once everything that was added is on the disk; without `wait`, write what can be written now."""

    def close(self) -> None:
        """Commit, and let go of the store."""


class StoreRecorder:
    """Records into the store of a home directory.

    Importing SQLAlchemy takes longer than a short step, so a thread does it; `commit` waits for it.

    Args:
        home: the directory of the store.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._pending: list[RunRecord | TaskRecord] = []
        self._writing = threading.Lock()
        self._store: Store | None = None
        self._failure: BaseException | None = None
        self._opening = threading.Thread(target=self._open, name="opening the store of runs", daemon=True)
        self._opening.start()

    def add(self, record: RunRecord | TaskRecord) -> None:
        """Take a record for the next commit."""
        with self._writing:
            self._pending.append(record)

    def commit(self, *, wait: bool = True) -> None:
        """Write what was added since the last time in one transaction.

        Args:
            wait: wait for the store to be open; otherwise the records are written as soon as it is.

        Raises:
            RunError: the store cannot be opened or written.
        """
        if not self._pending or (not wait and self._opening.is_alive()):
            return
        self._opening.join()
        if self._failure is not None:
            raise self._failure
        self._write()

    def close(self) -> None:
        """Commit, and close the store."""
        self._opening.join()
        try:
            self.commit()
        finally:
            if self._store is not None:
                self._store.close()

    def _write(self) -> None:
        with self._writing:
            records, self._pending = self._pending, []
            if records and self._store is not None:
                self._store.save(records)

    def _open(self) -> None:
        try:
            from kfp.engine.store import Store  # noqa: PLC0415 - this import is what the thread is for

            self._store = Store(self._home)
            self._write()
        except BaseException as error:  # told to whoever commits
            self._failure = error


class NoRecorder:
    """Forgets everything: for tests of the run itself."""

    def add(self, record: RunRecord | TaskRecord) -> None:
        """Forget it."""

    def commit(self, *, wait: bool = True) -> None:
        """There is nothing to write."""

    def close(self) -> None:
        """There is nothing to close."""
