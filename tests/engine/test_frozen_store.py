"""Runs in a home that may only be read: they are shown, and what would change them is refused."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kfp.engine.caching.database import StepDatabase
from kfp.engine.frozen_store import frozen, open_frozen
from kfp.engine.records import schema
from kfp.engine.records.record import RunRecord, TaskRecord
from kfp.engine.records.store import Store
from kfp.engine.states import State
from kfp.errors import RunError
from tests.engine.caching.test_database import entry
from tests.parts.processes import require

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK = """
import json, sys
from pathlib import Path
from kfp.engine.caching.database import StepDatabase
from kfp.engine.records.store import Store
from kfp.errors import RunError

store = Store(Path(sys.argv[1]))
told = {"states": {run.id: run.state for run in store.runs()}, "tasks": {}}
for run in ("one", "two"):
    told["tasks"][run] = {task.path: task.state for task in store.tasks(run)}
    told["changed"] = [task.path for task in store.changed_tasks(run, 9.0)]
cache = StepDatabase(Path(sys.argv[1], "cache"))
told["cached"] = [entry.key for entry in cache.entries()]
changes = {"archive": lambda: store.archive("one"), "delete": lambda: store.delete("one"), "clear": cache.clear}
for name, change in changes.items():
    try:
        change()
    except RunError as error:
        told[name] = str(error)
print(json.dumps(told))
"""


def save(home: Path) -> Store:
    store = Store(home)
    for run_id, state in [("one", State.SUCCEEDED), ("two", State.RUNNING)]:
        directory = home / "runs" / run_id
        directory.mkdir(parents=True)
        (directory / "alive.lock").touch()
        store.save([RunRecord(run_id, run_id, "pipeline", "Default", state, 1.5, {}, directory)])
    store.save([TaskRecord("one", "add", "add", State.SUCCEEDED, 1, 2.0)])
    store.save([TaskRecord("two", "fit", "fit", State.RUNNING, 1, 2.0)])
    cache = StepDatabase(home / "cache")
    cache.put([entry("kept")])
    cache.close()
    return store


@pytest.fixture
def frozen_home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "a home ü"
    save(home).close()
    below = [home, *home.rglob("*")]
    for path in below:
        path.chmod(path.stat().st_mode & ~0o222)
    yield home
    for path in below:
        path.chmod(path.stat().st_mode | 0o200)


def look(home: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", LOOK, str(home)]
    if os.geteuid() == 0:  # the rights of files hold for root, too, without these
        command = [require("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_runs_can_be_looked_at_and_not_changed(frozen_home: Path) -> None:
    before = sorted(frozen_home.rglob("*"))
    told = look(frozen_home)
    assert told["states"] == {"one": "SUCCEEDED", "two": "FAILED"}
    assert told["tasks"] == {"one": {"add": "SUCCEEDED"}, "two": {"fit": "FAILED"}}  # it died with its process
    assert told["changed"] == ["fit"]
    assert told["cached"] == ["kept"]
    assert all("readonly" in told[change] for change in ("archive", "delete", "clear"))
    assert sorted(frozen_home.rglob("*")) == before
    with contextlib.closing(Store(frozen_home)) as store:
        assert store.run("one") is not None


def test_deleting_removes_nothing_that_its_store_cannot_forget(tmp_path: Path, frozen_home: Path) -> None:
    directory = tmp_path / "elsewhere" / "one"
    directory.mkdir(parents=True)
    database = frozen_home / "runs.db"
    frozen_home.chmod(0o700)
    database.chmod(0o600)
    with contextlib.closing(sqlite3.connect(database)) as changed, changed:
        changed.execute("UPDATE runs SET directory = ? WHERE id = 'one'", (str(directory),))
    database.chmod(0o400)
    frozen_home.chmod(0o500)
    assert "readonly" in look(frozen_home)["delete"]
    assert directory.is_dir()


def test_a_store_that_is_not_there_or_may_be_written_is_not_frozen(tmp_path: Path) -> None:
    assert not frozen(tmp_path / "runs.db")
    save(tmp_path).close()
    assert not frozen(tmp_path / "runs.db")


def test_what_another_process_has_just_written_is_seen(tmp_path: Path) -> None:
    store = save(tmp_path)
    assert (tmp_path / "runs.db-wal").stat().st_size
    with contextlib.closing(open_frozen(tmp_path / "runs.db", schema.VERSION)) as database:
        assert [row["id"] for row in database.execute("SELECT id FROM runs ORDER BY id")] == ["one", "two"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("DELETE FROM runs")
    store.close()


def test_an_older_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA user_version = 1")
    with pytest.raises(RunError, match="another version of this program") as caught:
        open_frozen(path, schema.VERSION)
    assert "the version of kfp-skiff" in str(caught.value.hint)
