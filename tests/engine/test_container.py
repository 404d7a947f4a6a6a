"""Steps in real containers, by docker and by podman."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.bundle.bootstrap import bootstrap
from kfp.engine import events
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import ImageNotFound, RegistryUnreachable, RunError
from tests.engine.apart import engine_apart
from tests.engine.documents import HEADER, Pipeline
from tests.parts.engines import ContainerEngine
from tests.parts.registry import RunningRegistry

Settings = Callable[..., RunSettings]


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path, container_engine: ContainerEngine, base_image: str) -> Settings:
    options = {"network_mode": "none"}
    return lambda **changes: RunSettings(
        **{
            "home": kfp_home,
            "pipeline_root": tmp_path / "root",
            "runner": "container",
            "container_options": options,
            "grace": 1.0,
            **changes,
        }
    )


def lightweight(pipeline: Pipeline, image: str, source: str, **interface: Any) -> None:
    function = source.split("def ", 1)[1].split("(", 1)[0]
    args = ["--executor_input", "{{$}}", "--function_to_execute", function]
    command = ["python3", "-c", bootstrap(), HEADER + source]
    pipeline.container(function, {"image": image, "command": command, "args": args}, **interface)


@pytest.mark.engine
def test_steps_pass_values_and_artifacts(settings: Settings, base_image: str) -> None:
    pipeline = Pipeline(inputs={"text": str})
    lightweight(
        pipeline, base_image,
        "def write(text: str, out: Output[Dataset]):\n    print('writing')\n    open(out.path, 'w').write(text)\n",
        inputs={"text": str}, artifacts_out=("out",),
    )  # fmt: skip
    lightweight(
        pipeline, base_image,
        "def read(data: Input[Dataset]) -> int:\n    return len(open(data.path).read())\n",
        artifacts_in=("data",), outputs={"Output": int},
    )  # fmt: skip
    shell = ["/bin/sh", "-c", 'printf \'%s %s\' "$A" "$0" > "$1"']
    pipeline.container(
        "shell",
        {
            "image": base_image, "command": shell, "env": [{"name": "A", "value": "it's"}],
            "args": ["{{$.inputs.parameters['n']}}", "{{$.outputs.parameters['o'].output_file}}"],
        },
        inputs={"n": int}, outputs={"o": str},
    )  # fmt: skip
    pipeline.task("write", inputs={"text": "$text"})
    pipeline.task("read", artifacts={"data": "@write.out"})
    pipeline.task("shell", inputs={"n": "@read.Output"})
    pipeline.output("Output", int, "read.Output")
    pipeline.output("said", str, "shell.o")
    told: list[events.Event] = []
    result = run(pipeline.document(), {"text": "x" * 300_000}, settings=settings(), on_event=told.append)
    assert result.error is None
    assert result.outputs == {"Output": 300_000, "said": "it's 300000"}
    assert events.TaskLog("write", "writing") in told


@pytest.mark.engine
def test_a_failing_step_shows_its_own_traceback(settings: Settings, base_image: str) -> None:
    pipeline = Pipeline()
    lightweight(pipeline, base_image, "def fail():\n    raise ValueError('no good')\n")
    pipeline.task("fail")
    result = run(pipeline.document(), {}, settings=settings())
    assert result.state is State.FAILED
    assert str(result.error).startswith("task 'fail' failed\nTraceback (most recent call last):")
    assert str(result.error).endswith("ValueError: no good")


@pytest.mark.engine
def test_a_container_that_vanishes_has_failed(
    settings: Settings, base_image: str, container_engine: ContainerEngine
) -> None:
    pipeline = Pipeline()
    lightweight(
        pipeline, base_image, "def wait():\n    import time\n    print('here', flush=True)\n    time.sleep(60)\n"
    )
    pipeline.task("wait")

    def remove(event: events.Event) -> None:
        if isinstance(event, events.TaskLog):
            names = container_engine("ps", "--format", "{{.Names}}").stdout.split()
            at_once = ["--time", "0"] if container_engine.program == "podman" else []
            container_engine("rm", "--force", *at_once, *[name for name in names if name.endswith("-wait-1")])

    assert run(pipeline.document(), {}, settings=settings(), on_event=remove).state is State.FAILED


@pytest.mark.engine
@pytest.mark.parametrize(
    ("image", "error", "reason"),
    [
        ("localhost/no-such:v1", ImageNotFound, "which neither {engine} nor the local store has"),
        ("localhost:{closed}/no/such:v1", RegistryUnreachable, "the local store has: .*localhost:{closed}"),
        ("{registry}/no/such:v1", ImageNotFound, "the local store has: the registry {registry} has no image"),
    ],
    ids=["local", "registry-that-is-down", "registry-without-it"],
)
@pytest.mark.parametrize("runner", ["container", "process"])
def test_an_image_that_is_nowhere_is_refused_before_anything_starts(
    settings: Settings, container_engine: ContainerEngine, registry: RunningRegistry, image: str,
    error: type[Exception], reason: str, runner: str,
) -> None:  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    places = {"closed": closed, "registry": registry.host, "engine": container_engine.program}
    pipeline = Pipeline()
    pipeline.container("none", {"image": image.format(**places), "command": ["true"]})
    pipeline.task("none")
    told: list[events.Event] = []
    with pytest.raises(error, match=reason.format(**places)) as caught:
        run(pipeline.document(), {}, settings=settings(runner=runner), on_event=told.append)
    assert f"task 'none' runs in image {image.format(**places)}" in str(caught.value)
    assert "kfp component build" in str(caught.value)
    assert told == []


@pytest.mark.engine
def test_canceling_leaves_no_container(settings: Settings, base_image: str, container_engine: ContainerEngine) -> None:
    pipeline = Pipeline()
    lightweight(
        pipeline, base_image, "def wait():\n    import time\n    print('here', flush=True)\n    time.sleep(60)\n"
    )
    pipeline.task("wait")

    def interrupt(event: events.Event) -> None:
        if isinstance(event, events.TaskLog):
            os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    result = run(pipeline.document(), {}, settings=settings(), on_event=interrupt)
    assert result.state is State.CANCELED
    assert time.monotonic() - began < 40

    def left() -> list[str]:
        names = container_engine("ps", "--all", "--format", "{{.Names}}").stdout.split()
        return [name for name in names if name.startswith(f"kfp-{result.run_id[:8]}")]

    deadline = time.monotonic() + 20  # docker removes in the background
    while left() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left() == []


@pytest.mark.engine
def test_options_reach_the_container(settings: Settings, base_image: str, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "file").write_text("from outside")
    pipeline = Pipeline()
    lightweight(
        pipeline, base_image,
        "def look() -> dict:\n    import os, socket\n"
        "    return {'file': open('/given/file').read(), 'env': os.environ['B'], 'host': socket.gethostname()}\n",
        outputs={"Output": dict},
    )  # fmt: skip
    pipeline.task("look")
    pipeline.output("Output", dict, "look.Output")
    options = {
        "network_mode": "none", "environment": {"B": "b c"}, "hostname": "skiff", "mem_limit": None,
        "volumes": {str(tmp_path / "given"): {"bind": "/given", "mode": "ro"}},
    }  # fmt: skip
    result = run(pipeline.document(), {}, settings=settings(container_options=options))
    assert result.error is None
    assert result.outputs["Output"] == {"file": "from outside", "env": "b c", "host": "skiff"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"network_mode": "host"}, ["--network", "host"]),
        ({"environment": {"A": "b c"}}, ["--env", "A=b c"]),
        ({"environment": ["A=b"]}, ["--env", "A=b"]),
        ({"volumes": {"/a": {"bind": "/b", "mode": "ro"}}}, ["--volume", "/a:/b:ro"]),
        ({"volumes": ["/a:/b"]}, ["--volume", "/a:/b"]),
        ({"privileged": True, "read_only": False}, ["--privileged"]),
        ({"user": 1000, "mem_limit": "1g"}, ["--user", "1000", "--memory", "1g"]),
        ({"cap_add": ["A", "B"]}, ["--cap-add", "A", "--cap-add", "B"]),
        ({"nano_cpus": 1_500_000_000}, ["--cpus", "1.5"]),
        ({"ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}]}, ["--ulimit", "nofile=1:2"]),
        ({"device_requests": [{"Count": -1, "Capabilities": [["gpu"]]}]}, ["--gpus", "all"]),
        ({"device_requests": [{"device_ids": ["0", "2"]}]}, ["--gpus", "device=0,2"]),
        ({"tmpfs": {"/run": "size=1m", "/x": ""}}, ["--tmpfs", "/run:size=1m", "--tmpfs", "/x"]),
        ({"labels": {"a": "b"}, "extra_hosts": {"h": "1.2.3.4"}}, ["--label", "a=b", "--add-host", "h:1.2.3.4"]),
        ({"network_disabled": True}, ["--network", "none"]),
        ({"hostname": None}, []),
    ],
)
def test_options_by_their_names_in_docker_py(options: dict[str, Any], words: list[str]) -> None:
    from kfp.engine.executors.options import run_options

    assert run_options(options) == words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "unknown container option 'colour'"),
        ({"command": "x"}, "'command' is not yours to set"),
        ({"cap_add": "ALL"}, "'cap_add' takes a list"),
        ({"environment": 3}, "'environment' takes a mapping"),
        ({"volumes": {"/a": "/b"}}, "the volume '/a' takes a mapping"),
        ({"ulimits": ["nofile=1"]}, "is a mapping"),
        ({"ulimits": [{"Soft": 1}]}, "a ulimit takes a mapping"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], message: str) -> None:
    from kfp.engine.executors.options import run_options

    with pytest.raises(RunError, match=message):
        run_options(options)


@pytest.mark.engine
def test_containers_do_not_outlive_a_killed_engine(
    base_image: str, container_engine: ContainerEngine, tmp_path: Path
) -> None:
    pipeline = Pipeline()
    lightweight(
        pipeline, base_image, "def hold():\n    import time\n    print('here', flush=True)\n    time.sleep(60)\n"
    )
    pipeline.task("hold")
    with engine_apart(pipeline, tmp_path, "container") as process:
        process.send_signal(signal.SIGKILL)

    def left() -> list[str]:
        names = container_engine("ps", "--all", "--format", "{{.Names}}").stdout.split()
        return [name for name in names if name.endswith("-hold-1")]

    deadline = time.monotonic() + 30
    while left() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left() == []
