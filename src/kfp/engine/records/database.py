"""The SQLite file that holds the runs of this machine: opened, asked, and written in transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from kfp.engine.frozen_store import frozen, open_frozen
from kfp.engine.records import schema
from kfp.errors import RunError
from kfp.filelock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON")
_BUSY_SECONDS = 30
_LITTLE_ROOM = 1 << 20


class RunDatabase:
    """`runs.db` in a home directory; one thread uses one `RunDatabase`.

    Args:
        home: the directory; it is made where it does not exist. Where this process may only read it, nothing can be
            written.

    Raises:
        RunError: the file cannot be opened, or a newer version of the program wrote it.
    """

    connection: sqlite3.Connection

    def __init__(self, home: Path) -> None:
        self._home, self._path = home, home / "runs.db"
        self._is_full = False
        if frozen(self._path):
            with self.errors():
                self.connection = open_frozen(self._path, schema.VERSION)
            return
        with contextlib.ExitStack() as undo, self.errors():
            home.mkdir(parents=True, exist_ok=True)
            # Without an isolation level the driver begins no transactions of its own.
            self.connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            undo.callback(self.connection.close)
            self.connection.row_factory = sqlite3.Row
            # SQLite's own waiting does not cover the change to WAL mode, which the first connection makes.
            with locked(home / "runs.lock"):
                self._prepare()
            undo.pop_all()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def rows(self, query: str, values: Mapping[str, Any]) -> list[sqlite3.Row]:
        """Return what a query finds.

        Raises:
            RunError: the file cannot be read.
        """
        with self.errors():
            return self.connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def writing(self, *, synced: bool) -> Iterator[sqlite3.Connection]:
        """Hold a transaction that takes its turn at once, so that nothing it has read changes before it writes.

        Args:
            synced: its end waits for the disk, else only for the system.

        Raises:
            RunError: the file cannot be written; then nothing of the transaction is.
        """
        with self.errors():
            if synced is not self._is_full:
                self.connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
                self._is_full = synced
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # a full disk may have ended it
                    self.connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Raise `RunError`, with what to do about it, for what the disk or SQLite refuse."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"the store of runs, {self._path}, cannot be used: {error}", hint=self._hint()) from error

    def _prepare(self) -> None:
        for setting in _SETTINGS:
            self.connection.execute(setting)
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise RunError(f"{self._path} was written by a newer version of this program", hint="upgrade kfp-skiff")
        if version < schema.VERSION:
            with self.writing(synced=False):
                schema.upgrade(self.connection, version)

    def _hint(self) -> str:
        """Return what to do about a refusal; SQLite calls a full disk by several names."""
        with contextlib.suppress(OSError):
            room = os.statvfs(self._home)
            if room.f_bavail * room.f_frsize < _LITTLE_ROOM:
                return "the disk is full: free some space, then `kfp run retry` goes on with a run that stopped"
        return "check the disk, or set KFP_HOME"
