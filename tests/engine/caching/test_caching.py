"""Which steps run again, and what a run is told of those that do not."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.caching import question
from kfp.engine.caching.cache import StepCache
from kfp.engine.caching.database import StepDatabase
from kfp.engine.caching.entry import Entry
from kfp.engine.caching.executor import CachingExecutor
from kfp.engine.continuing.run_files import document_text
from kfp.engine.events import TaskNotice
from kfp.engine.executors.fake import FakeExecutor
from kfp.engine.executors.images import Images
from kfp.engine.planning.planner import plan
from kfp.engine.result import RunResult
from kfp.engine.resume import retry
from kfp.engine.run import execute
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.engine.step import Handle, Report, Step, StepEnd
from kfp.ir.arguments import bind
from tests.engine.documents import Pipeline

ON: dict[str, Any] = {"cachingOptions": {"enableCache": True}}
FINAL_STATUS: dict[str, Any] = {"status": {"parameterType": "TASK_FINAL_STATUS", "isOptional": True}}
ALWAYS: dict[str, Any] = {"triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}}


class Runs:
    """Runs pipelines one after the other; a step gives the sum of its parameters and writes it into its artifacts."""

    def __init__(self, tmp_path: Path) -> None:
        self.settings = RunSettings(home=tmp_path / "home", pipeline_root=tmp_path / "root", workspace=tmp_path / "w")
        self.ran: list[str] = []
        self.notices: list[str] = []
        self.result: RunResult
        self.fails: set[str] = set()

    def __call__(self, pipeline: Pipeline, arguments: Mapping[str, Any] | None = None, **changes: Any) -> list[str]:
        """Run a pipeline; return the tasks that really ran, in their order."""
        document = pipeline.document()
        settings = RunSettings(
            **{name: getattr(self.settings, name) for name in RunSettings.__struct_fields__} | changes
        )
        executor = CachingExecutor(FakeExecutor(self._step), settings, Images(settings.home))
        self.ran = []
        self.notices = []
        self.result = execute(
            plan(document.spec),
            bind(document.spec, arguments or {}),
            executor,
            settings=settings,
            document=document_text(document),
            on_event=lambda event: self.notices.append(event.message) if isinstance(event, TaskNotice) else None,
        )
        return sorted(self.ran)

    def told(self, task: str) -> str:
        """What the cache had for a task, in words."""
        cache = self.result.tasks[task].cache
        assert cache is not None
        return f"{cache['state']}: {cache['reason']}"

    def _step(self, step: Step) -> StepEnd:
        self.ran.append(step.task)
        if step.task in self.fails:
            return StepEnd(error="it broke")
        told = json.loads(step.executor_input)
        inputs, outputs = told["inputs"], told["outputs"]
        total = sum(value for value in inputs.get("parameterValues", {}).values() if isinstance(value, int))
        for group in inputs.get("artifacts", {}).values():
            total += sum(int(Path(each["uri"]).read_text()) for each in group["artifacts"])
        said: dict[str, Any] = {"parameterValues": dict.fromkeys(outputs.get("parameters", {}), total), "artifacts": {}}
        for name, group in outputs.get("artifacts", {}).items():
            first = group["artifacts"][0]
            Path(first["uri"]).write_text(str(total))
            said["artifacts"][name] = {"artifacts": [{**first, "metadata": {"total": total}}]}
        Path(outputs["outputFile"]).write_text(json.dumps(said))
        return StepEnd()


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def chain(name: str = "p", **options: Any) -> Pipeline:
    """`make` writes an artifact from x, `use` reads it."""
    pipeline = Pipeline(name, {"x": int})
    pipeline.python("def make(x: int, out): ...\n", inputs={"x": int}, artifacts_out=("out",))
    pipeline.python("def use(data): ...\n", artifacts_in=("data",), outputs={"Output": int})
    pipeline.task("make", inputs={"x": "$x"}, **(options or ON))
    pipeline.task("use", artifacts={"data": "@make.out"}, **(options or ON))
    pipeline.output("Output", int, "use.Output")
    return pipeline


def test_hits_and_misses(runs: Runs) -> None:
    assert runs(chain(), {"x": 3}) == ["make", "use"]
    assert [runs.told(task) for task in ("make", "use")] == ["miss: never run before"] * 2
    first = runs.result
    assert runs(chain(), {"x": 3}) == []
    assert (runs.result.state, dict(runs.result.outputs)) == (State.SUCCEEDED, {"Output": 3})
    assert runs.told("use") == f"hit: run {first.run_id[:8]}"
    assert runs.result.tasks["make"].cache == {
        "state": "hit", "reason": f"run {first.run_id[:8]}", "run": first.run_id,
        "key": (first.tasks["make"].cache or {})["key"],
    }  # fmt: skip
    (made,) = runs.result.tasks["make"].values.artifacts["out"]
    assert (made.uri, made.metadata) == (first.tasks["make"].values.artifacts["out"][0].uri, {"total": 3})
    assert runs(chain(), {"x": 4}) == ["make", "use"]
    assert runs.told("make") == "miss: input 'x' changed (3 → 4)"
    assert runs.told("use") == "miss: the content of input 'data' changed, the metadata of input 'data' changed"
    assert runs(chain("other"), {"x": 4}) == []
    assert runs.told("make").endswith("of pipeline 'p'")


def test_equal_tasks_one_after_the_other_run_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes until the first one's outputs are written."""
    ended, put, close = threading.Event(), StepDatabase.put, StepCache.close

    def late(database: StepDatabase, entries: Iterable[Entry]) -> None:
        assert ended.wait(60)
        put(database, entries)

    def last(cache: StepCache) -> None:
        ended.set()
        close(cache)

    monkeypatch.setattr(StepDatabase, "put", late)
    monkeypatch.setattr(StepCache, "close", last)
    pipeline = Pipeline("p", {"x": int})
    pipeline.python("def first(x: int): ...\n", inputs={"x": int}, outputs={"Output": int})
    pipeline.task("one", "first", inputs={"x": "$x"}, **ON)
    pipeline.task("two", "first", inputs={"x": "$x"}, after=("one",), **ON)
    assert runs(pipeline, {"x": 3}) == ["one"]
    assert runs.told("two") == f"hit: run {runs.result.run_id[:8]}, task 'one'"


def test_a_hit_leaves_a_log_and_no_empty_directory(runs: Runs) -> None:
    for _ in range(2):
        runs(chain(), {"x": 3})
    log = runs.result.tasks["make"].log
    assert log is not None
    assert log.read_text().startswith("outputs from the cache: run ")
    assert not [each for each in (Path(runs.settings.artifacts) / "p" / runs.result.run_id).rglob("*") if each.is_dir()]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.unlink(), "miss: output artifact 'out' of run {} is gone"),
        (lambda path: path.write_text("4"), "miss: output artifact 'out' of run {} was changed since"),
        (lambda path: shutil.rmtree(path.parents[1]), "miss: output artifact 'out' of run {} is gone"),
    ],
    ids=["gone", "changed", "run deleted"],
)
def test_a_hit_needs_its_outputs_as_they_were(runs: Runs, spoil: Callable[[Path], None], told: str) -> None:
    runs(chain(), {"x": 3})
    before = runs.result
    spoil(Path(before.tasks["make"].values.artifacts["out"][0].path))
    assert runs(chain(), {"x": 3}) == ["make"], "what it makes anew has the same content"
    assert runs.told("make") == told.format(before.run_id[:8])
    assert runs(chain(), {"x": 3}) == []


@pytest.mark.parametrize("options", [{}, {"cachingOptions": {}}, {"cachingOptions": {"cacheKey": "k"}}])
def test_options_that_switch_it_off(runs: Runs, options: dict[str, Any]) -> None:
    off = chain(**(options or {"taskInfo": {"name": "x"}}))
    for _ in range(2):
        assert runs(off, {"x": 3}) == ["make", "use"]
        assert runs.told("use") == "off: the task's caching options"
    assert runs(chain(), {"x": 3}) == ["make", "use"], "and nothing was left"


def test_a_run_without_the_cache(runs: Runs) -> None:
    for _ in range(2):
        assert runs(chain(), {"x": 3}, caching=False) == ["make", "use"]
    assert runs.told("make") == "off: the run was started without the cache"
    assert not (runs.settings.home / "cache").exists()


def test_a_key_of_its_own(runs: Runs) -> None:
    mine: dict[str, Any] = {"cachingOptions": {"enableCache": True, "cacheKey": "mine"}}
    assert runs(chain(**mine), {"x": 3}) == ["make", "use"]
    assert runs(chain(**mine), {"x": 4}) == []
    assert dict(runs.result.outputs) == {"Output": 3}
    assert runs(chain("other", **mine), {"x": 4}) == ["make", "use"], "it holds for its pipeline"


def test_a_task_that_failed_leaves_nothing(runs: Runs) -> None:
    runs.fails = {"use"}
    runs(chain(), {"x": 3})
    assert runs.result.state is State.FAILED
    assert runs.told("use") == "miss: never run before"
    runs.fails = set()
    assert runs(chain(), {"x": 3}) == ["use"]


def test_a_step_without_its_outputs_fails_and_leaves_nothing(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runs, "_step", lambda self, step: StepEnd())
    runs(chain(), {"x": 3})
    assert "without writing its output parameter 'Output'" in (runs.result.tasks["use"].error or "")
    monkeypatch.undo()
    assert runs(chain(), {"x": 4}) == ["make", "use"]


def test_an_artifact_that_was_not_written_is_told_again(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = chain()
    del pipeline.data["root"]["dag"]["tasks"]["use"], pipeline.data["root"]["dag"]["outputs"]
    del pipeline.data["root"]["outputDefinitions"]
    monkeypatch.setattr(Runs, "_step", lambda self, step: self.ran.append(step.task) or StepEnd())
    assert runs(pipeline, {"x": 3}) == ["make"]
    told = runs.notices
    assert told[0].startswith("the step did not write its output artifact 'out'")
    assert (runs(pipeline, {"x": 3}), runs.notices) == ([], told)


def test_what_is_told_how_others_ended_always_runs(runs: Runs) -> None:
    pipeline = chain()
    pipeline.python("def notify(status): ...\n", inputs=FINAL_STATUS)
    pipeline.python("def tidy(x: int): ...\n", inputs={"x": int})
    status = {"status": {"taskFinalStatus": {"producerTask": "use"}}}
    pipeline.task("notify", after=("use",), **ON, **ALWAYS)
    pipeline.data["root"]["dag"]["tasks"]["notify"]["inputs"] = {"parameters": status}
    pipeline.task("tidy", inputs={"x": 1}, after=("use",), **ON, **ALWAYS)
    assert runs(pipeline, {"x": 3}) == ["make", "notify", "tidy", "use"]
    assert runs(pipeline, {"x": 3}) == ["notify"], "an exit task that is told nothing is a task like others"
    assert runs.told("notify") == "off: the step is told how other tasks ended"


def test_what_uses_the_workspace_always_runs(runs: Runs) -> None:
    pipeline = Pipeline("p")
    pipeline.python("def save(path: str): ...\n", inputs={"path": str})
    pipeline.task("save", inputs={"path": "{{$.workspace_path}}/x"}, **ON)
    for _ in range(2):
        assert runs(pipeline) == ["save"]
    assert runs.told("save").startswith("off: the step uses the run's workspace")


def test_placeholders_of_the_run(runs: Runs) -> None:
    """In a command they are kept as they are written, in an input they are its value."""
    pipeline = Pipeline("p")
    pipeline.container("shell", {"image": "alpine", "command": ["echo", "{{$.pipeline_job_uuid}}"]})
    pipeline.python("def note(job: str): ...\n", inputs={"job": str})
    pipeline.task("shell", **ON)
    pipeline.task("note", inputs={"job": "{{$.pipeline_job_uuid}}"}, **ON)
    assert runs(pipeline) == ["note", "shell"]
    assert runs(pipeline) == ["note"]
    assert runs.told("note").startswith("miss: input 'job' changed (")


def test_one_component_with_other_variables(runs: Runs) -> None:
    """What a pipeline sets for a task decides what it makes; upstream's local runner tells the two apart as well."""

    def moded(mode: str) -> Pipeline:
        pipeline = Pipeline("p")
        pipeline.python("def report() -> int: ...\n", outputs={"Output": int}, env={"MODE": mode})
        pipeline.task("report", **ON)
        return pipeline

    assert [runs(moded(mode)) for mode in ("train", "eval", "train", "eval")] == [["report"], ["report"], [], []]


def test_importers_have_their_own_rule(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("5")
    pipeline = chain()
    pipeline.component("get", {}, {}, artifacts_out=("artifact",), executorLabel="exec-get")
    uri = {"artifactUri": {"constant": str(tmp_path / "data")}, "typeSchema": {"schemaTitle": "system.Dataset"}}
    pipeline.data["deploymentSpec"]["executors"]["exec-get"] = {"importer": uri}
    pipeline.task("get", **ON)
    pipeline.task("other", "use", artifacts={"data": "@get.artifact"}, **ON)
    assert runs(pipeline, {"x": 5}) == ["make", "other", "use"]
    assert runs.result.tasks["get"].cache is None
    assert runs(pipeline, {"x": 5}) == []
    (tmp_path / "data").write_text("6")
    assert runs(pipeline, {"x": 5}) == ["other"]
    assert runs.told("other") == "miss: the content of input 'data' changed"


def test_iterations_are_steps_like_others(runs: Runs) -> None:
    def loop(items: str) -> Pipeline:
        pipeline = Pipeline("p")
        pipeline.python("def twice(x: int) -> int: ...\n", inputs={"x": int}, outputs={"Output": int})
        pipeline.task("twice", parameterIterator={"itemInput": "x", "items": {"raw": items}}, **ON)
        return pipeline

    assert runs(loop("[1, 2]")) == ["twice/0", "twice/1"]
    assert runs(loop("[1, 3, 2]")) == ["twice/1"]
    assert runs.told("twice/1") == "miss: input 'x' changed (2 → 3)"
    assert runs.told("twice/2").endswith(", task 'twice/1'")


def test_a_run_that_is_continued(runs: Runs) -> None:
    """What was a hit stays one; what had failed is looked up again."""
    runs(chain(), {"x": 3})
    shutil.rmtree(runs.settings.home / "cache")
    runs.fails = {"use"}
    assert runs(chain(), {"x": 3}) == ["make", "use"]
    assert runs(chain(), {"x": 3}) == ["use"]
    told = runs.told("make")
    runs.fails = set()
    executor = CachingExecutor(FakeExecutor(runs._step), runs.settings, Images(runs.settings.home))
    runs.ran = []
    runs.result = retry(runs.result.run_id, home=runs.settings.home, executor=executor)
    assert (runs.result.state, runs.ran) == (State.SUCCEEDED, ["use"])
    assert (runs.told("make"), runs.told("use")) == (told, "miss: never run before")
    assert told.startswith("hit: run ")
    assert runs(chain(), {"x": 3}) == []


def test_what_is_too_large_is_not_kept_and_that_is_told(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "_MAX_OUTPUTS", 10)
    assert runs(chain(), {"x": 3}) == ["make", "use"]
    assert runs.notices == ["its outputs are not cached: its parameters are larger than 0 MiB; use an artifact"]
    assert runs(chain(), {"x": 3}) == ["use"]


def test_a_cache_that_cannot_be_used_stops_nothing(runs: Runs) -> None:
    (runs.settings.home / "cache/steps/cache.db").mkdir(parents=True)
    assert runs(chain(), {"x": 3}) == ["make", "use"]
    assert runs.result.state is State.SUCCEEDED
    assert runs.told("make").startswith("off: the step cannot be looked up: the cache of steps, ")


def test_a_cache_that_cannot_be_written_is_told(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter(["the disk is full"])
    monkeypatch.setattr(StepCache, "failure", lambda _: next(failures, None))
    assert runs(chain(), {"x": 3}) == ["make", "use"]
    assert runs.result.state is State.SUCCEEDED
    assert runs.notices == ["its outputs may not be cached: the disk is full"]


class Canceled:
    """A step that is canceled at a moment of its own; keeps how it ended."""

    def __init__(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        steps: list[Step] = []

        def note(step: Step) -> StepEnd:
            steps.append(step)
            return StepEnd(error="enough")

        with monkeypatch.context() as patch:
            patch.setattr(runs, "_step", note)
            runs(chain(), {"x": 3})
        self.started = threading.Event()
        self.ends: list[StepEnd] = []
        self.forced: list[bool] = []
        self._ended = threading.Event()
        self._executor = CachingExecutor(self, runs.settings, Images(runs.settings.home))  # type: ignore[arg-type]
        self._step = steps[0]

    def go(self) -> Handle:
        return self._executor.start(self._step, self)

    def wait(self) -> list[bool]:
        assert self._ended.wait(100)
        return [end.canceled for end in self.ends]

    def start(self, step: Step, report: Report) -> Handle:
        self.started.set()
        self._report = report
        return self

    def cancel(self, *, force: bool = False) -> None:
        self.forced.append(force)
        self._report.ended(StepEnd(canceled=True))

    def line(self, text: str) -> None: ...

    def ended(self, end: StepEnd) -> None:
        self.ends.append(end)
        self._ended.set()


def test_a_step_that_is_canceled_while_it_is_looked_up(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    canceled = Canceled(runs, monkeypatch)
    looked, released, get = threading.Event(), threading.Event(), StepDatabase.get

    def slow(self: StepDatabase, key: str) -> Any:
        looked.set()
        released.wait(100)
        return get(self, key)

    monkeypatch.setattr(StepDatabase, "get", slow)
    handle = canceled.go()
    assert looked.wait(100)
    handle.cancel()
    released.set()
    assert canceled.wait() == [True]
    assert not canceled.started.is_set()


def test_a_step_that_is_canceled_once_it_runs(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    canceled = Canceled(runs, monkeypatch)
    handle = canceled.go()
    assert canceled.started.wait(100)
    handle.cancel(force=True)
    assert canceled.wait() == [True]
    assert canceled.forced == [True]
