"""The cache as one run uses it: opened when the first step asks, written by a thread of its own.

What is still to be written is found too: a step that starts when another ends must not depend on how fast the disk is.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

from kfp.engine.caching.database import StepDatabase
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kfp.engine.caching.contents import Content
    from kfp.engine.caching.entry import Entry, Part

_PATIENCE = 10.0
"""Seconds that one thing may take to be written at the end of a run."""


class StepCache:
    """The entries that a run finds and leaves behind; any thread may use it.

    Args:
        directory: of the cache.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._database: StepDatabase | None = None
        self._unwritten_lock = threading.Lock()
        self._unwritten: dict[str, Entry] = {}
        self._wishes: SimpleQueue[Callable[[StepDatabase], None] | None] = SimpleQueue()
        self._granted = 0
        self._thread: threading.Thread | None = None
        self._contents: dict[tuple[str, str], Content] = {}
        self._failure: str | None = None

    @property
    def database(self) -> StepDatabase:
        """The database.

        Raises:
            RunError: it cannot be used.
        """
        with self._lock:
            if self._database is None:
                self._database = StepDatabase(self._directory)
            return self._database

    def failure(self) -> str | None:
        """Return why something could not be written, once."""
        failure, self._failure = self._failure, None
        return failure

    def get(self, key: str) -> Entry | None:
        """Return the entry of a key.

        Raises:
            RunError: the database cannot be used.
        """
        with self._unwritten_lock:
            unwritten = self._unwritten.get(key)
        return unwritten or self.database.get(key)

    def neighbours(self, pipeline: str, task: str, component: str) -> list[tuple[Part, ...]]:
        """Return the parts of the latest entries of a pipeline's task, or else of a component, the newest first.

        Raises:
            RunError: the database cannot be used.
        """
        with self._unwritten_lock:
            latest = list(reversed(self._unwritten.values()))
        of_task = [each.parts for each in latest if (each.pipeline, each.task) == (pipeline, task)]
        of_component = [each.parts for each in latest if each.component == component]
        return (of_task + self.database.of_task(pipeline, task)) or (
            of_component + self.database.of_component(component)
        )

    def put(self, entry: Entry) -> None:
        """Have an entry kept."""
        with self._unwritten_lock:
            self._unwritten.pop(entry.key, None)  # the newest stands last
            self._unwritten[entry.key] = entry
        self._wish(partial(self._write_entry, entry))

    def use(self, key: str) -> None:
        """Have it noted that an entry was used."""
        now = time.time()
        self._wish(lambda database: database.use([key], now))

    def recall(self, path: str, signature: str) -> Content | None:
        """Return the content of a path that had this signature, as `contents.Memory`."""
        return self._contents.get((path, signature)) or self.database.recall(path, signature)

    def remember(self, path: str, signature: str, content: Content) -> None:
        """Have the content of a path kept."""
        self._contents[path, signature] = content
        now = time.time()
        self._wish(lambda database: database.remember(path, signature, content, now))

    def close(self) -> None:
        """Write what is left to be written, and let go of the file."""
        if self._thread is not None:
            self._wishes.put(None)
            while self._thread.is_alive():
                before = self._granted
                self._thread.join(_PATIENCE)
                if self._thread.is_alive() and self._granted == before:
                    return  # it waits for another process, and is left to its end
        if self._database is not None:
            self._database.close()

    def _wish(self, wish: Callable[[StepDatabase], None]) -> None:
        self._wishes.put(wish)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="cache", daemon=True)
                self._thread.start()

    def _write_entry(self, entry: Entry, database: StepDatabase) -> None:
        try:
            database.put([entry])
        finally:
            with self._unwritten_lock:
                if self._unwritten.get(entry.key) is entry:  # another one of this key may wait behind it
                    del self._unwritten[entry.key]

    def _write(self) -> None:
        while (wish := self._wishes.get()) is not None:
            self._grant(wish)
        self._grant(StepDatabase.trim)

    def _grant(self, wish: Callable[[StepDatabase], None]) -> None:
        try:
            wish(self.database)
        except RunError as error:
            self._failure = str(error)
        self._granted += 1
