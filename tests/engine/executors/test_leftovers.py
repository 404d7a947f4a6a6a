from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp.engine.executors.leftovers import STEP_ID, carriers, end_leftovers, end_step_leftovers
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from tests.engine.documents import Pipeline
from tests.engine.executors.test_process import is_gone, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the environments of processes are not told")


def sleeper(step_id: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], env={**os.environ, STEP_ID: step_id}, start_new_session=True)


@pytest.mark.parametrize(
    ("asked", "ended"),
    [
        ("run/a/1", [True, False, False, False]),
        ("run", [True, True, True, False]),
        ("run/a", [True, True, False, False]),
        ("ru", [False, False, False, False]),
    ],
)
def test_what_carries_the_identity_is_ended_and_nothing_else(asked: str, ended: list[bool]) -> None:
    processes = [sleeper(each) for each in ("run/a/1", "run/a/10", "run/ab/1", "running/a/1")]
    try:
        time.sleep(0.1)  # until each has its own environment
        assert end_leftovers(asked) == sum(ended)
        assert [process.poll() is not None for process in processes] == ended
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_only_what_is_younger_than_the_step_is_looked_at() -> None:
    older = sleeper("run/a/1")
    leader = subprocess.Popen(["true"])
    leader.wait()
    younger = sleeper("run/a/1")
    try:
        time.sleep(0.1)
        if not 0 < younger.pid - leader.pid < 50:
            pytest.skip("many processes have just started, or their numbers have come round")
        assert end_step_leftovers("run/a/1", leader.pid, 0.1) == 1
        assert (older.poll(), younger.wait()) == (None, -9)
        assert end_step_leftovers("run/a/1", leader.pid, 60.0) == 1  # numbers may have come round
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
            child = subprocess.Popen(["sleep", "60"], **pipes, start_new_session=True)
            with open({str(tmp_path / "number")!r}, "w") as file:
                file.write(str(child.pid))
            {then}
        """
    )
    pipeline.task("leave")
    return pipeline


@pytest.mark.parametrize(
    ("then", "timeout", "state"),
    [
        ("pass", None, State.SUCCEEDED),
        ("raise ValueError", None, State.FAILED),
        ("time.sleep(60)", 5.0, State.CANCELED),
    ],
)
def test_a_daemon_does_not_outlive_its_step(
    kfp_home: Path, tmp_path: Path, then: str, timeout: float | None, state: State
) -> None:
    settings = RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", timeout=timeout, grace=0.2)
    assert run(leaving(tmp_path, then).document(), {}, settings=settings).state is state
    number = int((tmp_path / "number").read_text())
    assert wait_until(lambda: is_gone(number))
