"""Runs that are disturbed at random instants, continued until they are done, come to what an undisturbed one does.

No step whose success was on record before runs again, and nothing that a run has started outlives it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kfp.engine.records.store import Store
from kfp.engine.states import State
from kfp.engine.terminate import terminate
from kfp.errors import RunError
from kfp.ir import files
from tests.engine.apart import carriers, kill_with_guards
from tests.engine.everything import document

KILLS = int(os.environ.get("KFP_TEST_KILLS", "8"))
KILLS_OF_A_RUN = 4
AT_EXIT = {"note", "exit-handler-1/clean"}
"""These run after a failure, too, and so again after what they wait for has succeeded."""

ENGINE = """
import json, sys
from pathlib import Path
from kfp.engine.resume import retry
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.ir.files import read

home, run_id, caching = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "caching"
if run_id:
    result = retry(run_id, home=home)
else:
    settings = RunSettings(home=home, parallelism=3, caching=caching)
    result = run(read(home.parent / "everything.yaml"), {}, settings=settings)
tasks = {path: [str(task.state), task.outputs] for path, task in result.tasks.items()}
print(json.dumps({"state": str(result.state), "error": result.error, "tasks": tasks}))
"""
JOURNAL = """
import os
if "KFP_STEP_ID" in os.environ:
    descriptor = os.open(os.environ["JOURNAL"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, os.environ["KFP_STEP_ID"].encode() + b"\\n")
    os.close(descriptor)
"""


class Campaign:
    """A directory with a pipeline and the homes of its runs; each run has one of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.journal = folder / "journal"
        files.write(document(), folder / "everything.yaml")
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(JOURNAL)

    @contextlib.contextmanager
    def engine(self, home: str, run_id: str, caching: bool) -> Iterator[subprocess.Popen[bytes]]:
        """Start a run, or continue one, in a process group of its own."""
        path = os.pathsep.join([str(self._folder / "site"), *filter(None, sys.path)])
        command = [sys.executable, "-c", ENGINE, str(self._folder / home), run_id, "caching" if caching else ""]
        variables = {**os.environ, "PYTHONPATH": path, "JOURNAL": str(self.journal)}
        with (self._folder / "said").open("wb") as said, subprocess.Popen(
            command, env=variables, stdout=said, stderr=said, start_new_session=True
        ) as process:  # fmt: skip
            yield process

    def result(self, home: str, run_id: str) -> dict[str, Any]:
        """Return what an engine said that has ended, without the names of the run and its place."""
        told: dict[str, Any] = json.loads(self.said().splitlines()[-1].replace(run_id, "RUN").replace(home, "HOME"))
        return told

    def calm(self) -> tuple[dict[str, Any], dict[str, str], float]:
        """Return what an undisturbed run says, its artifacts, and how many seconds it took."""
        began = time.monotonic()
        with self.engine("calm", "", caching=False) as process:
            process.wait()
        whole = time.monotonic() - began
        run_id, state, _ = self.state("calm")
        assert state is State.SUCCEEDED, self.said()
        return self.result("calm", run_id), self.contents("calm", run_id), whole

    def said(self) -> str:
        """Return what the last engine wrote."""
        return (self._folder / "said").read_text()

    def state(self, home: str) -> tuple[str, State | None, set[str]]:
        """Return the run of a home, its state, and the steps that have succeeded as far as the store knows."""
        if not (self._folder / home / "runs.db").exists():
            return "", None, set()
        with contextlib.closing(Store(self._folder / home)) as store:
            runs = store.runs()
            if not runs:
                return "", None, set()
            tasks = store.tasks(runs[0].id)
        done = {each.path for each in tasks if each.state is State.SUCCEEDED and each.kind == "container"}
        return runs[0].id, runs[0].state, done

    def contents(self, home: str, run_id: str) -> dict[str, str]:
        """Return the artifacts of a run, by their place in it."""
        run = self._folder / home / "artifacts" / "everything" / run_id
        found = [path for path in sorted(run.rglob("*")) if path.is_file() and path.name != "executor_output.json"]
        return {str(path.relative_to(run)): path.read_text() for path in found}

    def ran(self, since: int = 0) -> list[tuple[str, int]]:
        """Return the attempts that have started since a moment, as `size` told it: tasks and attempts' numbers."""
        data = self.journal.read_bytes()[since:].decode() if self.journal.exists() else ""
        attempts = [line.split("/", 1)[1].rpartition("/") for line in data.splitlines()]
        return [(task, int(attempt)) for task, _, attempt in attempts]

    def size(self) -> int:
        return self.journal.stat().st_size if self.journal.exists() else 0


def kill(process: subprocess.Popen[bytes], how: int) -> None:
    """Kill an engine: alone, with its process group, or with what would end its steps in its place."""
    if how == 0:
        process.kill()
    elif how == 1:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        kill_with_guards(process)
    process.wait()


def disturb(process: subprocess.Popen[bytes], home: Path, run_id: str, dice: random.Random) -> None:
    """Do something to a run that its engine survives: kill a step; stop the engine, or the run, also by force."""
    how = dice.randrange(4)
    if how == 0:
        for step in carriers(run_id)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(step, signal.SIGKILL)
    elif how == 1:
        process.terminate()
    else:
        with contextlib.suppress(RunError):  # it has just ended
            terminate(run_id, home=home, force=how == 3)
    process.wait()


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path)


@pytest.fixture
def dice() -> random.Random:
    seed = random.randrange(2**32)
    print("seed", seed)
    return random.Random(seed)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux which processes are left")
@pytest.mark.timeout(120 + 20 * KILLS)
def test_killed_runs_come_to_the_same(campaign: Campaign, dice: random.Random) -> None:
    calm, contents, whole = campaign.calm()
    kills = runs = again = 0
    while kills < KILLS:
        runs += 1
        home, caching, run_id, left = f"home{runs}", runs % 2 == 0, "", KILLS_OF_A_RUN
        done: set[str] = set()
        while True:
            campaign.journal.unlink(missing_ok=True) if not run_id else None
            since = campaign.size()
            with campaign.engine(home, run_id, caching) as process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(dice.uniform(0, whole) if left else None)
                if process.poll() is None:
                    kill(process, dice.randrange(3))
                    kills, left = kills + 1, left - 1
            ran = campaign.ran(since)
            assert done.isdisjoint(task for task, _ in ran), "it had succeeded and ran again"
            run_id, state, done = campaign.state(home)
            if state is State.SUCCEEDED:
                break
            again += 1
            assert process.returncode < 0, campaign.said()
        attempts = campaign.ran()
        assert len(attempts) == len(set(attempts)), "an attempt's number came twice"
        assert carriers(run_id) == [], "processes are left"
        if process.returncode == 0:
            assert campaign.result(home, run_id) == calm
        assert campaign.contents(home, run_id) == contents
    print(f"{kills} kills of {runs} runs, continued {again} times; an undisturbed run took {whole:.2f} s")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux which processes are left")
@pytest.mark.timeout(120 + 20 * KILLS)
def test_disturbed_runs_come_to_the_same(campaign: Campaign, dice: random.Random, tmp_path: Path) -> None:
    calm, contents, whole = campaign.calm()
    ends: dict[str, int] = {}
    while sum(ends.values()) < KILLS:
        home, run_id, left = f"home{len(list(tmp_path.iterdir()))}", "", KILLS_OF_A_RUN
        done: set[str] = set()
        while True:
            campaign.journal.unlink(missing_ok=True) if not run_id else None
            since = campaign.size()
            with campaign.engine(home, run_id, caching=False) as process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(dice.uniform(0.3, whole) if left else None)
                if process.poll() is None and (found := campaign.state(home)[0]):
                    disturb(process, tmp_path / home, found, dice)
                    left -= 1
            ran = {task for task, _ in campaign.ran(since)}
            assert done.isdisjoint(ran - AT_EXIT), "it had succeeded and ran again"
            run_id, state, done = campaign.state(home)
            assert state is not None, campaign.said()
            assert state.ended, "the engine was there until the end"
            assert carriers(run_id) == [], "processes are left"
            ends[state.value] = ends.get(state.value, 0) + 1
            if state is State.SUCCEEDED:
                break
        if process.returncode == 0:  # or it was asked to end once its run had, and did before it told
            assert campaign.result(home, run_id) == calm
        assert campaign.contents(home, run_id) == contents
    print(f"{ends}; an undisturbed run took {whole:.2f} s")
