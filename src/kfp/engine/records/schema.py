"""The tables of the store of runs, and how a file of an older version becomes one of this."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_VERSIONS = (
    (
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
    ),
    (
        "ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN retried INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN artifacts TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN document TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX ix_runs_document ON runs (document)",
        "ALTER TABLE tasks ADD COLUMN kind TEXT NOT NULL DEFAULT 'container'",
        "ALTER TABLE tasks ADD COLUMN inputs TEXT",
        "ALTER TABLE tasks ADD COLUMN cache TEXT",
    ),
)
"""What each version adds to the one before it; what was released is never changed."""

VERSION = len(_VERSIONS)
"""The version that this program writes, `PRAGMA user_version` of the file."""


def upgrade(database: sqlite3.Connection, version: int) -> None:
    """Bring a file to this version; the caller holds the transaction.

    Args:
        database: the file.
        version: what it has; 0 is a new one.
    """
    for statements in _VERSIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {VERSION}")
