from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from kfp.build.together import Turns, combined, serialised, together
from kfp.errors import BuildError, RequirementsError, SkiffError
from kfp.requirements import uv


def test_results_come_in_the_order_of_the_jobs() -> None:
    def slow(number: int) -> int:
        time.sleep((3 - number) * 0.01)
        return number

    assert together([partial(slow, number) for number in range(4)]) == [0, 1, 2, 3]
    assert together([partial(slow, 2)]) == [2]
    assert together([]) == []


def test_an_error_does_not_hide_another() -> None:
    done: list[str] = []

    def fail(error: SkiffError) -> None:
        raise error

    jobs = [
        partial(fail, RequirementsError("no such package", hint="write it differently")),
        partial(done.append, "third"),
        partial(fail, BuildError("no such base")),
        partial(fail, BuildError("no such base")),
    ]
    with pytest.raises(BuildError) as raised:
        together(jobs, workers=2)
    assert raised.value.message == (
        "2 things keep the images from being built:"
        "\n  1. no such package\n     hint: write it differently\n  2. no such base"
    )
    assert done == ["third"]


def test_a_single_error_stays_what_it_is() -> None:
    error = RequirementsError("one", hint="two")
    assert combined([error, RequirementsError("one", hint="two")]).hint == "two"
    assert type(combined([error])) is RequirementsError


def test_a_defect_is_no_error_of_the_user() -> None:
    def defect() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([defect, defect])


def test_events_come_one_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    def listen(event: int) -> None:
        inside.append(event)
        time.sleep(0.002)
        most.append(len(inside))
        inside.pop()

    tell = serialised(listen)
    together([partial(tell, number) for number in range(12)])
    assert most == [1] * 12


def test_what_several_need_is_made_once() -> None:
    turns = Turns()
    made: list[int] = []

    def need() -> None:
        with turns("layer", 1):
            if not made:
                time.sleep(0.02)
                made.append(1)

    together([need] * 4)
    assert made == [1]
    assert turns("a") is not turns("b")


def test_an_interruption_ends_the_processes_of_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/started\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(program))
    cleaned: list[int] = []

    def install(number: int) -> None:
        try:
            uv.run(["pip", "install"], what="cannot install", environ=dict(os.environ))
        finally:
            cleaned.append(number)

    def interrupt() -> None:
        while not (tmp_path / "started").exists() or len((tmp_path / "started").read_text().split()) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        together([partial(install, number) for number in range(3)], workers=2)
    assert sorted(cleaned) == [0, 1]
    for pid in map(int, (tmp_path / "started").read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
