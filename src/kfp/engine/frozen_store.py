"""Opens the stores of a home where they may only be read: a mounted archive, another user's home, a backup."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path


def frozen(path: Path) -> bool:
    """Tell whether a store is there and this process may not change it."""
    return os.access(path, os.R_OK) and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def open_frozen(path: Path, version: int) -> sqlite3.Connection:
    """Open a store for reading alone; any thread may use what comes of it.

    Args:
        path: its file.
        version: of its schema, as the program knows it.

    Raises:
        RunError: another version of the program wrote it.
        sqlite3.Error: it cannot be read.
    """
    # SQLite cannot make the files of its WAL here. Without them nobody writes, and it need not look for them.
    journal = path.with_name(f"{path.name}-wal")
    options = "mode=ro" if journal.exists() else "mode=ro&immutable=1"
    address = f"{path.absolute().as_uri()}?{options}"
    database = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    with contextlib.ExitStack() as undo:
        undo.callback(database.close)
        database.row_factory = sqlite3.Row
        if database.execute("PRAGMA user_version").fetchone()[0] != version:
            told = f"{path} was written by another version of this program, and may only be read"
            raise RunError(told, hint="take the version of kfp-skiff that wrote it, or let it be written")
        undo.pop_all()
    return database
