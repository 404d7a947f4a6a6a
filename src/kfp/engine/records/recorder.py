"""Takes what a run does for the store, and has it on the disk before anybody is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kfp.engine.records.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.engine.records.record import Removed, RunRecord, TaskRecord


class Recorder(Protocol):
    """Where a run's records go."""

    def add(self, record: RunRecord | TaskRecord | Removed) -> None:
        """Take a record; a later one of the same run or task replaces it, and `Removed` forgets it."""

    def commit(self) -> None:
        """Return once everything that was added is on the disk."""

    def close(self) -> None:
        """Commit, and let go of the store."""


class StoreRecorder:
    """Records into the store of a home directory.

    Args:
        home: the directory of the store.

    Raises:
        RunError: the store cannot be opened.
    """

    def __init__(self, home: Path) -> None:
        self._store = Store(home)
        self._pending: list[RunRecord | TaskRecord | Removed] = []

    def add(self, record: RunRecord | TaskRecord | Removed) -> None:
        """Take a record for the next commit."""
        self._pending.append(record)

    def commit(self) -> None:
        """Write what was added since the last time in one transaction.

        Raises:
            RunError: the store cannot be written.
        """
        if self._pending:
            self._store.save(self._pending)
            self._pending = []

    def close(self) -> None:
        """Commit, and close the store."""
        try:
            self.commit()
        finally:
            self._store.close()


class NoRecorder:
    """Forgets everything: for tests of the run itself."""

    def add(self, record: RunRecord | TaskRecord | Removed) -> None:
        """Forget it."""

    def commit(self) -> None:
        """There is nothing to write."""

    def close(self) -> None:
        """There is nothing to close."""
