"""What is done with runs that there are: they are listed, read, continued, stopped, put away, deleted."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Kfp
from tests.cli.runs.screen import Session

PIPELINE = """\
from typing import List
from kfp import dsl

@dsl.component
def load(n: int) -> List[int]:
    print("loading", n)
    return list(range(n))

@dsl.component
def fit(x: int, flag: str) -> int:
    import os
    print("fitting", x)
    if x == 1 and not os.path.exists(flag):
        raise RuntimeError(f"no {flag}")
    return x

@dsl.component
def wait(marker: str):
    import time
    print("waiting", flush=True)
    open(marker, "w").close()
    for _ in range(600):
        time.sleep(0.1)

@dsl.pipeline
def training(flag: str, n: int = 3):
    loaded = load(n=n).set_display_name("load the data")
    with dsl.ParallelFor(loaded.output) as x:
        fit(x=x, flag=flag).set_retry(1)

@dsl.pipeline
def endless(marker: str):
    wait(marker=marker).set_caching_options(False)
"""


@pytest.fixture
def compiled(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(PIPELINE)
    for name in ("training", "endless"):
        assert kfp("dsl", "compile", "--py", "p.py", "--function", name, "--output", f"{name}.yaml").code == 0
    return tmp_path


@contextlib.contextmanager
def endless(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a run without an end in a process of its own, and yield when its step runs."""
    marker = folder / "marker"
    marker.unlink(missing_ok=True)
    program = [sys.executable, "-m", "kfp.cli", "run", "create", "-f", "endless.yaml", f"marker={marker}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(marker.exists)
            yield process
        finally:
            process.kill()


def wait_until(reached: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_that_failed_is_looked_at_read_and_continued(kfp: Kfp, compiled: Path) -> None:
    flag = compiled / "flag"
    failed = kfp("run", "create", "-f", "training.yaml", f"flag={flag}", "-r", "mine", "--events", "events.jsonl")
    assert failed.code == 1
    assert "hint: `kfp run logs " in failed.err
    assert " for-loop-1/1/fit` shows what it wrote, `kfp run retry " in failed.err
    told = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in told[:2]] == ["RunStarted", "DagStarted"]
    assert (told[-1]["event"], told[-1]["state"]) == ("RunFinished", "FAILED")

    got = kfp("run", "get", "mine").out.splitlines()
    tree = [line.split("  not cached")[0].rstrip() for line in got[got.index("") + 1 :]]
    assert [line.split()[:2] for line in tree[:3]] == [["✓", "load"], ["✗", "for-loop-1"], ["✗", "1/fit"]]
    assert "3/3, 1 failed" in tree[1]
    assert "attempt 2  RuntimeError: no " in tree[2]

    every = kfp("run", "get", "mine", "for-loop-1", "--all").out
    assert [line.split()[1] for line in every.splitlines() if line.startswith(("✓", "✗"))] == ["0", "1", "2"]
    one = kfp("run", "get", "mine", "0/fit").out
    assert "for-loop-1/0/fit\n  state     SUCCEEDED in " in one
    assert "outputs   Output = 0\n" in one
    detail = json.loads(kfp("run", "get", "mine", "--detail", "1/fit").out)
    assert [(task["task"], task["state"], task["attempt"]) for task in detail] == [("for-loop-1/1/fit", "FAILED", 2)]

    assert kfp("run", "logs", "mine", "0/fit").out == "fitting 0\n"
    assert kfp("run", "logs", "mine", "load the data").out == "loading 3\n"
    lines = kfp("run", "logs", "mine").out.splitlines()
    assert "load             | loading 3" in lines
    assert "for-loop-1/2/fit | fitting 2" in lines
    assert kfp("run", "logs", "mine", "1/fit", "--tail", 1).out == f"RuntimeError: no {flag}\n"
    assert kfp("run", "logs", "mine", "1/fit", "--attempt", 1).out.startswith("fitting 1\nTraceback")
    wrong = kfp("run", "logs", "mine", "1/fit", "--attempt", 7)
    assert (wrong.code, wrong.err.splitlines()[0]) == (1, "error: for-loop-1/1/fit has no attempt 7")
    none = kfp("run", "logs", "mine", "--attempt", 7)
    assert (none.code, none.err.splitlines()[0]) == (1, "error: no step has an attempt 7")

    flag.touch()
    continued = kfp("run", "retry", "mine", "-j", 1)
    assert continued.code == 0, continued.err
    assert "for-loop-1/1/fit    started, attempt 3" in continued.err
    assert "fitting 0" not in continued.err
    assert "SUCCEEDED in " in kfp("run", "get", "latest").out
    assert kfp("run", "retry", "mine").err.startswith("error: run ")
    assert kfp("run", "logs", "mine", "1/fit").out == "fitting 1\n"


def test_the_same_run_is_created_again(kfp: Kfp, compiled: Path) -> None:
    flag = compiled / "flag"
    assert kfp("run", "create", "-f", "training.yaml", f"flag={flag}").code == 1
    flag.touch()
    again = kfp("run", "create", "-f", "training.yaml", f"flag={flag}", "--resume")
    assert again.code == 0, again.err
    assert len(json.loads(kfp("--output", "json", "run", "list").out)) == 1


def test_lists(kfp: Kfp, compiled: Path) -> None:
    flag = compiled / "flag"
    kfp("run", "create", "-f", "training.yaml", f"flag={flag}", "-r", "one", "-e", "trial")
    flag.touch()
    kfp("run", "create", "-f", "training.yaml", f"flag={flag}", "-r", "two")

    def names(*options: object) -> list[str]:
        return [run["display_name"] for run in json.loads(kfp("--output", "json", "run", "list", *options).out)]

    assert names() == ["two", "one"]
    assert names("--state", "failed") == names("--experiment", "trial") == ["one"]
    assert names("--state", "succeeded", "--state", "FAILED") == ["two", "one"]
    assert names("--pipeline", "other") == []
    assert names("--sort-by", "name") == ["one", "two"]
    assert kfp("run", "archive", "one").err.endswith(" is archived\n")
    assert (names(), names("--archived"), names("--all")) == (["two"], ["one"], ["two", "one"])
    assert kfp("run", "unarchive", "one").code == 0
    assert names() == ["two", "one"]


def test_runs_are_deleted_when_that_is_confirmed(kfp: Kfp, compiled: Path) -> None:
    kfp("run", "create", "-f", "training.yaml", f"flag={compiled}", "-r", "one")
    (run,) = json.loads(kfp("--output", "json", "run", "list").out)
    with Session(["run", "delete", "one"]) as session:
        session.wait_for(lambda seen: "with logs and artifacts? [y/N]" in seen)
        session.type("n\n")
        assert session.finish() == 1
        assert "nothing was deleted" in session.seen
    unasked = subprocess.run(
        [sys.executable, "-m", "kfp.cli", "run", "delete", "one"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (unasked.returncode, unasked.stderr.splitlines()[-1]) == (1, "hint: give --yes")
    assert Path(run["directory"]).is_dir()
    assert kfp("run", "delete", "--yes", "one").code == 0
    assert not Path(run["directory"]).exists()
    assert json.loads(kfp("--output", "json", "run", "list").out) == []


def test_a_run_of_another_process(kfp: Kfp, compiled: Path) -> None:
    with endless(compiled) as process:
        refused = kfp("run", "delete", "--yes", "latest")
        assert refused.code == 1
        assert "is running\nhint: `kfp run terminate " in refused.err
        nobody = kfp("run", "logs", "-f", "latest", "nobody")
        assert (nobody.code, nobody.out) == (1, "")
        assert nobody.err == "error: no task of the run is called 'nobody'\nhint: its tasks: wait\n"
        following = subprocess.Popen(
            [sys.executable, "-m", "kfp.cli", "run", "logs", "-f", "latest", "wait"], stdout=subprocess.PIPE, text=True
        )
        with Session(["run", "get", "--watch", "latest"]) as watching:
            watching.wait_for(lambda seen: "waiting" in seen and "0/1 steps, 1 running" in seen)
            ended = kfp("run", "cancel", "latest")
            assert (ended.code, ended.err.split()[-1]) == (0, "CANCELED")
            assert watching.finish() == 1
            assert watching.screen.has_cursor
            shown = "\n".join(watching.screen.lines)
            assert "■ wait" in shown
            assert "CANCELED in " in shown
        assert following.communicate(timeout=60)[0] == "waiting\n"
        assert following.returncode == 0
        assert process.wait(60) == 1
    again = kfp("run", "terminate", "latest")
    assert (again.code, again.err.split(": ")[1].split()[-2:]) == (1, ["ended", "already"])


def test_ctrl_c_stops_watching_and_not_the_run(kfp: Kfp, compiled: Path) -> None:
    with endless(compiled) as process:
        with Session(["run", "get", "--watch", "latest"]) as watching:
            watching.wait_for(lambda seen: "waiting" in seen)
            watching.type("\x03")
            assert watching.finish() == 130
            assert "the run goes on; `kfp run terminate " in watching.seen
            assert watching.screen.has_cursor
        assert process.poll() is None
        assert " RUNNING " in kfp("run", "list").out


def test_a_run_whose_process_was_killed(kfp: Kfp, compiled: Path) -> None:
    with endless(compiled) as process, Session(["run", "get", "--watch", "latest"]) as watching:
        watching.wait_for(lambda seen: "waiting" in seen)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
        assert watching.finish() == 1
        seen = "\n".join(watching.screen.lines)
        assert "✗ wait" in seen
        assert " FAILED: the process that ran it ended before the run did" in seen.replace("\n", "")
    shown = kfp("run", "get", "latest").out
    assert re.search(r"✗ wait +the process that ran it ended before the run did", shown), "how long it took is unknown"
    assert kfp("run", "terminate", "latest").err.endswith(" is CANCELED\n")
