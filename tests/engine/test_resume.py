"""A run that failed, was canceled or lost its process goes on where it ended, and comes to the same."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kfp.engine import events
from kfp.engine.continuing.run_files import document_digest, read_settings, write_files
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.records.liveness import alive
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.records.store import Store
from kfp.engine.resume import resumed, retry
from kfp.engine.run import execute, run
from kfp.engine.settings import RunSettings, Source
from kfp.engine.states import State
from kfp.engine.step import Step, StepEnd
from kfp.errors import RunError
from kfp.ir.spec import Document
from tests.engine import everything
from tests.engine.documents import Pipeline
from tests.engine.dying import DyingRecorder, Killed
from tests.engine.homes import Home

LOOP = "exit-handler-1/for-loop-2"


@pytest.fixture(scope="module")
def compiled() -> Document:
    return everything.document()


@pytest.fixture
def home(tmp_path: Path, compiled: Document) -> Home:
    return Home(tmp_path / "home", compiled)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, compiled: Document) -> dict[str, Any]:
    """What an undisturbed run comes to."""
    home = Home(tmp_path_factory.mktemp("calm"), compiled)
    result = home.run()
    assert result.state is State.SUCCEEDED
    return home.told(result)


@pytest.mark.parametrize(
    ("fails", "again"),
    [
        ("exit-handler-1/numbers", 23),
        (f"{LOOP}/1/inner/double", 17),
        (f"{LOOP}/1/save", 8),
        (f"{LOOP}/2/condition-3/for-loop-5/0/add", 7),
        ("exit-handler-1/total", 5),
        ("exit-handler-1/condition-branches-6/condition-7/double", 4),
        ("exit-handler-1/double-2", 2),
        ("note", 1),
    ],
)
def test_only_what_had_not_succeeded_runs_again(home: Home, calm: dict[str, Any], fails: str, again: int) -> None:
    first = home.run(fails)
    assert first.state is State.FAILED
    ran, done = home.ran(), home.done()
    second = home.retry()
    assert (second.run_id, second.state, second.error) == (first.run_id, State.SUCCEEDED, None)
    assert home.told(second) == calm
    once_more = home.ran()
    assert fails in once_more
    # An exit task and one that ignores failures had succeeded, but not after what they wait for.
    assert done & set(once_more) <= {"note", "exit-handler-1/clean"}
    assert "note" in once_more
    assert len(ran) + len(once_more) >= 24
    assert len(once_more) <= again + 9


def test_attempts_and_their_logs_go_on(home: Home) -> None:
    first = home.run("exit-handler-1/double-2")
    assert [step.attempt for step in home.journal if step.task == "exit-handler-1/double-2"] == [1, 2, 3]
    home.ran()
    second = home.retry("exit-handler-1/double-2")
    assert [step.attempt for step in home.journal if step.task == "exit-handler-1/double-2"] == [4, 5, 6]
    assert second.tasks["exit-handler-1/double-2"].attempt == 6
    home.ran()
    third = home.retry()
    assert [step.attempt for step in home.journal if step.task == "exit-handler-1/double-2"] == [7]
    log = third.tasks["exit-handler-1/double-2"].log
    assert log is not None
    assert sorted(each.name for each in log.parent.parent.iterdir()) == list("1234567")
    with contextlib.closing(Store(home.path)) as store:
        record = store.run(first.run_id)
    assert record is not None
    assert (record.retried, record.state) == (2, State.SUCCEEDED)


def test_what_is_kept_is_told_as_kept(home: Home) -> None:
    home.run("exit-handler-1/total")
    heard: list[events.Event] = []
    home.retry(on_event=heard.append)
    finished = {each.task: each for each in heard if isinstance(each, events.TaskFinished)}
    assert finished[f"{LOOP}/0/save"].kept
    assert finished[LOOP].kept
    assert not finished["exit-handler-1/total"].kept
    assert not finished["exit-handler-1"].kept
    started = {each.task for each in heard if isinstance(each, events.TaskStarted)}
    assert started.isdisjoint(task for task, each in finished.items() if each.kept)


@pytest.mark.parametrize("written", [False, True])
def test_a_process_that_ends_at_any_commit(home: Home, calm: dict[str, Any], written: bool) -> None:
    """At every commit that there is, in the first go and then in the second."""
    commit, killed = 0, True
    while killed:
        commit += 1
        killed = False
        try:
            result = home.run(recorder=DyingRecorder(home.path, commit, written=written))
        except Killed:
            killed = True
            try:
                done = home.done()
            except ValueError:  # it had not been accepted
                continue
            if home.state() is State.SUCCEEDED:  # it had ended
                break
            home.ran()
            result = home.retry()
            assert done.isdisjoint(home.ran()), f"killed at commit {commit}"
        assert home.told(result) == calm, f"killed at commit {commit}"
    assert commit > 12


def test_kills_of_a_run_that_is_continued(home: Home) -> None:
    """After a failure, each go loses its process a little later than the one before."""
    home.run(f"{LOOP}/1/save")
    home.ran()
    commits, finished = 0, False
    counted: dict[str, int] = {}
    while not finished:
        commits += 1
        done = home.done()
        try:
            home.retry(recorder=DyingRecorder(home.path, commits, written=commits % 2 == 0))
            finished = True
        except Killed:
            finished = home.state() is State.SUCCEEDED
        ran = home.ran()
        if commits > 3:  # by then what waited for the failed step has been forgotten
            assert done.isdisjoint(ran)
        for task in ran:
            counted[task] = counted.get(task, 0) + 1
    assert counted
    assert max(counted.values()) < 4


def test_a_run_that_runs_or_has_succeeded_or_is_not_there(home: Home) -> None:
    result = home.run("exit-handler-1/total")
    with alive(home.path / "runs" / result.run_id), pytest.raises(RunError, match="is still running in another"):
        home.retry()
    home.retry()
    with pytest.raises(RunError, match="nothing to retry"):
        home.retry()
    with pytest.raises(RunError, match="there is no run nowhere"):
        retry("nowhere", home=home.path)


def test_a_run_that_keeps_no_document(home: Home) -> None:
    settings = RunSettings(home=home.path)
    result = execute(home.plan, home.bound, home.executor(["exit-handler-1/total"]), settings=settings)
    with pytest.raises(RunError, match=r"cannot be continued: .*pipeline\.json is not there"):
        retry(result.run_id, home=home.path)


def test_the_newest_unfinished_run_of_the_same_document_and_arguments(home: Home) -> None:
    digest = document_digest(home.text)
    ours = RunSettings(home=home.path)

    def again(bound: dict[str, Any], settings: RunSettings = ours, document: str = digest) -> str | None:
        result = resumed(home.plan, document, bound, settings=settings, executor=home.executor())
        return result.run_id if result is not None else None

    bound = dict(home.bound)
    first = home.run("exit-handler-1/total")
    second = home.run("exit-handler-1/total")
    assert again({**bound, "n": 4}) is None
    assert again(bound, document="another") is None
    assert again(bound, replace(ours, run_name="another")) is None
    assert again(bound) == second.run_id
    assert again(bound) == first.run_id
    assert again(bound) is None


def test_an_archived_run_that_is_continued_is_listed_again(home: Home) -> None:
    result = home.run("exit-handler-1/total")
    with contextlib.closing(Store(home.path)) as store:
        store.archive(result.run_id)
        retry(result.run_id, home=home.path, executor=home.executor())
        assert [run.id for run in store.runs()] == [result.run_id]


def test_what_an_attempt_left_is_gone_before_the_next(tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.task("make", retryPolicy={"maxRetryCount": 1})
    found: list[bool] = []

    def behave(step: Step) -> StepEnd:
        data = Path(json.loads(step.executor_input)["outputs"]["artifacts"]["data"]["artifacts"][0]["uri"])
        found.append(data.exists())
        data.mkdir()
        (data / "part").touch()
        return StepEnd(error="it broke" if len(found) < 4 else None)

    home = Home(tmp_path, pipeline.document())
    settings = RunSettings(home=tmp_path)
    first = execute(home.plan, {}, FakeExecutor(behave), settings=settings, document=home.text)
    second = retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave))
    assert second.state is State.SUCCEEDED
    assert found == [False] * 4


def test_an_input_that_differs_runs_again(tmp_path: Path) -> None:
    """The workspace of the second go is another one: what was told of it holds no longer, nor what came after."""
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, inputs={"where": str}, outputs={"out": str})
    pipeline.container("take", {"image": "i"}, inputs={"text": str})
    pipeline.container("fail", {"image": "i"})
    pipeline.task("make", inputs={"where": "{{$.workspace_path}}"})
    pipeline.task("take", inputs={"text": "@make.out"})
    pipeline.task("fail", after=("take",))
    ran: list[str] = []

    def behave(step: Step) -> StepEnd:
        ran.append(step.task)
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text('{"parameterValues": {"out": "x"}}')
        return StepEnd(error="it broke" if ran.count("fail") == 1 and step.task == "fail" else None)

    home = Home(tmp_path, pipeline.document())
    settings = RunSettings(home=tmp_path, workspace=tmp_path / "one")
    first = execute(home.plan, {}, FakeExecutor(behave), settings=settings, document=home.text)
    again = {"workspace": tmp_path / "two"}
    retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave), overrides=again)
    assert ran == ["make", "take", "fail", "make", "take", "fail"]


def test_a_dag_that_had_succeeded_runs_while_one_of_its_tasks_does(tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, inputs={"where": str})
    pipeline.container("fail", {"image": "i"})
    inner = pipeline.component("inner", {}, {}, dag={"tasks": {}})
    pipeline.task("make", within=inner, inputs={"where": "{{$.workspace_path}}"})
    pipeline.task("inner")
    pipeline.task("fail", after=("inner",))
    found: list[dict[str, State]] = []

    def behave(step: Step) -> StepEnd:
        with contextlib.closing(Store(tmp_path)) as store:
            found.append({task.path: task.state for task in store.tasks(step.run_id)})
        return StepEnd(error="it broke" if step.task == "fail" else None)

    home = Home(tmp_path, pipeline.document())
    settings = RunSettings(home=tmp_path, workspace=tmp_path / "one")
    first = execute(home.plan, {}, FakeExecutor(behave), settings=settings, document=home.text)
    running = {"inner": State.RUNNING, "inner/make": State.RUNNING}
    done = dict.fromkeys(running, State.SUCCEEDED)
    again = {"workspace": tmp_path / "two"}
    for overrides in ({}, again):
        retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave), overrides=overrides)
    failing = {**done, "fail": State.RUNNING}
    assert found == [running, failing, failing, running, failing]


def test_long_inputs_are_compared_by_their_digest(tmp_path: Path) -> None:
    pipeline = Pipeline(inputs={"items": list})
    pipeline.container("make", {"image": "i"}, inputs={"items": list})
    pipeline.container("fail", {"image": "i"})
    pipeline.task("make", inputs={"items": "$items"})
    pipeline.task("fail", after=("make",))
    home = Home(tmp_path, pipeline.document())
    items = list(range(100_000))
    ran: list[str] = []

    def behave(step: Step) -> StepEnd:
        ran.append(step.task)
        return StepEnd(error="it broke" if step.task == "fail" else None)

    settings = RunSettings(home=tmp_path)
    first = execute(home.plan, {"items": items}, FakeExecutor(behave), settings=settings, document=home.text)
    with contextlib.closing(Store(tmp_path)) as store:
        (make,) = [task for task in store.tasks(first.run_id) if task.path == "make"]
    assert make.inputs is not None
    told = make.inputs["parameters"]["items"]
    assert (told["characters"], told["items"]) == (len(json.dumps(items)), 100_000)
    retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave))
    assert ran == ["make", "fail", "fail"]


def test_settings_are_kept_without_what_is_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = RunSettings(
        home=tmp_path,
        pipeline_root=tmp_path / "root",
        runner="container",
        parallelism=7,
        sources={("image", "add"): Source(tmp_path, {"add": Path("add.py")}, requirements=("numpy",))},
        container_options={"network_mode": "none", "environment": {"TOKEN": "hidden"}},
        timeout=3.5,
    )
    write_files(tmp_path, "{}", settings)
    assert "hidden" not in (tmp_path / "settings.json").read_text()
    with pytest.raises(RunError, match="TOKEN"):
        read_settings(tmp_path, tmp_path, {})
    monkeypatch.setitem(os.environ, "TOKEN", "hidden")
    assert read_settings(tmp_path, tmp_path, {}) == settings
    assert read_settings(tmp_path, tmp_path, {"parallelism": 2}) == replace(settings, parallelism=2)


def test_every_setting_is_kept(tmp_path: Path) -> None:
    """Each with another value than it has by itself, made of its type."""
    plain = RunSettings(home=tmp_path)
    others: dict[str, Any] = {
        name: other(getattr(plain, name), name) for name in plain.__struct_fields__ if name not in {"home", "capacity"}
    }
    settings = replace(plain, **others)
    write_files(tmp_path, "{}", settings)
    assert read_settings(tmp_path, tmp_path, {}) == settings


def other(value: object, name: str) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 3
    if isinstance(value, str):
        return {"runner": "container"}.get(name, "another")
    if isinstance(value, dict):
        named: dict[str, dict[Any, Any]] = {
            "sources": {("image", "add"): Source(Path("/source"), {"add": Path("add.py")})},
            "volumes": {"claim": Path("/volume")},
            "container_options": {"network_mode": "none"},
        }
        return named[name]
    return {"timeout": 3.5, "run_name": "named", "pipeline_root": "s3://bucket/root"}.get(name, Path("/some/where"))


def test_without_a_store_nothing_is_continued(home: Home) -> None:
    result = home.run(recorder=NoRecorder())
    with pytest.raises(RunError, match="there is no run"):
        retry(result.run_id, home=home.path)


def test_the_same_call_with_resume_goes_on(tmp_path: Path) -> None:
    """With real steps: one fails until there is a file."""
    pipeline = Pipeline()
    pipeline.python("def first() -> str:\n    return 'made'\n", outputs={"Output": str})
    pipeline.python(
        """
        def second(text: str, wanted: str) -> str:
            import pathlib
            return text + pathlib.Path(wanted).read_text()
        """,
        inputs={"text": str, "wanted": str},
        outputs={"Output": str},
    )
    pipeline.task("first")
    pipeline.task("second", inputs={"text": "@first.Output", "wanted": str(tmp_path / "wanted")})
    pipeline.output("Output", str, "second.Output")
    document, settings = pipeline.document(), RunSettings(home=tmp_path / "home", caching=False)
    failed = run(document, {}, settings=settings, resume=True)
    assert failed.state is State.FAILED
    (tmp_path / "wanted").write_text(" it")
    heard: list[events.Event] = []
    again = run(document, {}, settings=settings, resume=True, on_event=heard.append)
    assert (again.run_id, dict(again.outputs)) == (failed.run_id, {"Output": "made it"})
    assert [each.task for each in heard if isinstance(each, events.TaskStarted)] == ["second"]
    assert run(document, {}, settings=settings, resume=True).run_id != failed.run_id


def test_a_download_that_somebody_has_cleared_is_fetched_again(home: Home) -> None:
    """A kept task whose artifact was copied to this machine runs again where the copy is gone."""
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.container("fail", {"image": "i"})
    pipeline.task("make")
    pipeline.task("fail", after=("make",))
    copy, ran = home.path / "copy", list[str]()

    def behave(step: Step) -> StepEnd:
        ran.append(step.task)
        copy.touch()
        told = {"artifacts": {"data": {"artifacts": [{"uri": "https://there/data", "customPath": str(copy)}]}}}
        Path(json.loads(step.executor_input)["outputs"]["outputFile"]).write_text(json.dumps(told))
        return StepEnd(error="it broke" if step.task == "fail" else None)

    there = Home(home.path, pipeline.document())
    settings = RunSettings(home=home.path)
    first = execute(there.plan, {}, FakeExecutor(behave), settings=settings, document=there.text)
    retry(first.run_id, home=home.path, executor=FakeExecutor(behave))
    assert ran == ["make", "fail", "fail"]
    copy.unlink()
    retry(first.run_id, home=home.path, executor=FakeExecutor(behave))
    assert ran == ["make", "fail", "fail", "make", "fail"]


@pytest.mark.parametrize("writes", [True, False])
def test_a_task_whose_directory_somebody_has_deleted_runs_again(tmp_path: Path, writes: bool) -> None:
    """One that has written no artifact is kept: that it is not there says nothing."""
    pipeline = Pipeline()
    pipeline.container("make", {"image": "i"}, artifacts_out=("data",))
    pipeline.container("fail", {"image": "i"})
    pipeline.task("make")
    pipeline.task("fail", after=("make",))
    ran = list[str]()
    made: list[Path] = []

    def behave(step: Step) -> StepEnd:
        ran.append(step.task)
        if step.task == "make":
            made.append(Path(json.loads(step.executor_input)["outputs"]["artifacts"]["data"]["artifacts"][0]["uri"]))
            if writes:
                made[-1].write_text("data")
        return StepEnd(error="it broke" if step.task == "fail" else None)

    home = Home(tmp_path, pipeline.document())
    first = execute(home.plan, {}, FakeExecutor(behave), settings=RunSettings(home=tmp_path), document=home.text)
    retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave))
    assert ran == ["make", "fail", "fail"]
    shutil.rmtree(made[0].parent)
    retry(first.run_id, home=tmp_path, executor=FakeExecutor(behave))
    assert ran == ["make", "fail", "fail", "make", "fail"]
