from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.planning.planner import plan
from kfp.engine.records.liveness import alive
from kfp.engine.records.record import Removed, RunRecord, TaskRecord
from kfp.engine.records.recorder import StoreRecorder
from kfp.engine.records.store import Store
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import RunError
from tests.engine.documents import Pipeline


def run_record(folder: Path, run_id: str = "one", **changes: object) -> RunRecord:
    record = RunRecord(run_id, "name", "pipeline", "Default", State.SUCCEEDED, 1.5, {"x": [1, "ü"]}, folder)
    return replace(record, **changes)


def test_keeps_runs_and_tasks(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "home")
    run = run_record(tmp_path, outputs={"Output": 7}, finished_at=2.5)
    task = TaskRecord("one", "outer/add", "add", State.RUNNING, 1, 2.0)
    store.save([run, task])
    done = replace(task, state=State.FAILED, error="it broke", finished_at=3.0, outputs={}, log=tmp_path / "log")
    store.save([done])
    store.close()
    again = Store(tmp_path / "new" / "home")
    assert again.run("one") == run
    assert again.tasks("one") == [done]
    assert again.run("two") is None
    assert again.run("") is None
    again.close()


VERSION_1 = """
CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, pipeline TEXT NOT NULL, experiment TEXT NOT NULL,
    state TEXT NOT NULL, created_at FLOAT NOT NULL, finished_at FLOAT, arguments TEXT NOT NULL, outputs TEXT,
    error TEXT, directory TEXT NOT NULL);
CREATE INDEX ix_runs_experiment ON runs (experiment);
CREATE INDEX ix_runs_created_at ON runs (created_at);
CREATE TABLE tasks (run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, path TEXT NOT NULL,
    display_name TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, started_at FLOAT, finished_at FLOAT,
    outputs TEXT, error TEXT, log TEXT, PRIMARY KEY (run_id, path));
INSERT INTO runs VALUES ('one', 'name', 'pipeline', 'Default', 'SUCCEEDED', 1.5, 2.5, '{"x": [1, "ü"]}',
    '{"Output": 7}', NULL, '/runs/one');
INSERT INTO tasks VALUES ('one', 'add', 'add', 'SUCCEEDED', 1, 1.6, 1.9, '{"Output": 7}', NULL, '/runs/one/log');
PRAGMA user_version = 1;
"""


def test_a_file_of_version_1_is_read_and_written(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "runs.db")
    old.executescript(VERSION_1)
    old.close()
    store = Store(tmp_path)
    run = run_record(Path("/runs/one"), finished_at=2.5, outputs={"Output": 7})
    task = TaskRecord("one", "add", "add", State.SUCCEEDED, 1, 1.6, 1.9, {"Output": 7}, log=Path("/runs/one/log"))
    assert store.runs() == [run]
    assert store.tasks("one") == [task]
    newer = replace(task, kind="importer", inputs={"parameters": {"a": 1.0}}, cache={"state": "miss"})
    store.save([replace(run, retried=1, artifacts="s3://here", document="abc"), newer])
    store.close()
    again = Store(tmp_path)
    assert again.run("one") == replace(run, retried=1, artifacts="s3://here", document="abc")
    assert again.tasks("one") == [newer]
    again.close()


def test_text_with_half_a_character_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = run_record(tmp_path / "\udcff", arguments={"x": "\ud800"}, error="it said \ud800")
    store.save([run])
    assert store.run("one") == run
    store.close()


def test_archived_runs_are_listed_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save([run_record(tmp_path, "one"), run_record(tmp_path, "two")])
    store.archive("one")
    assert [run.id for run in store.runs()] == ["two"]
    assert [(run.id, run.archived) for run in store.runs(archived=True)] == [("one", True)]
    store.archive("one", False)
    assert [run.id for run in store.runs()] == ["one", "two"]
    store.close()


def test_deletes_a_run_with_its_files_and_no_others(tmp_path: Path) -> None:
    store = Store(tmp_path)
    mine, own, others = tmp_path / "runs/one", tmp_path / "root/pipeline/one", tmp_path / "root/pipeline/two"
    for folder in (mine, own, others):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    store.save([run_record(mine, artifacts=str(own)), TaskRecord("one", "add", "add", State.SUCCEEDED)])
    store.save([run_record(tmp_path, "two", artifacts=str(tmp_path))])
    with alive(mine), pytest.raises(RunError, match="still running"):
        store.delete("one")
    store.delete("one")
    store.delete("two")  # its directories do not bear its name: they are somebody else's
    store.delete("three")
    assert store.runs() == []
    assert store.tasks("one") == []
    assert not mine.exists()
    assert not own.exists()
    assert (others / "file").exists()
    store.close()


def test_forgets_a_task_with_what_is_below_it_or_what_did_not_succeed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    states = {"a": "SUCCEEDED", "a/b": "SUCCEEDED", "a/b/c": "FAILED", "a-b": "FAILED", "a0": "SUCCEEDED"}
    store.save([run_record(tmp_path), *(TaskRecord("one", path, "", State(told)) for path, told in states.items())])
    store.save([Removed("one", "a/b"), TaskRecord("one", "a/b", "", State.RUNNING)])
    assert {task.path for task in store.tasks("one")} == {"a", "a/b", "a-b", "a0"}
    store.save([Removed("one")])
    assert {task.path for task in store.tasks("one")} == {"a", "a0"}
    store.close()


def test_finds_the_newest_run_that_did_not_succeed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    told = json.dumps({"x": 1})
    for number, (state, name) in enumerate([("FAILED", "a"), ("CANCELED", "b"), ("SUCCEEDED", "b"), ("FAILED", "c")]):
        arguments = {"x": 1 if name != "c" else 2}
        store.save(
            [run_record(tmp_path, f"{number}", name=name, state=State(state), created_at=number, arguments=arguments,
                        document="d")]
        )  # fmt: skip
    found = [store.unfinished("d", told), store.unfinished("d", told, "a"), store.unfinished("other", told)]
    assert [run.id if run is not None else None for run in found] == ["1", "0", None]
    store.close()


def test_lists_the_newest_first_by_experiment_and_page(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(
        run_record(tmp_path, f"run-{n}", created_at=float(n), experiment="even" if n % 2 == 0 else "odd")
        for n in range(6)
    )
    assert [run.id for run in store.runs()] == [f"run-{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert [run.id for run in store.runs("even")] == ["run-4", "run-2", "run-0"]
    assert [run.id for run in store.runs(limit=2, offset=2)] == ["run-3", "run-2"]
    with pytest.raises(RunError, match="several runs begin with 'run'"):
        store.run("run")
    found = store.run("run-3")
    assert found is not None
    assert found.id == "run-3"
    store.close()


def test_a_run_is_running_while_its_process_holds_its_lock(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = tmp_path / "run"
    folder.mkdir()
    record = run_record(folder, state=State.RUNNING)
    with alive(folder):
        with pytest.raises(RunError, match="still running"), alive(folder):
            pass
        store.save([record, TaskRecord("one", "add", "add", State.RUNNING)])
        assert [run.state for run in store.runs()] == [State.RUNNING]
    (dead,) = store.runs()
    assert (dead.state, dead.error) == (State.FAILED, "the process that ran it ended before the run did")
    assert [task.state for task in store.tasks("one")] == [State.FAILED]
    store.save([replace(record, state=State.CANCELING)])
    assert [run.state for run in store.runs()] == [State.CANCELED]
    store.close()


def test_many_writers_at_once(tmp_path: Path) -> None:
    def write(name: str) -> None:
        store = Store(tmp_path)
        for number in range(10):
            store.save([run_record(tmp_path, f"{name}-{number}")])
        store.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = Store(tmp_path)
    assert len(store.runs()) == 40
    store.close()


@pytest.mark.parametrize("content", [b"this is not a database, but it is long enough to be read as one" * 50])
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "runs.db").write_bytes(content)
    with pytest.raises(RunError, match=r"runs\.db, cannot be used"):
        Store(tmp_path)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "runs.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(RunError, match="newer version"):
        Store(tmp_path)


def test_a_store_that_cannot_be_opened_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "runs.db").mkdir()
    with pytest.raises(RunError, match="cannot be used"):
        StoreRecorder(tmp_path)
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"})
    pipeline.task("make")
    with pytest.raises(RunError, match="cannot be used"):
        execute(plan(pipeline.document().spec), {}, FakeExecutor(), settings=RunSettings(home=tmp_path), document="{}")
    assert list((tmp_path / "runs").iterdir()) == []


def test_what_is_committed_is_there_for_others_before_the_recorder_is_closed(tmp_path: Path) -> None:
    recorder, store = StoreRecorder(tmp_path), Store(tmp_path)
    recorder.add(run_record(tmp_path))
    assert store.runs() == []
    recorder.commit()
    assert [run.id for run in store.runs()] == ["one"]
    recorder.add(run_record(tmp_path, "two"))
    recorder.close()
    assert {run.id for run in store.runs()} == {"one", "two"}
    store.close()


def test_records_that_cannot_be_written_are_written_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    orphan = TaskRecord("nobody's", "add", "add", State.RUNNING)
    with pytest.raises(RunError, match="cannot be used"):
        store.save([run_record(tmp_path), orphan])
    assert store.runs() == []
    store.save([run_record(tmp_path)])
    assert len(store.runs()) == 1
    store.close()


def test_the_engine_loads_no_more_than_it_needs() -> None:
    heavy = {"sqlalchemy", "urllib3", "rich", "asyncio", "uv", "isal", "importlib.metadata"}
    program = f"import sys, kfp.engine.run, kfp.local; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]"
