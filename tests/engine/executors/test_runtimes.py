"""The same pipelines on docker, podman and runc give the same."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import events
from kfp.engine.result import RunResult
from kfp.engine.run import run
from kfp.engine.states import State
from tests.engine.apart import engine_apart
from tests.engine.documents import Pipeline
from tests.engine.executors.test_container import lightweight
from tests.parts.runtimes import Runtime

pytestmark = pytest.mark.engine

Go = Callable[..., RunResult]


@pytest.fixture
def go(runtime: Runtime, kfp_home: Path, base_image: str) -> Go:
    def start(pipeline: Pipeline, arguments: dict[str, Any] | None = None, **changes: Any) -> RunResult:
        on_event = changes.pop("on_event", None)
        return run(
            pipeline.document(), arguments or {}, settings=runtime.settings(kfp_home, **changes), on_event=on_event
        )

    return start


def shell(pipeline: Pipeline, image: str, script: str, *args: str, name: str = "shell", **interface: Any) -> None:
    """A container component that runs a script."""
    env = interface.pop("env", [])
    made = {"image": image, "command": ["/bin/sh", "-c", script, "script"], "args": list(args), "env": env}
    pipeline.container(name, made, **interface)
    pipeline.task(name)


def nothing_left(runtime: Runtime, home: Path, run_id: str) -> list[str]:
    deadline = time.monotonic() + 100  # docker removes in the background
    while (left := runtime.left(home, run_id)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def test_values_and_artifacts_pass(go: Go, base_image: str, runtime: Runtime, kfp_home: Path) -> None:
    pipeline = Pipeline(inputs={"text": str})
    lightweight(
        pipeline, base_image,
        "def write(text: str, out: Output[Dataset]):\n    open(out.path, 'w').write(text)\n"
        "    out.metadata['size'] = len(text)\n",
        inputs={"text": str}, artifacts_out=("out",),
    )  # fmt: skip
    lightweight(
        pipeline, base_image,
        "def read(data: Input[Dataset]) -> list:\n    return [len(open(data.path).read()), data.metadata['size']]\n",
        artifacts_in=("data",), outputs={"Output": list},
    )  # fmt: skip
    pipeline.container(
        "count",
        {
            "image": base_image,
            "command": ["/bin/sh", "-c", 'wc -c < "$0" > "$1"; mkdir -p "$2"; printf "%s" "$A" > "$2/a"'],
            "args": [
                "{{$.inputs.artifacts['data'].path}}",
                "{{$.outputs.parameters['o'].output_file}}",
                "{{$.outputs.artifacts['folder'].path}}",
            ],
            "env": [{"name": "A", "value": "it's\ntwo lines"}],
        },
        artifacts_in=("data",), outputs={"o": int}, artifacts_out=("folder",),
    )  # fmt: skip
    pipeline.task("write", inputs={"text": "$text"})
    pipeline.task("read", artifacts={"data": "@write.out"})
    pipeline.task("count", artifacts={"data": "@write.out"})
    pipeline.output("Output", list, "read.Output")
    pipeline.output("counted", int, "count.o")
    pipeline.output("folder", None, "count.folder")
    result = go(pipeline, {"text": "x" * 300_000})
    assert result.error is None
    assert result.outputs["Output"] == [300_000, 300_000]
    assert result.outputs["counted"] == 300_000
    assert Path(result.outputs["folder"]["uri"], "a").read_text() == "it's\ntwo lines"
    assert nothing_left(runtime, kfp_home, result.run_id) == []


def test_a_failing_step_shows_its_own_traceback(go: Go, base_image: str) -> None:
    pipeline = Pipeline()
    lightweight(pipeline, base_image, "def fail():\n    raise ValueError('no good')\n")
    pipeline.task("fail")
    result = go(pipeline)
    assert result.state is State.FAILED
    assert str(result.error).startswith("task 'fail' failed\nTraceback (most recent call last):")
    assert str(result.error).endswith("ValueError: no good")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo first; echo second >&2; exit 3", ["exit code 3", "first", "second"]),
        ("sh -c 'kill -9 $$'; exit $?", ["SIGKILL"]),
        ("exec /no/such/program", ["exit code 127", "not found"]),
    ],
    ids=["code", "signal", "absent"],
)
def test_how_a_step_ends(go: Go, base_image: str, script: str, words: list[str]) -> None:
    pipeline = Pipeline()
    shell(pipeline, base_image, script)
    result = go(pipeline)
    assert result.state is State.FAILED
    for word in words:
        assert word in str(result.error)


def test_a_program_that_the_image_lacks(go: Go, base_image: str) -> None:
    pipeline = Pipeline()
    pipeline.container("none", {"image": base_image, "command": ["no-such-program"]})
    pipeline.task("none")
    result = go(pipeline)
    assert result.state is State.FAILED
    assert "no-such-program" in str(result.error)


def test_a_value_that_no_command_can_take_says_so(go: Go, base_image: str) -> None:
    pipeline = Pipeline()
    shell(pipeline, base_image, "true", "x" * 200_000)
    assert "more than the 128 KiB that a command can take" in str(go(pipeline).error)


def test_canceling_leaves_nothing(go: Go, base_image: str, runtime: Runtime, kfp_home: Path) -> None:
    pipeline = Pipeline()
    shell(pipeline, base_image, "sleep 600 & (setsid sleep 601 &) ; echo here; wait")

    def interrupt(event: events.Event) -> None:
        if isinstance(event, events.TaskLog):
            os.kill(os.getpid(), signal.SIGINT)

    result = go(pipeline, on_event=interrupt)  # pytest's own timeout is the judge of time
    assert result.state is State.CANCELED
    assert nothing_left(runtime, kfp_home, result.run_id) == []


def test_children_end_with_their_step(go: Go, base_image: str, runtime: Runtime, kfp_home: Path) -> None:
    pipeline = Pipeline()
    shell(pipeline, base_image, "(setsid sleep 602 &) ; echo done")
    result = go(pipeline)
    assert result.error is None
    assert nothing_left(runtime, kfp_home, result.run_id) == []


def test_nothing_outlives_a_killed_engine(base_image: str, runtime: Runtime, kfp_home: Path, tmp_path: Path) -> None:
    pipeline = Pipeline()
    shell(pipeline, base_image, "echo here; sleep 603")
    with engine_apart(pipeline, tmp_path, runtime.runner) as process:
        process.send_signal(signal.SIGKILL)
    (run_directory,) = (kfp_home / "runs").glob("*-*")
    assert nothing_left(runtime, kfp_home, run_directory.name) == []


def test_options_reach_the_container(go: Go, base_image: str, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "file").write_text("from outside")
    pipeline = Pipeline()
    lightweight(
        pipeline, base_image,
        "def look(out: Output[Artifact]) -> dict:\n    import os, socket\n"
        "    open(out.path, 'w').write('mine')\n"
        "    try:\n        open('/given/new', 'w')\n        written = True\n"
        "    except OSError:\n        written = False\n"
        "    return {'file': open('/given/file').read(), 'env': os.environ['B'], 'host': socket.gethostname(),\n"
        "            'ids': [os.getuid(), os.getgid()], 'written': written,\n"
        "            'nets': sorted(os.listdir('/sys/class/net')), 'where': os.getcwd(), 'more': os.environ['C']}\n",
        outputs={"Output": dict}, artifacts_out=("out",),
    )  # fmt: skip
    pipeline.task("look")
    pipeline.output("Output", dict, "look.Output")
    options = {
        "environment": {"B": "b c"}, "hostname": "skiff", "mem_limit": None, "user": "1234:2345",
        "working_dir": "/usr", "entrypoint": ["env", "C=it's d"], "labels": {"a": "b"}, "remove": True,
        "volumes": {str(given): {"bind": "/given", "mode": "ro"}},
    }  # fmt: skip
    result = go(pipeline, container_options=options)
    assert result.error is None
    assert result.outputs["Output"] == {
        "file": "from outside", "env": "b c", "host": "skiff", "ids": [1234, 2345], "written": False, "nets": ["lo"],
        "where": "/usr", "more": "it's d",
    }  # fmt: skip
