from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from secrets import token_hex

import pytest

from kfp.engine import events
from kfp.engine.executors import leftovers
from kfp.engine.executors.leftovers import STEP_ID, carriers, end_leftovers, end_step_leftovers
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from tests.engine.documents import Pipeline
from tests.engine.executors.test_process import wait_until
from tests.parts.processes import gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the environments of processes are not told")


RUN = f"run-{token_hex(4)}"
"""What carries it is ended, whoever has started it."""


def sleeper(step_id: str) -> subprocess.Popen[bytes]:
    """Start a process that has its own environment by now."""
    process = subprocess.Popen(["sleep", "600"], env={**os.environ, STEP_ID: step_id}, start_new_session=True)
    told = f"{STEP_ID}={step_id}\0".encode()
    assert wait_until(lambda: told in Path(f"/proc/{process.pid}/environ").read_bytes())
    return process


@pytest.mark.parametrize(
    ("asked", "ended"),
    [
        (f"{RUN}/a/1", [True, False, False, False]),
        (RUN, [True, True, True, False]),
        (f"{RUN}/a", [True, True, False, False]),
        (RUN[:-1], [False, False, False, False]),
    ],
    ids=["attempt", "run", "task", "beginning"],
)
def test_what_carries_the_identity_is_ended_and_nothing_else(asked: str, ended: list[bool]) -> None:
    processes = [sleeper(f"{RUN}{each}") for each in ("/a/1", "/a/10", "/ab/1", "ning/a/1")]
    try:
        assert end_leftovers(asked) == sum(ended)
        for process, is_ended in zip(processes, ended, strict=True):
            assert (process.wait(60) == -9) if is_ended else (process.poll() is None)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_only_what_is_younger_than_the_step_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_FEW", 1_000_000)  # other processes of this machine may start meanwhile
    older = sleeper(f"{RUN}/a/1")
    leader = subprocess.Popen(["true"])
    leader.wait()
    younger = sleeper(f"{RUN}/a/1")
    try:
        if not older.pid < leader.pid < younger.pid:
            pytest.skip("the numbers of processes have come round")
        assert end_step_leftovers(f"{RUN}/a/1", leader.pid, 0.1) == 1
        assert (older.poll(), younger.wait()) == (None, -9)
        assert end_step_leftovers(f"{RUN}/a/1", leader.pid, 60.0) == 1  # numbers may have come round
    finally:
        older.kill()
        older.wait()


def test_what_ps_says_is_read() -> None:
    listing = [b"  12 sleep 60 A=1 KFP_STEP_ID=run/a/1 B=2", b"13 sleep KFP_STEP_ID=run/a/12", b"ps", b"", b"14"]
    assert list(carriers(b"KFP_STEP_ID=run/a/1", listing)) == [12]
    assert list(carriers(b"KFP_STEP_ID=run", listing)) == [12, 13]


def leaving(tmp_path: Path, then: str) -> Pipeline:
    """A step whose child has its own session and none of its pipes, and writes its number down."""
    pipeline = Pipeline()
    pipeline.python(
        f"""
        def leave():
            import subprocess, time
            pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            child = subprocess.Popen(["sleep", "600"], **pipes, start_new_session=True)
            with open({str(tmp_path / "number")!r}, "w") as file:
                file.write(str(child.pid))
            print("left", flush=True)
            {then}
        """
    )
    pipeline.task("leave")
    return pipeline


@pytest.mark.parametrize(
    ("then", "state"),
    [("pass", State.SUCCEEDED), ("raise ValueError", State.FAILED), ("time.sleep(600)", State.CANCELED)],
)
def test_a_daemon_does_not_outlive_its_step(kfp_home: Path, tmp_path: Path, then: str, state: State) -> None:
    def hear(event: events.Event) -> None:
        if isinstance(event, events.TaskLog) and event.line == "left" and state is State.CANCELED:
            os.kill(os.getpid(), signal.SIGTERM)

    settings = RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", grace=0.2)
    assert run(leaving(tmp_path, then).document(), {}, settings=settings, on_event=hear).state is state
    number = int((tmp_path / "number").read_text())
    assert wait_until(lambda: gone(number))
