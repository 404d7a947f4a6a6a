"""A run is stopped from another process, and what a dead one left is ended."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from kfp.engine.continuing.stop_request import StopRequest
from kfp.engine.records.store import Store
from kfp.engine.states import State
from kfp.engine.terminate import terminate
from kfp.errors import RunError
from tests.engine.apart import carriers, engine_apart, kill_with_guards
from tests.engine.documents import Pipeline

SLEEPS = """
    def wait(text: str):
        import signal, time
        if text == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("it waits", flush=True)
        time.sleep(600)
"""


def pipeline(text: str = "polite") -> Pipeline:
    made = Pipeline()
    made.python(SLEEPS, inputs={"text": str})
    made.task("wait", inputs={"text": text})
    return made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KFP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def the_run(home: Path) -> str:
    with contextlib.closing(Store(home)) as store:
        (run,) = store.runs()
    return run.id


def states(home: Path, run_id: str) -> tuple[State, str | None, list[State]]:
    with contextlib.closing(Store(home)) as store:
        run = store.run(run_id)
        assert run is not None
        return run.state, run.error, [task.state for task in store.tasks(run_id)]


def test_a_running_run_is_asked_and_stops(tmp_path: Path, home: Path) -> None:
    with engine_apart(pipeline(), tmp_path, "process") as engine:
        run_id = the_run(home)
        assert terminate(run_id[:8], home=home).state is State.RUNNING
        engine.wait()  # pytest's own timeout is the judge of time
    assert states(home, run_id) == (State.CANCELED, "the run was terminated", [State.CANCELED])
    assert carriers(run_id) == []
    with pytest.raises(RunError, match="has ended already: CANCELED"):
        terminate(run_id, home=home)


def test_force_does_not_wait_for_steps(tmp_path: Path, home: Path) -> None:
    with engine_apart(pipeline("stubborn"), tmp_path, "process", grace=600) as engine:
        run_id = the_run(home)
        terminate(run_id, home=home, force=True)
        engine.wait()
    assert states(home, run_id)[0] is State.CANCELED


@pytest.mark.parametrize("listed", [False, True])
def test_what_a_dead_engine_left_is_ended(tmp_path: Path, home: Path, listed: bool) -> None:
    with engine_apart(pipeline(), tmp_path, "process") as engine:
        run_id = the_run(home)
        kill_with_guards(engine)
        assert carriers(run_id)
    if listed:  # somebody has looked, and so the run counts as failed
        assert states(home, run_id)[0] is State.FAILED
    assert terminate(run_id, home=home).state is State.CANCELED
    assert states(home, run_id)[0::2] == (State.CANCELED, [State.FAILED if listed else State.CANCELED])
    assert carriers(run_id) == []


def test_a_run_that_is_not_there(home: Path) -> None:
    with pytest.raises(RunError, match="there is no run nowhere"):
        terminate("nowhere", home=home)


def test_a_request_is_news_once_and_twice_by_force(tmp_path: Path) -> None:
    ours, theirs = StopRequest(tmp_path), StopRequest(tmp_path)
    assert ours.news() == []
    theirs.ask()
    assert (len(ours.news()), len(ours.news())) == (1, 0)
    theirs.ask(force=True)
    assert (len(ours.news()), len(ours.news())) == (1, 0)
    theirs.ask()
    assert ours.news() == []
    assert len(StopRequest(tmp_path).news()) == 1
    ours.clear()
    assert StopRequest(tmp_path).news() == []
    theirs.ask(force=True)
    assert len(StopRequest(tmp_path).news()) == 2
