"""The cache of steps: one SQLite file, which may be deleted at any time, as may the directory that it lies in.

Several processes use it at the same time. What is written is no more than a wish: a kill, or a machine that goes down,
may lose the latest of it, never more.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from kfp.engine.caching.contents import Content
from kfp.engine.caching.entry import Entry, Part, values_of
from kfp.engine.frozen_store import frozen, open_frozen
from kfp.errors import RunError
from kfp.filelock import locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NAME = "cache.db"
_VERSION = 2
_SCHEMA = (
    "DROP TABLE IF EXISTS entries",
    "DROP TABLE IF EXISTS contents",
    """CREATE TABLE entries (
        key TEXT NOT NULL PRIMARY KEY,
        pipeline TEXT NOT NULL,
        task TEXT NOT NULL,
        component TEXT NOT NULL,
        run_id TEXT NOT NULL,
        created_at FLOAT NOT NULL,
        used_at FLOAT NOT NULL,
        hits INTEGER NOT NULL,
        parts TEXT NOT NULL,
        outputs TEXT NOT NULL,
        contents TEXT NOT NULL,
        notices TEXT NOT NULL
    )""",
    "CREATE INDEX ix_entries_task ON entries (pipeline, task, created_at)",
    "CREATE INDEX ix_entries_component ON entries (component, created_at)",
    "CREATE INDEX ix_entries_used_at ON entries (used_at)",
    """CREATE TABLE contents (
        path TEXT NOT NULL PRIMARY KEY,
        signature TEXT NOT NULL,
        digest TEXT NOT NULL,
        size INTEGER NOT NULL,
        used_at FLOAT NOT NULL
    )""",
    f"PRAGMA user_version = {_VERSION}",
)
_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
_BUSY_SECONDS = 30
_NEIGHBOURS = 20
MOST_ENTRIES = 50_000
"""How many entries are kept; those that were used least recently go."""


class StepDatabase:
    """The entries in a directory; any thread may use it.

    Args:
        directory: of the cache; it is made where it does not exist. Where this process may only read it, nothing can
            be kept or forgotten.

    Raises:
        RunError: the file cannot be used, or a newer version of the program wrote it.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        # Whoever writes may have to wait for another process; whoever reads never does.
        self._reading, self._turn = threading.Lock(), threading.Lock()
        with self._errors():
            if frozen(self._path):
                self._reader = open_frozen(self._path, _VERSION)
            else:
                directory.mkdir(parents=True, exist_ok=True)
                with locked(directory / "cache.lock"):
                    self._reader = self._opened()
        self._writer: sqlite3.Connection | None = None

    @staticmethod
    def exists(directory: Path) -> bool:
        """Tell whether there is a cache in a directory."""
        return (directory / _NAME).exists()

    def close(self) -> None:
        """Close the file."""
        with self._turn, self._reading:
            self._reader.close()
            if self._writer is not None:
                self._writer.close()

    def get(self, key: str) -> Entry | None:
        """Return the entry of a key."""
        rows = self._all("SELECT * FROM entries WHERE key = :key", {"key": key})
        return _entry(rows[0]) if rows else None

    def of_task(self, pipeline: str, task: str) -> list[tuple[Part, ...]]:
        """Return the parts of the latest entries of a pipeline's task, the newest first."""
        return self._latest("pipeline = :pipeline AND task = :task", {"pipeline": pipeline, "task": task})

    def of_component(self, component: str) -> list[tuple[Part, ...]]:
        """Return the parts of the latest entries of a component, the newest first."""
        return self._latest("component = :component", {"component": component})

    def entries(self, pipeline: str | None = None, *, limit: int = -1) -> list[Entry]:
        """Return the entries, those that were used last first.

        Args:
            pipeline: only those of this pipeline.
            limit: how many at most, below 0 all of them.
        """
        query = (
            "SELECT * FROM entries WHERE :pipeline IS NULL OR pipeline = :pipeline"
            " ORDER BY used_at DESC, key LIMIT :limit"
        )
        return [_entry(row) for row in self._all(query, {"pipeline": pipeline, "limit": limit})]

    def put(self, entries: Iterable[Entry]) -> None:
        """Keep entries, each in place of the one of the same key."""
        with self._writing() as database:
            database.executemany(
                "INSERT OR REPLACE INTO entries VALUES (:key, :pipeline, :task, :component, :run_id, :created_at,"
                " :used_at, :hits, :parts, :outputs, :contents, :notices)",
                map(_row, entries),
            )

    def use(self, keys: Iterable[str], when: float) -> None:
        """Note that the outputs of entries were used."""
        update = "UPDATE entries SET used_at = :when, hits = hits + 1 WHERE key = :key"
        with self._writing() as database:
            database.executemany(update, [{"key": key, "when": when} for key in keys])

    def remove(self, keys: Iterable[str]) -> int:
        """Forget entries; return how many there were."""
        with self._writing() as database:
            return database.executemany("DELETE FROM entries WHERE key = ?", [(key,) for key in keys]).rowcount

    def clear(self) -> None:
        """Forget everything, and give the space back."""
        with self._writing() as database:
            for table in ("entries", "contents"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - the two above
        with self._turn, contextlib.suppress(sqlite3.Error):  # others may be at it
            if self._writer is not None:
                self._writer.execute("VACUUM")

    def trim(self, most: int = MOST_ENTRIES) -> None:
        """Forget what was used least recently, where there is too much."""
        for table, key in (("entries", "key"), ("contents", "path")):
            if self._all(f"SELECT count(*) FROM {table}", {})[0][0] <= most:  # noqa: S608 - the two above
                continue
            with self._writing() as database:
                database.execute(
                    f"DELETE FROM {table} WHERE {key} IN"  # noqa: S608
                    f" (SELECT {key} FROM {table} ORDER BY used_at DESC LIMIT -1 OFFSET :kept)",
                    {"kept": most * 9 // 10},
                )

    def recall(self, path: str, signature: str) -> Content | None:
        """Return the content of a path that had this signature, as `contents.Memory`."""
        query = "SELECT digest, size FROM contents WHERE path = :path AND signature = :signature"
        rows = self._all(query, {"path": _text(path), "signature": signature})
        return Content(rows[0]["digest"], rows[0]["size"]) if rows else None

    def remember(self, path: str, signature: str, content: Content, when: float) -> None:
        """Keep the content of a path."""
        with self._writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?)",
                (_text(path), signature, content.digest, content.size, when),
            )

    def _opened(self) -> sqlite3.Connection:
        """Return a connection to a file that is as it should be; one that is broken is made anew."""
        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # the disk, not the file
                raise
        for path in self._path.parent.glob(f"{_NAME}*"):
            path.unlink()
        return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        database = self._connect()
        try:
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        database.row_factory = sqlite3.Row
        return database

    def _prepare(self, database: sqlite3.Connection) -> None:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise RunError(f"{self._path} was written by a newer version of this program", hint="upgrade kfp-skiff")
        for setting in _SETTINGS:
            database.execute(setting)
        if version < _VERSION:
            with _transaction(database):
                for statement in _SCHEMA:
                    database.execute(statement)

    def _latest(self, condition: str, values: dict[str, Any]) -> list[tuple[Part, ...]]:
        query = f"SELECT parts FROM entries WHERE {condition} ORDER BY created_at DESC LIMIT {_NEIGHBOURS}"  # noqa: S608
        return [_parts(row["parts"]) for row in self._all(query, values)]

    def _all(self, query: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        with self._reading, self._errors():
            return self._reader.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._turn, self._errors():
            if self._writer is None:
                self._writer = self._connect()
                self._writer.execute(_SETTINGS[1])
            with _transaction(self._writer):
                yield self._writer

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise RunError(
                f"the cache of steps, {self._path}, cannot be used: {error}",
                hint="check the disk; the file may be deleted",
            ) from error


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _row(entry: Entry) -> dict[str, object]:
    return {
        "key": entry.key,
        "pipeline": _text(entry.pipeline),
        "task": _text(entry.task),
        "component": entry.component,
        "run_id": entry.run_id,
        "created_at": entry.created_at,
        "used_at": entry.used_at,
        "hits": entry.hits,
        "parts": json.dumps(entry.parts),
        "outputs": json.dumps(entry.outputs.to_json()),
        "contents": json.dumps(
            {name: [[each.digest, each.size] for each in group] for name, group in entry.contents.items()}
        ),
        "notices": json.dumps(entry.notices),
    }


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        row["key"],
        row["pipeline"],
        row["task"],
        row["component"],
        row["run_id"],
        row["created_at"],
        _parts(row["parts"]),
        values_of(json.loads(row["outputs"])),
        {name: tuple(Content(*each) for each in group) for name, group in json.loads(row["contents"]).items()},
        tuple(json.loads(row["notices"])),
        row["used_at"],
        row["hits"],
    )


def _parts(text: str) -> tuple[Part, ...]:
    return tuple(Part(*part) for part in json.loads(text))


def _text(text: str) -> str:
    """Return a text as SQLite takes it: halves of characters, which JSON and names of files may hold, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
