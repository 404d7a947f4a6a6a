from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import events
from kfp.engine.run import run
from kfp.engine.settings import RunSettings, Source
from kfp.engine.states import State
from kfp.errors import EngineUnavailable, ImageNotFound, RunError
from tests.engine.apart import engine_apart
from tests.engine.documents import Pipeline
from tests.parts.processes import gone

Settings = Callable[..., RunSettings]


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path) -> Settings:
    return lambda **changes: RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", **changes)


def adding() -> Pipeline:
    pipeline = Pipeline("math", {"x": int, "y": int})
    pipeline.python("def add(a: int, b: int) -> int:\n    print('adding', a, b)\n    return a + b\n",
                    inputs={"a": int, "b": int}, outputs={"Output": int})  # fmt: skip
    return pipeline


def test_a_pipeline_of_steps(settings: Settings) -> None:
    pipeline = adding()
    pipeline.task("first", "add", inputs={"a": "$x", "b": "$y"})
    pipeline.task("second", "add", inputs={"a": "@first.Output", "b": "$x"})
    pipeline.output("Output", int, "second.Output")
    told: list[events.Event] = []
    result = run(pipeline.document(), {"x": 2, "y": 3}, settings=settings(), on_event=told.append)
    assert (result.state, dict(result.outputs), result.error) == (State.SUCCEEDED, {"Output": 7}, None)
    assert [type(each).__name__ for each in told] == [
        "RunStarted", "DagStarted", "TaskStarted", "TaskLog", "TaskFinished", "TaskStarted", "TaskLog", "TaskFinished",
        "RunFinished",
    ]  # fmt: skip
    assert told[6] == events.TaskLog("second", "adding 5 2")
    log = result.tasks["first"].log
    assert log is not None
    assert log.read_text() == "adding 2 3\n"


def test_artifacts_and_nested_dags(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline("files", {"text": str})
    pipeline.python(
        """
        def write(text: str, out: Output[Dataset]):
            with open(out.path, "w") as file:
                file.write(text)
            out.metadata["length"] = len(text)
        """,
        inputs={"text": str}, artifacts_out=("out",),
    )  # fmt: skip
    pipeline.python(
        """
        def read(data: Input[Dataset]) -> str:
            with open(data.path) as file:
                return f"{file.read()} {data.metadata['length'] + 1}"
        """,
        artifacts_in=("data",), outputs={"Output": str},
    )  # fmt: skip
    inner = pipeline.component("inner", {}, {}, artifacts_in=("data",), dag={"tasks": {}})
    pipeline.task("read", artifacts={"data": "$data"}, within=inner)
    pipeline.output("said", str, "read.Output", within=inner)
    pipeline.task("write", inputs={"text": "$text"})
    pipeline.task("inner", artifacts={"data": "@write.out"})
    pipeline.output("said", str, "inner.said")
    pipeline.output("data", None, "write.out")
    result = run(pipeline.document(), {"text": 'it\'s {{$}} "ü"'}, settings=settings())
    assert result.outputs["said"] == 'it\'s {{$}} "ü" 15'
    uri = Path(result.outputs["data"]["uri"])
    assert uri == tmp_path / "root" / "files" / result.run_id / "write" / "out"
    assert result.outputs["data"]["metadata"] == {"length": 14}
    assert set(result.tasks) == {"write", "inner", "inner/read"}


def test_values_keep_their_types(settings: Settings) -> None:
    pipeline = Pipeline(inputs={"items": list, "some": {"parameterType": "NUMBER_INTEGER", "isOptional": True}})
    pipeline.python(
        """
        def show(items: list, text: str, number: float, some: Optional[int] = None) -> dict:
            return {"items": items, "text": text, "number": number, "some": some}
        """,
        inputs={"items": list, "text": str, "number": float,
                "some": {"parameterType": "NUMBER_INTEGER", "isOptional": True}},
        outputs={"Output": dict},
    )  # fmt: skip
    pipeline.task(
        "show",
        inputs={
            "items": "$items", "number": 2, "some": "$some", "channel-items": "$items",
            "text": "{{$.inputs.parameters['channel-items']}} at {{$.pipeline_job_create_time_utc}}",
        },
    )  # fmt: skip
    pipeline.output("Output", dict, "show.Output")
    result = run(pipeline.document(), {"items": [1, {"a": 2}]}, settings=settings())
    shown = result.outputs["Output"]
    assert json.dumps(shown["items"]) == '[1, {"a": 2}]'
    assert shown["number"] == 2.0
    assert shown["some"] is None
    text, _, moment = shown["text"].partition(" at ")
    assert text == '[1, {"a": 2}]'
    assert time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")


def test_a_failing_step_shows_its_own_traceback_and_stops_the_rest(settings: Settings) -> None:
    pipeline = adding()
    pipeline.python("def fail(text: str) -> int:\n    raise ValueError(text)\n",
                    inputs={"text": str}, outputs={"Output": int})  # fmt: skip
    pipeline.task("bad", "fail", inputs={"text": "no good"})
    pipeline.task("never", "add", inputs={"a": "@bad.Output", "b": "$x"})
    result = run(pipeline.document(), {"x": 1, "y": 1}, settings=settings())
    assert result.state is State.FAILED
    assert result.tasks["never"].state is State.SKIPPED
    assert result.error is not None
    lines = result.error.splitlines()
    assert lines[:2] == ["task 'bad' failed", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: no good"
    assert "executor" not in result.error


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def quit() -> int:\n    import sys\n    print('bye')\n    sys.exit(3)\n", "exit code 3"),
        ("def quit() -> int:\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n", "SIGKILL"),
        ("def quit() -> int:\n    import os\n    os._exit(0)\n", "without writing its output parameter 'Output'"),
    ],
)
def test_other_ends_are_told(settings: Settings, source: str, said: str) -> None:
    pipeline = Pipeline()
    pipeline.python(source, outputs={"Output": int})
    pipeline.task("quit")
    result = run(pipeline.document(), {}, settings=settings())
    assert result.state is State.FAILED
    assert said in str(result.error)


def test_environment_working_directory_and_large_input(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "yes")
    pipeline = Pipeline(inputs={"text": str})
    pipeline.python(
        """
        def look(text: str) -> dict:
            import os
            open("left-behind", "w").close()
            return {"length": len(text), "cwd": os.listdir(), "set": os.environ["MY_SETTING"],
                    "outside": os.environ["FROM_OUTSIDE"]}
        """,
        inputs={"text": str}, outputs={"Output": dict}, env={"MY_SETTING": "{{$.pipeline_task_name}}"},
    )  # fmt: skip
    pipeline.task("look", inputs={"text": "$text"})
    pipeline.output("Output", dict, "look.Output")
    result = run(pipeline.document(), {"text": "x" * 2_000_000}, settings=settings())
    assert result.outputs["Output"] == {
        "length": 2_000_000, "cwd": ["left-behind"], "set": "look", "outside": "yes",
    }  # fmt: skip


@pytest.mark.parametrize("env", [{"": "x"}, {"A=B": "x"}, {"A\0": "x"}, {"A": "x\0y"}])
def test_variables_that_no_process_can_be_given(settings: Settings, env: dict[str, str]) -> None:
    pipeline = Pipeline()
    pipeline.python("def look():\n    pass\n", env=env)
    pipeline.task("look")
    result = run(pipeline.document(), {}, settings=settings())
    assert "task 'look' sets the environment variable" in str(result.error)


def test_retries_with_a_log_for_each_attempt(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.python(
        f"""
        def flaky() -> int:
            import pathlib
            mark = pathlib.Path({str(tmp_path / "mark")!r})
            mark.write_text(mark.read_text() + "x" if mark.exists() else "x")
            print("attempt", len(mark.read_text()))
            if len(mark.read_text()) < 3:
                raise RuntimeError("not yet")
            return 1
        """,
        outputs={"Output": int},
    )
    pipeline.task("flaky", retryPolicy={"maxRetryCount": 2, "backoffDuration": "0.05s"})
    told: list[events.Event] = []
    result = run(pipeline.document(), {}, settings=settings(), on_event=told.append)
    assert result.state is State.SUCCEEDED
    assert [each.delay for each in told if isinstance(each, events.TaskRetried)] == [0.05, 0.1]
    log = result.tasks["flaky"].log
    assert log is not None
    assert [(log.parents[1] / str(n) / log.name).read_text().splitlines()[0] for n in (1, 2, 3)] == [
        "attempt 1", "attempt 2", "attempt 3",
    ]  # fmt: skip


def sleeping(tmp_path: Path) -> Pipeline:
    """A step that has a child of its own, both of which write their number down and sleep."""
    pipeline = Pipeline()
    pipeline.python(
        f"""
        def sleep() -> int:
            import os, subprocess, time
            child = subprocess.Popen(["sleep", "600"])
            with open({str(tmp_path / "numbers")!r}, "w") as file:
                file.write(f"{{os.getpid()}} {{child.pid}}")
            print("sleeping", flush=True)
            time.sleep(600)
        """,
        outputs={"Output": int},
    )
    pipeline.task("sleep")
    return pipeline


def wait_until(condition: Callable[[], bool], seconds: float = 100) -> bool:
    """Wait for what comes in a moment, as long as a busy machine may take for that."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_whole_process_group(settings: Settings, tmp_path: Path, number: int) -> None:
    def interrupt(event: events.Event) -> None:
        if isinstance(event, events.TaskLog):
            os.kill(os.getpid(), number)

    handler = signal.getsignal(number)
    result = run(sleeping(tmp_path).document(), {}, settings=settings(grace=0.5), on_event=interrupt)
    assert (result.state, result.signal) == (State.CANCELED, number)
    assert result.tasks["sleep"].state is State.CANCELED
    assert all(wait_until(partial(gone, int(pid))) for pid in (tmp_path / "numbers").read_text().split())
    assert signal.getsignal(number) == handler


def test_steps_do_not_outlive_a_killed_engine(tmp_path: Path) -> None:
    with engine_apart(sleeping(tmp_path), tmp_path, "process") as process:
        pids = [int(pid) for pid in (tmp_path / "numbers").read_text().split()]
        assert not any(map(gone, pids))
        process.send_signal(signal.SIGKILL)
    assert all(wait_until(partial(gone, pid)) for pid in pids)


KILLED_WHEN_TOLD = """
import os, signal, sys
from kfp.engine import events
from kfp.engine.run import run
from kfp.ir.files import read

def tell(event):
    if isinstance(event, events.TaskFinished):
        os.kill(os.getpid(), signal.SIGKILL)

run(read(sys.argv[1]), {}, on_event=tell)
"""


def test_what_was_told_is_in_the_store_whatever_comes_next(tmp_path: Path, kfp_home: Path) -> None:
    from kfp.engine.records.store import Store

    pipeline = Pipeline()
    pipeline.python("def one() -> int:\n    return 1\n", outputs={"Output": int})
    pipeline.task("first", "one")
    pipeline.task("second", "one", after=("first",))
    (tmp_path / "pipeline.json").write_text(json.dumps(pipeline.data))
    command = [sys.executable, "-c", KILLED_WHEN_TOLD, str(tmp_path / "pipeline.json")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    store = Store(kfp_home)
    (record,) = store.runs()
    done = store.tasks(record.id)[0]
    assert (done.path, done.state, done.outputs) == ("first", State.SUCCEEDED, {"Output": 1})
    store.close()


def test_a_run_out_of_time_is_canceled(settings: Settings, tmp_path: Path) -> None:
    result = run(sleeping(tmp_path).document(), {}, settings=settings(timeout=0.5, grace=0.2))
    assert (result.state, result.signal, result.error) == (State.CANCELED, None, "the run was stopped after 0.5 s")


def test_a_step_whose_packages_are_on_their_way_is_canceled_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as index:  # it takes connections and says nothing
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{index.getsockname()[1]}/simple")
        monkeypatch.delenv("UV_NO_INDEX", raising=False)
        monkeypatch.setenv("UV_HTTP_TIMEOUT", "600")  # pytest's own timeout is the judge of time
        pipeline = Pipeline()
        pipeline.python("def never():\n    pass\n", prologue="python3 -m pip install --quiet 'parcel==9.9'")
        pipeline.task("never")

        def interrupt() -> None:
            connection, _ = index.accept()
            asked.set()
            os.kill(os.getpid(), signal.SIGTERM)
            connection.close()

        threading.Thread(target=interrupt, daemon=True).start()
        result = run(pipeline.document(), {}, settings=settings())
    assert asked.is_set()
    assert (result.state, result.tasks["never"].state) == (State.CANCELED, State.CANCELED)


def test_what_a_step_leaves_running_does_not_outlive_it(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.python(
        f"""
        def leave() -> int:
            import subprocess
            child = subprocess.Popen(["sleep", "600"])
            with open({str(tmp_path / "number")!r}, "w") as file:
                file.write(str(child.pid))
            return 1
        """,
        outputs={"Output": int},
    )
    pipeline.task("leave")
    assert run(pipeline.document(), {}, settings=settings()).state is State.SUCCEEDED
    assert wait_until(lambda: gone(int((tmp_path / "number").read_text())))


def test_independent_steps_run_side_by_side(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline(inputs={"mine": str, "other": str})
    pipeline.python(
        """
        def meet(mine: str, other: str):
            import pathlib, time
            pathlib.Path(mine).touch()
            while not pathlib.Path(other).exists():
                time.sleep(0.01)
        """,
        inputs={"mine": str, "other": str},
    )
    pipeline.task("a", "meet", inputs={"mine": "$mine", "other": "$other"})
    pipeline.task("b", "meet", inputs={"mine": "$other", "other": "$mine"})
    arguments = {"mine": str(tmp_path / "a"), "other": str(tmp_path / "b")}
    result = run(pipeline.document(), arguments, settings=settings(parallelism=2, timeout=200))
    assert result.state is State.SUCCEEDED


def containerized(image: str = "localhost/nothing:v1") -> Pipeline:
    pipeline = Pipeline()
    args = ["--executor_input", "{{$}}", "--function_to_execute", "add"]
    container = {"image": image, "command": ["python3", "-m", "kfp.dsl.executor_main"], "args": args}
    pipeline.container("add", container, inputs={"a": int, "b": int}, outputs={"Output": int})
    pipeline.task("add", inputs={"a": 1, "b": 2})
    pipeline.output("Output", int, "add.Output")
    return pipeline


@pytest.mark.parametrize("sibling", ["math", "types", "json", "random", "helpers"])
@pytest.mark.parametrize("form", ["from .{} import total", "from {} import total", "from .deep.{} import total"])
def test_containerized_components_run_from_their_source(
    settings: Settings, tmp_path: Path, sibling: str, form: str
) -> None:
    if form.startswith("from {}") and sibling != "helpers":
        form = "from .{} import total"
    folder = tmp_path / "src"
    (folder / "deep").mkdir(parents=True)
    for place in (folder, folder / "deep"):
        (place / f"{sibling}.py").write_text("def total(a, b):\n    return a + b\n")
    (folder / "data.txt").write_text("40")
    (folder / "component.py").write_text(
        "import json, random, types\n" + form.format(sibling) + "\n"
        "def add(a: int, b: int) -> int:\n"
        "    json.dumps(random.random()), types.SimpleNamespace()\n"
        "    open('scratch.txt', 'w').close()\n"
        "    return total(a, b) + int(open('data.txt').read())\n"
    )
    source = Source(folder, {"add": Path("component.py")})
    result = run(containerized().document(), {}, settings=settings(sources={("localhost/nothing:v1", "add"): source}))
    assert result.error is None
    assert result.outputs == {"Output": 43}
    assert not (folder / "scratch.txt").exists()


def wheel(folder: Path) -> Path:
    """A package with one module, as an index would give it."""
    path = folder / "skiff_test_package-1.0-py3-none-any.whl"
    info = "skiff_test_package-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skiff_test_package.py", "VALUE = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: skiff-test-package\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_packages_are_installed_once_into_an_environment_of_their_own(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.python(
        """
        def use() -> dict:
            import sys, skiff_test_package
            return {"value": skiff_test_package.VALUE, "prefix": sys.prefix}
        """,
        outputs={"Output": dict},
        prologue=f"python3 -m pip install --quiet 'skiff-test-package @ {wheel(tmp_path).as_uri()}'",
    )
    for name in ("one", "two"):
        pipeline.task(name, "use")
        pipeline.output(name, dict, f"{name}.Output")
    result = run(pipeline.document(), {}, settings=settings())
    assert result.error is None
    assert result.outputs["one"] == result.outputs["two"]
    assert result.outputs["one"]["value"] == 42
    assert Path(result.outputs["one"]["prefix"]).is_relative_to(settings().home / "cache")


@pytest.mark.parametrize(
    ("requirement", "here"), [("msgspec", True), ("no-such-package", False), ("msgspec==0.0", False)]
)
def test_packages_of_this_interpreter(settings: Settings, tmp_path: Path, requirement: str, here: bool) -> None:
    pipeline = Pipeline()
    pipeline.python(
        "def use() -> str:\n    import sys\n    return sys.prefix\n",
        outputs={"Output": str},
        prologue=f"python3 -m pip install --index-url {tmp_path.as_uri()} '{requirement}'",
    )
    pipeline.task("use")
    pipeline.output("Output", str, "use.Output")
    result = run(pipeline.document(), {}, settings=settings(reuse_interpreter=True))
    assert (result.state, result.outputs.get("Output")) == (
        (State.SUCCEEDED, sys.prefix) if here else (State.FAILED, None)
    )


def test_packages_that_cannot_be_had(settings: Settings, tmp_path: Path) -> None:
    pipeline = Pipeline()
    pipeline.python(
        "def use(): ...\n",
        prologue=f"python3 -m pip install --index-url {tmp_path.as_uri()} 'no-such-package'",
    )
    pipeline.task("use")
    result = run(pipeline.document(), {}, settings=settings())
    assert result.state is State.FAILED
    assert "no-such-package" in str(result.error)


def test_a_built_component_runs_from_its_image_in_the_store(settings: Settings) -> None:
    from kfp.images.image import scratch
    from kfp.images.layer import build_layer
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from kfp.images.tar import Entry

    store = Store(settings().home / "images")
    place = "usr/local/src/kfp/components"
    files = {
        "component.py": b"from .helpers import total\ndef add(a: int, b: int) -> int:\n    return total(a, b)\n",
        "helpers.py": b"def total(a, b):\n    return a + b\n",
        "kfp_config.ini": b"[Components]\nadd = component.py\n",
    }
    layer = build_layer([Entry.file(f"{place}/{name}", data) for name, data in files.items()], store.blobs)
    image = scratch(Platform.host()).append(layer)
    image = image.with_config(image.config.with_labels({"skiff.source": layer.diff_id, "skiff.packages": ""}))
    store.put(image, Reference.parse("localhost/nothing:v1"))
    for _ in range(2):
        result = run(containerized().document(), {}, settings=settings())
        assert (result.error, result.outputs) == (None, {"Output": 3})
    bare = image.with_config(image.config.with_labels({"skiff.source": "sha256:" + "0" * 64}))
    store.put(bare, Reference.parse("localhost/nothing:v1"))
    with pytest.raises(RunError, match="holds no component source"):
        run(containerized().document(), {}, settings=settings())


def test_an_image_that_is_nowhere(settings: Settings) -> None:
    with pytest.raises(ImageNotFound, match="localhost/nothing:v1") as caught:
        run(containerized().document(), {}, settings=settings())
    assert "kfp component build" in str(caught.value)


def test_a_command_of_its_own_needs_a_container_engine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_CONTAINER_ENGINE", "no-such-engine")
    pipeline = Pipeline()
    pipeline.container("say", {"image": "alpine", "command": ["echo", "hello"]})
    pipeline.task("say")
    with pytest.raises(EngineUnavailable, match="task 'say' runs a command of its own") as caught:
        run(pipeline.document(), {}, settings=settings())
    assert "install docker or podman" in str(caught.value)


def test_a_killed_engine_leaves_a_run_that_is_known_to_have_failed(settings: Settings, tmp_path: Path) -> None:
    from kfp.engine.records.store import Store

    home = settings().home
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom kfp.engine.run import run\n"
        "from kfp.engine.settings import RunSettings\n"
        "from tests.engine.executors.test_process import sleeping\n"
        "run(sleeping(Path(sys.argv[2])).document(), {}, settings=RunSettings(home=Path(sys.argv[1])))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script), str(home), str(tmp_path)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]),
        },
    )
    numbers = tmp_path / "numbers"
    try:
        assert wait_until(lambda: numbers.exists() and len(numbers.read_text().split()) == 2)
        store = Store(home)
        assert wait_until(lambda: [each.state for each in store.runs()] == [State.RUNNING])
    finally:
        process.kill()
        process.wait()
    (record,) = store.runs()
    assert record.state is State.FAILED
    assert "ended before the run did" in str(record.error)
    assert [task.state for task in store.tasks(record.id)] == [State.FAILED]
    store.close()
    assert all(wait_until(partial(gone, int(number))) for number in numbers.read_text().split())


def test_an_event_handler_that_fails_leaves_nothing_running(settings: Settings, tmp_path: Path) -> None:
    def fail(event: events.Event) -> None:
        if isinstance(event, events.TaskLog):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(sleeping(tmp_path).document(), {}, settings=settings(), on_event=fail)
    assert all(gone(int(number)) for number in (tmp_path / "numbers").read_text().split())


def test_runs_in_another_thread(settings: Settings) -> None:
    pipeline = adding()
    pipeline.task("add", inputs={"a": "$x", "b": "$y"})
    pipeline.output("Output", int, "add.Output")
    outputs: list[Any] = []

    def work() -> None:
        outputs.append(run(pipeline.document(), {"x": 1, "y": 1}, settings=settings()).outputs)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert outputs == [{"Output": 2}]


def test_a_run_that_cannot_make_its_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    pipeline = adding()
    pipeline.task("add", inputs={"a": "$x", "b": "$y"})
    with pytest.raises(RunError, match="directory cannot be made"):
        run(pipeline.document(), {"x": 1, "y": 1}, settings=RunSettings(home=tmp_path / "file"))
