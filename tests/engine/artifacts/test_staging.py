"""Pipelines whose artifacts lie elsewhere, run for real, with a real S3."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from kfp import compiler, dsl, local
from kfp.dsl import Artifact, Dataset, Input, InputPath, Metrics, Model, Output
from kfp.dsl.execution import install
from kfp.engine import events
from kfp.engine.artifacts.made import find, made
from kfp.engine.artifacts.staging import StagingExecutor
from kfp.engine.artifacts.store import ObjectStores
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.layout import StepPaths
from kfp.engine.planning.planner import plan
from kfp.engine.records.recorder import NoRecorder
from kfp.engine.records.store import Store
from kfp.engine.result import RunResult
from kfp.engine.resume import retry
from kfp.engine.run import execute, run
from kfp.engine.settings import RunSettings
from kfp.engine.step import Handle, Report, Step, StepEnd
from kfp.errors import RunError
from kfp.ir import files
from kfp.ir.arguments import bind
from tests.engine.documents import Pipeline


@dsl.component
def make(data: Input[Dataset], model: Output[Model], folder: Output[Artifact], numbers: Output[Metrics]) -> str:
    from pathlib import Path

    Path(model.path).write_text(Path(data.path).read_text() + "!")
    model.metadata["k"] = 1
    (Path(folder.path) / "a b" / "empty").mkdir(parents=True)
    (Path(folder.path) / "x").write_text("x")
    numbers.log_metric("accuracy", 0.5)
    return f"{data.uri} {Path(data.path).name} {model.uri}"


@dsl.component
def give_back(model: Input[Model], folder: Input[Artifact], number: int) -> Dataset:
    from pathlib import Path

    assert (Path(folder.path) / "a b" / "empty").is_dir()
    made = Dataset(uri=dsl.get_uri("mine"), metadata={"number": number, **model.metadata})
    Path(made.path).write_text(f"{Path(model.path).read_text()}{number}")
    return made


@dsl.component
def join(many: Input[list[Dataset]], path: InputPath("Model")) -> str:  # type: ignore[valid-type]
    from pathlib import Path

    assert Path(path).is_file()
    return ",".join(f"{Path(each.path).read_text()} {sorted(each.metadata.items())}" for each in many)


@dsl.pipeline
def everything(uri: str) -> str:
    imported = dsl.importer(artifact_uri=uri, artifact_class=Dataset, metadata={"from": uri})
    first = make(data=imported.output)
    with dsl.ParallelFor([1, 2]) as number:
        back = give_back(model=first.outputs["model"], folder=first.outputs["folder"], number=number)
    return join(many=dsl.Collected(back.output), path=first.outputs["model"]).output


def ran(pipeline: Any, arguments: dict[str, Any], tmp_path: Path, **settings: Any) -> tuple[RunResult, list[Any]]:
    compiler.Compiler().compile(pipeline, str(tmp_path / "pipeline.yaml"))
    told: list[Any] = []
    document = files.read(tmp_path / "pipeline.yaml")
    result = run(document, arguments, settings=RunSettings(home=tmp_path / "home", **settings), on_event=told.append)
    return result, told


def keys(root: str) -> list[str]:
    return sorted(key.removeprefix(f"{root}/") for key in ObjectStores().keys(root))


def test_everything_goes_through_the_object_store(s3: str, tmp_path: Path) -> None:
    ObjectStores().put(f"{s3}/in/train data.csv", b"1,2")
    result, told = ran(everything, {"uri": f"{s3}/in/train data.csv"}, tmp_path, pipeline_root=f"{s3}/root/")
    assert result.error is None
    assert result.outputs["Output"] == "1,2!1 [('k', 1), ('number', 1)],1,2!2 [('k', 1), ('number', 2)]"
    run_root = f"{s3}/root/everything/{result.run_id}"
    assert result.tasks["make"].values.parameters["Output"] == (
        f"{s3}/in/train data.csv train data.csv {run_root}/make/model"
    )
    assert keys(run_root) == [
        "for-loop-2/0/give-back/mine",
        "for-loop-2/1/give-back/mine",
        "make/folder/a b/empty/.kfp_empty_directory",
        "make/folder/x",
        "make/model",
    ]
    (model,) = result.tasks["make"].values.artifacts["model"]
    assert (model.uri, model.metadata, model.custom_path) == (f"{run_root}/make/model", {"k": 1}, "")
    assert [each.message for each in told if isinstance(each, events.TaskNotice)] == []
    # What was uploaded waits in the cache for the next step, and nothing else of it is left.
    assert not list((tmp_path / "home" / "runs" / result.run_id).rglob("mine"))
    assert not list((tmp_path / "home" / "runs" / result.run_id).rglob("inputs"))

    store = Store(tmp_path / "home")
    found = made(store.tasks(result.run_id))
    store.close()
    assert sorted(each.reference for each in found) == [
        "for-loop-2/0/give-back/Output",
        "for-loop-2/1/give-back/Output",
        "importer/artifact",
        "make/folder",
        "make/model",
        "make/numbers",
    ]
    assert find(found, "model").artifact.uri == f"{run_root}/make/model"
    with pytest.raises(RunError, match="several artifacts are called 'Output'"):
        find(found, "Output")

    again, _ = ran(everything, {"uri": f"{s3}/in/train data.csv"}, tmp_path, pipeline_root=f"{s3}/root/")
    assert again.outputs == result.outputs
    assert keys(f"{s3}/root/everything/{again.run_id}") == []  # every step was in the cache
    ObjectStores().put(f"{s3}/in/train data.csv", b"3,4")
    third, _ = ran(everything, {"uri": f"{s3}/in/train data.csv"}, tmp_path, pipeline_root=f"{s3}/root/")
    assert third.outputs["Output"].startswith("3,4!1")


@dsl.component
def count(numbers: Output[Metrics]) -> None:
    numbers.log_metric("accuracy", 0.5)


@dsl.component
def look(numbers: Input[Metrics]) -> float:
    return numbers.metadata["accuracy"]


@dsl.pipeline
def counting() -> float:
    return look(numbers=count().outputs["numbers"]).output


def test_metrics_need_no_file(s3: str, tmp_path: Path) -> None:
    result, told = ran(counting, {}, tmp_path, pipeline_root=f"{s3}/root")
    assert (result.error, result.outputs) == (None, {"Output": 0.5})
    assert [each.message for each in told if isinstance(each, events.TaskNotice)] == []


@dsl.component
def show(data: Input[Dataset]) -> str:
    from pathlib import Path

    return f"{data.uri} {Path(data.path).read_text()}"


@dsl.pipeline
def showing(data: Input[Dataset]) -> str:
    return show(data=data).output


def test_an_artifact_argument_may_lie_elsewhere(s3: str, tmp_path: Path) -> None:
    ObjectStores().put(f"{s3}/data", b"1,2")
    result, _ = ran(showing, {"data": {"uri": f"{s3}/data"}}, tmp_path)
    assert (result.error, result.outputs) == (None, {"Output": f"{s3}/data 1,2"})
    result, _ = ran(showing, {"data": {"uri": f"{s3}/none"}}, tmp_path)
    assert result.error is not None
    assert f"{s3}/none cannot be downloaded: nothing lies at" in result.error


def test_the_pipeline_says_where_artifacts_go(s3: str, tmp_path: Path) -> None:
    @dsl.component
    def write(out: Output[Dataset]) -> None:
        from pathlib import Path

        Path(out.path).write_text("x")

    @dsl.pipeline(pipeline_root=f"{s3}/said")
    def writing() -> Dataset:
        return write().outputs["out"]

    result, _ = ran(writing, {}, tmp_path)
    assert result.outputs["Output"]["uri"] == f"{s3}/said/writing/{result.run_id}/write/out"
    result, _ = ran(writing, {}, tmp_path, pipeline_root=tmp_path / "here", caching=False)
    assert result.outputs["Output"]["uri"] == str(tmp_path / "here" / "writing" / result.run_id / "write" / "out")


@pytest.mark.parametrize("root", ["ftp://host/a", "oci://registry/a", "https://host/a"])
def test_a_root_that_nothing_can_be_kept_in(root: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"artifacts cannot be kept at {root}"):
        ran(showing, {"data": {"uri": "/x"}}, tmp_path, pipeline_root=root)


def test_a_missing_extra_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfp.engine.artifacts.endpoints.find_spec", lambda _: None)
    with pytest.raises(RunError, match="nothing installed here can reach gs://bucket/data"):
        ran(showing, {"data": {"uri": "gs://bucket/data"}}, tmp_path)
    with pytest.raises(RunError, match="nothing installed here can reach gs://bucket/showing"):
        ran(showing, {"data": {"uri": "/x"}}, tmp_path, pipeline_root="gs://bucket")
    assert not (tmp_path / "home" / "runs").exists()


def writes(behave: Any, root: str, tmp_path: Path) -> tuple[RunResult, list[Any], FakeExecutor]:
    """Run a step that another runtime than ours stands for."""
    pipeline = Pipeline()
    pipeline.container("write", {"image": "i", "args": ["{{$.outputs.artifacts['out'].path}}"]}, artifacts_out=("out",))
    pipeline.task("write")
    fake = FakeExecutor(lambda step: behave(step) or StepEnd())
    told: list[Any] = []
    settings = RunSettings(home=tmp_path / "home", pipeline_root=root)
    spec = pipeline.document().spec
    staging = StagingExecutor(fake, tmp_path / "home")
    result = execute(
        plan(spec), bind(spec, {}), staging, settings=settings, recorder=NoRecorder(), on_event=told.append
    )
    return result, told, fake


def test_another_runtime_finds_kfps_own_paths(s3: str, tmp_path: Path) -> None:
    def behave(step: Step) -> None:
        (path,) = step.args
        Path(path).write_text("made")
        outputs = {"out": {"artifacts": [{"name": "out", "uri": f"{step.paths.artifacts}/out", "metadata": {"a": 1}}]}}
        step.paths.executor_output.write_text(json.dumps({"artifacts": outputs}))

    result, told, fake = writes(behave, f"{s3}/root", tmp_path)
    uri = f"{s3}/root/p/{result.run_id}/write/out"
    (out,) = result.tasks["write"].values.artifacts["out"]
    assert (result.error, out.uri, out.metadata) == (None, uri, {"a": 1})
    (step,) = fake.steps
    assert step.environment["KFP_TASK_ROOT"] == f"{s3}/root/p/{result.run_id}/write"
    (mount,) = step.mounts
    assert mount.target == f"/s3/{s3.removeprefix('s3://')}/root/p/{result.run_id}/write"
    assert mount.source == step.paths.artifacts
    given = json.loads(step.executor_input)["outputs"]["artifacts"]["out"]["artifacts"][0]
    assert (given["uri"], given["customPath"]) == (uri, str(step.paths.artifacts / "out"))
    assert [each for each in told if isinstance(each, events.TaskNotice)] == []


def test_an_output_that_was_not_written_is_a_warning(s3: str, tmp_path: Path) -> None:
    result, told, _ = writes(lambda _: None, f"{s3}/root", tmp_path)
    assert result.error is None
    (notice,) = [each.message for each in told if isinstance(each, events.TaskNotice)]
    assert notice.startswith("the step did not write its output artifact 'out'")


def test_what_cannot_be_uploaded_fails_the_step(s3: str, tmp_path: Path) -> None:
    def behave(step: Step) -> None:
        os.mkfifo(step.args[0])

    result, _, _ = writes(behave, f"{s3}/root", tmp_path)
    assert "is neither a file nor a directory, and cannot be uploaded" in str(result.error)


def test_a_cancellation_ends_a_download(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ObjectStores().put(f"{s3}/data", b"1,2")
    asked: list[int] = []

    def slow(self: ObjectStores, *_: Any) -> bytes:
        asked.append(1)
        os.kill(os.getpid(), signal.SIGINT)
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(ObjectStores, "read", slow)
    monkeypatch.setattr("kfp.engine.artifacts.transfer._FIRST_DELAY", 1000.0)
    result, _ = ran(showing, {"data": {"uri": f"{s3}/data"}}, tmp_path)
    assert (str(result.state), asked) == ("CANCELED", [1])


class Slow:
    """An executor that is just starting a step when the run is to stop at once."""

    def __init__(self) -> None:
        self.starting, self.go_on, self.canceled = threading.Event(), threading.Event(), queue.Queue[bool]()

    def start(self, step: Step, report: Report) -> Handle:
        self.starting.set()
        assert self.go_on.wait(100)
        return self

    def cancel(self, *, force: bool = False) -> None:
        self.canceled.put(force)

    def line(self, text: str) -> None:
        """Nothing is said."""


def test_a_step_that_is_to_stop_at_once_while_it_starts(tmp_path: Path) -> None:
    paths = StepPaths(tmp_path / "step", tmp_path / "artifacts", "s3://bucket/root")
    step = Step("run", "task", 1, "image", (), (), {}, None, "{}", paths)
    slow = Slow()
    handle = StagingExecutor(slow, tmp_path).start(step, slow)  # type: ignore[arg-type]
    assert slow.starting.wait(100)
    handle.cancel()
    handle.cancel(force=True)
    slow.go_on.set()
    assert slow.canceled.get(timeout=100)


def test_what_stays_here_starts_nothing(tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.container("write", {"image": "i"}, artifacts_out=("out",))
    pipeline.task("write")
    spec = pipeline.document().spec
    threads: list[threading.Thread] = []
    fake = FakeExecutor(lambda _: threads.append(threading.current_thread()) or StepEnd())
    settings = RunSettings(home=tmp_path / "home")
    execute(plan(spec), bind(spec, {}), StagingExecutor(fake, tmp_path), settings=settings, recorder=NoRecorder())
    assert threads == [threading.main_thread()]


def test_a_program_gets_files(s3: str, tmp_path: Path) -> None:
    @dsl.component
    def write(out: Output[Dataset]) -> None:
        from pathlib import Path

        Path(out.path).write_text("made")
        out.metadata["rows"] = 1

    @dsl.pipeline
    def writing() -> Dataset:
        return write().outputs["out"]

    local.init(local.SubprocessRunner(), pipeline_root=f"{s3}/root", enable_caching=True)
    try:
        for _ in range(2):
            out = writing().output
            assert isinstance(out, Dataset)
            assert out.uri.startswith(f"{s3}/root/writing/")
            assert (Path(out.path).read_text(), out.metadata) == ("made", {"rows": 1})
            given = showing(data=out)
            assert given.output == f"{out.uri} made"
    finally:
        install(None)


@dsl.component
def once(marker: str, data: Input[Dataset]) -> str:
    from pathlib import Path

    text = Path(data.path).read_text()
    if not Path(marker).exists():
        Path(marker).write_text("")
        raise RuntimeError("not yet")
    return text


@dsl.component
def begin(out: Output[Dataset]) -> None:
    from pathlib import Path

    Path(out.path).write_text("begun")


@dsl.pipeline
def failing_once(marker: str) -> str:
    return once(marker=marker, data=begin().outputs["out"]).output


def test_a_run_goes_on_from_what_it_has_in_the_object_store(s3: str, tmp_path: Path) -> None:
    failed, _ = ran(failing_once, {"marker": str(tmp_path / "marker")}, tmp_path, pipeline_root=f"{s3}/root")
    assert str(failed.state) == "FAILED"
    shutil.rmtree(tmp_path / "home" / "cache")  # another machine's cache would not have it
    told: list[Any] = []
    result = retry(failed.run_id, home=tmp_path / "home", on_event=told.append)
    assert (result.error, result.outputs) == (None, {"Output": "begun"})
    assert [each.task for each in told if isinstance(each, events.TaskStarted)] == ["once"]
    assert keys(f"{s3}/root/failing-once/{failed.run_id}") == ["begin/out"]
