"""One step in a container, by docker, by podman and by runc: what it is given besides its values, and its end."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from kfp.engine.layout import StepPaths
from kfp.engine.planning.limits import Limits
from kfp.engine.running.choice import choose_executor
from kfp.engine.step import Executor, Hidden, Mount, Step, StepEnd
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.engine.executors.test_child import time_is_over_once
from tests.parts.runtimes import Runtime

pytestmark = pytest.mark.engine

RUN_ID = f"{token_hex(4)}-run"
"""Of these tests in this process: what carries the identity of a step is ended with it, wherever it was started."""


@pytest.fixture
def executor(runtime: Runtime, kfp_home: Path, base_image: str) -> Iterator[Executor]:
    """What runs the steps, without the run around it."""
    made = choose_executor(runtime.settings(kfp_home))
    yield made
    made.close()


class Told:
    """What a step tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ends: queue.Queue[StepEnd] = queue.Queue()
        self.said = threading.Event()

    def line(self, text: str) -> None:
        self.lines.append(text)
        self.said.set()

    def ended(self, end: StepEnd) -> None:
        self.ends.put(end)


def play(
    executor: Executor, tmp_path: Path, image: str, script: str, told: Told | None = None, **changes: Any
) -> tuple[StepEnd, Told]:
    paths = StepPaths(tmp_path / "step", tmp_path / "artifacts")
    paths.make("{}")
    step = Step(
        run_id=RUN_ID, task="task", attempt=1, image=image, command=("/bin/sh", "-c"), args=(script,),
        environment={}, python=None, executor_input="{}", paths=paths, **{"shared": (paths.artifacts,), **changes},
    )  # fmt: skip
    told = told or Told()
    executor.start(step, told)
    return told.ends.get(timeout=240), told


def test_secrets_arrive_and_stand_on_no_command_line(executor: Executor, tmp_path: Path, base_image: str) -> None:
    own = token_hex(8)  # other tests, and other programs, have secrets of their own
    secrets = Hidden({"TOKEN": f"{own}-värde\nsecond line ", "HOME": f"{own}-home", "DOCKER_HOST": f" {own} host "})
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    if own in (text := place.read_text(errors="replace")):
                        seen.append(text)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out = tmp_path / "step" / "out"
    script = f'printf "%s|" "$TOKEN" "$HOME" "$DOCKER_HOST" > {out}; sleep 0.2'
    end, _ = play(executor, tmp_path, base_image, script, secrets=secrets)
    over.set()
    watcher.join()
    assert end.error is None
    assert out.read_text() == f"{own}-värde\nsecond line |{own}-home| {own} host |"
    assert seen == []
    left = [each for each in tmp_path.rglob("*") if each.is_file() and each != out]
    assert [each for each in left if own.encode() in each.read_bytes()] == []


def test_mounts_are_where_they_should_be(executor: Executor, tmp_path: Path, base_image: str) -> None:
    (tmp_path / "a,b").mkdir()
    (tmp_path / "a,b" / "file").write_text("mounted")
    (tmp_path / "single").write_text("one file")
    mounts = (
        Mount(tmp_path / "a,b", "/data/in", read_only=True),
        Mount(tmp_path / "single", "/etc/single.conf"),
        Mount(tmp_path / "a,b", "/data/out"),
    )
    refused = "touch /data/in/no 2>/dev/null || echo refused"  # docker mixes the two streams as they come
    script = f"cat /data/in/file /etc/single.conf; echo; {refused}; echo yes > /data/out/new"
    end, told = play(executor, tmp_path, base_image, script, mounts=mounts)
    assert end.error is None
    assert "mountedone file" in told.lines
    assert "refused" in told.lines
    assert (tmp_path / "a,b" / "new").read_text() == "yes\n"


def test_a_step_that_takes_too_long_is_ended(
    executor: Executor, tmp_path: Path, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    time_is_over_once(told.said, monkeypatch)
    end, _ = play(executor, tmp_path, base_image, "echo here; sleep 600", told, timeout=0.5)
    assert "ran longer than 0.5 s" in str(end.error)
    assert "here" in str(end.error)
    assert not end.canceled


def test_more_memory_than_the_limit_ends_the_step(executor: Executor, tmp_path: Path, base_image: str) -> None:
    script = "exec python3 -c 'x = bytearray(300_000_000); print(len(x))'"
    limits = Limits(cpu=0.5, memory=64 * 1024**2, cpu_request=0.1, memory_request=32 * 1024**2)
    end, told = play(executor, tmp_path, base_image, script, limits=limits)
    assert "SIGKILL, perhaps for want of memory" in str(end.error)
    assert told.lines == []
    assert play(executor, tmp_path, base_image, script, limits=Limits(memory=1024**3))[0].error is None


def test_a_container_that_vanishes_has_failed(
    executor: Executor, tmp_path: Path, base_image: str, runtime: Runtime
) -> None:
    def vanish() -> None:
        while not (tmp_path / "step" / "here").exists():
            time.sleep(0.05)
        if runtime.engine is None:
            for place in Path("/proc").glob("[0-9]*/environ"):
                with contextlib.suppress(OSError):
                    if f"KFP_STEP_ID={RUN_ID}/".encode() in place.read_bytes():
                        os.kill(int(place.parent.name), signal.SIGKILL)
        else:
            at_once = ["--time", "0"] if runtime.name == "podman" else []
            runtime.engine("rm", "--force", *at_once, f"kfp-{RUN_ID[:8]}-task-1")

    vanishing = threading.Thread(target=vanish)
    vanishing.start()
    here = tmp_path / "step" / "here"
    end, _ = play(executor, tmp_path, base_image, f"echo $$ > '{here}.new'; mv '{here}.new' '{here}'; sleep 600")
    vanishing.join()
    assert end.error is not None
    assert not end.canceled


def test_the_image_s_user_writes_where_the_step_writes(
    executor: Executor, tmp_path: Path, kfp_home: Path, base_image: str
) -> None:
    store = Store(kfp_home / "images")
    image = store.get(Reference.parse(base_image))
    assert image is not None
    store.put(image.with_config(image.config.with_user("1234:2345")), Reference.parse("localhost/of-a-user:v1"))
    out = tmp_path / "artifacts" / "out"
    end, told = play(executor, tmp_path, "localhost/of-a-user:v1", f"id -u; id -g; echo mine > {out}")
    assert end.error is None
    assert told.lines == ["1234", "2345"]
    assert (out.read_text(), out.stat().st_uid) == ("mine\n", 1234)
