"""The file of the cache: shared between processes, worth nothing to anybody when it is broken."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kfp.engine.caching.cache import StepCache
from kfp.engine.caching.contents import Content
from kfp.engine.caching.database import StepDatabase
from kfp.engine.caching.entry import Entry, Part
from kfp.engine.flow.values import Artifact, Values
from kfp.errors import RunError


def entry(key: str = "k", when: float = 1.0, **rest: str) -> Entry:
    outputs = Values({"n": 1, "x": 1.0, "t": "\ud800"}, {"out": (Artifact("out", "/a", metadata={"m": [1]}),)})
    parts, contents = (Part("input a", key, "é"),), {"out": (Content("d", 5),)}
    made = Entry(key, "p", "t", "c", "r", when, parts, outputs, contents, ("a note",), used_at=when)
    return replace(made, **rest)


def test_an_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    database = StepDatabase(tmp_path)
    database.put([entry()])
    assert database.get("k") == entry()
    assert database.get("other") is None
    assert entry().size == 5
    database.use(["k"], 9.0)
    found = database.get("k")
    assert found is not None
    assert (found.hits, found.used_at, found.created_at) == (1, 9.0, 1.0)
    database.remember("/\ud800", "s", Content("d", 3), 1.0)
    assert database.recall("/\ud800", "s") == Content("d", 3)
    assert database.recall("/\ud800", "other") is None
    database.clear()
    assert (database.entries(), database.recall("/\ud800", "s")) == ([], None)
    database.close()


def test_neighbours(tmp_path: Path) -> None:
    database = StepDatabase(tmp_path)
    database.put([entry("1", 1.0), entry("2", 2.0), entry("3", 3.0, task="other"), entry("4", 4.0, pipeline="q")])
    assert [parts[0].digest for parts in database.of_task("p", "t")] == ["2", "1"]
    assert database.of_task("new", "t") == []
    assert [parts[0].digest for parts in database.of_component("c")] == ["4", "3", "2", "1"]
    assert database.of_component("d") == []
    database.close()


class Stuck:
    """A database whose writes wait, as those do while another process writes, until they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = threading.Semaphore(0)
        put = StepDatabase.put

        def late(database: StepDatabase, entries: Iterable[Entry]) -> None:
            assert self.gate.acquire(timeout=60)
            put(database, entries)

        monkeypatch.setattr(StepDatabase, "put", late)


def test_what_is_not_written_yet_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = StepDatabase(tmp_path)
    database.put([entry("1", 1.0), entry("other", 0.5, task="other")])
    stuck = Stuck(monkeypatch)
    cache = StepCache(tmp_path)
    assert [parts[0].digest for parts in cache.neighbours("p", "t", "c")] == ["1"]
    assert [parts[0].digest for parts in cache.neighbours("new", "t", "c")] == ["1", "other"]
    cache.put(entry("2", 2.0))
    cache.put(entry("3", 3.0, pipeline="q"))
    assert cache.get("2") == entry("2", 2.0)
    assert [parts[0].digest for parts in cache.neighbours("p", "t", "c")] == ["2", "1"]
    assert [parts[0].digest for parts in cache.neighbours("q", "t", "c")] == ["3"]
    assert [parts[0].digest for parts in cache.neighbours("new", "t", "c")] == ["3", "2", "1", "other"]
    assert cache.neighbours("new", "t", "d") == []
    assert database.get("2") is None
    stuck.gate.release(2)
    cache.close()
    assert [database.get("2"), database.get("3")] == [entry("2", 2.0), entry("3", 3.0, pipeline="q")]
    database.close()


def test_the_newest_of_a_key_is_found_while_older_ones_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = Stuck(monkeypatch)
    cache = StepCache(tmp_path)
    for when in (1.0, 2.0):
        cache.put(entry("k", when))
    stuck.gate.release()
    while cache.database.get("k") is None:
        time.sleep(0.001)
    assert cache.get("k") == entry("k", 2.0)
    stuck.gate.release()
    cache.close()
    database = StepDatabase(tmp_path)
    assert database.get("k") == entry("k", 2.0)
    database.close()


def test_whatever_waits_is_written_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the disk is: one after the other, each in less time than one may take."""
    stuck = Stuck(monkeypatch)
    cache = StepCache(tmp_path)
    for number in range(3):
        cache.put(entry(str(number)))
    join = threading.Thread.join

    def one_more(thread: threading.Thread, timeout: float | None = None) -> None:
        """The time is over when one more is written."""
        written = len(cache.database.entries())
        stuck.gate.release()
        while written < 3 and len(cache.database.entries()) == written:
            time.sleep(0.001)
        join(thread, timeout if written == 3 else 0)

    monkeypatch.setattr(threading.Thread, "join", one_more)
    cache.close()
    monkeypatch.undo()
    database = StepDatabase(tmp_path)
    assert {each.key for each in database.entries()} == {"0", "1", "2"}
    database.close()


def test_it_does_not_grow_forever(tmp_path: Path) -> None:
    database = StepDatabase(tmp_path)
    database.put(entry(str(number), float(number)) for number in range(11))
    database.use(["0"], 99.0)
    database.trim(10)
    assert [each.key for each in database.entries()] == ["0", "10", "9", "8", "7", "6", "5", "4", "3"]
    database.trim(10)
    assert len(database.entries()) == 9
    database.close()


@pytest.mark.parametrize(("version", "kept"), [(99, None), (1, False), (2, True)], ids=["newer", "older", "this"])
def test_versions(tmp_path: Path, version: int, kept: bool | None) -> None:
    database = StepDatabase(tmp_path)
    database.put([entry()])
    database.close()
    with sqlite3.connect(tmp_path / "cache.db") as raw:
        raw.execute(f"PRAGMA user_version = {version}")
    raw.close()
    if kept is None:
        with pytest.raises(RunError, match="newer version"):
            StepDatabase(tmp_path)
        return
    database = StepDatabase(tmp_path)
    assert bool(database.entries()) is kept
    database.close()


@pytest.mark.parametrize("how", ["no database", "half of one"])
def test_a_broken_file_is_made_anew(tmp_path: Path, how: str) -> None:
    database = StepDatabase(tmp_path)
    database.put([entry()])
    database.close()
    file = tmp_path / "cache.db"
    file.write_bytes(b"no database" * 1000 if how == "no database" else file.read_bytes()[:5000])
    for expected in ([], ["k"]):
        database = StepDatabase(tmp_path)
        assert [each.key for each in database.entries()] == expected
        database.put([entry()])
        database.close()


def test_a_write_that_fails_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = StepCache(tmp_path)
    cache.database.close()
    cache.put(entry())
    cache.close()
    assert "cannot be used" in (cache.failure() or "")
    assert cache.failure() is None


WRITER = """
import sys
from pathlib import Path
from kfp.engine.caching.cache import StepCache
from tests.engine.caching.test_database import entry
cache = StepCache(Path(sys.argv[1]))
for number in range(200):
    cache.put(entry(f"{sys.argv[2]}-{number}"))
    cache.put(entry("shared"))
    cache.use("shared")
cache.close()
assert cache.failure() is None
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    database = StepDatabase(tmp_path)
    assert {each.key for each in database.entries()} == {
        "shared",
        *(f"{it}-{number}" for it in "ab" for number in range(200)),
    }
    database.close()
