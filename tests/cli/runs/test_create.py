"""`kfp run` on this machine: results, exit codes, listings, interrupts."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Kfp
from tests.parts.processes import gone

PIPELINE = """\
from kfp import dsl
from kfp.dsl import Dataset, Output

@dsl.component
def greet(name: str) -> str:
    print("greeting", name)
    return f"hello {name}"

@dsl.component
def write(text: str, data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write(text)

@dsl.component
def fail(code: int):
    import sys
    sys.exit(code)

@dsl.component
def sleep(marker: str):
    import os, time
    with open(marker, "w") as file:
        file.write(str(os.getpid()))
    time.sleep(60)

@dsl.pipeline
def greeting(name: str = "you") -> str:
    return greet(name=name).output

@dsl.pipeline
def writing(text: str) -> Dataset:
    return write(text=text).outputs["data"]

@dsl.pipeline
def failing(code: int):
    fail(code=code)

@dsl.pipeline
def sleeping(marker: str):
    sleep(marker=marker)
"""


@pytest.fixture
def packages(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a compiled file for each pipeline above."""
    monkeypatch.chdir(tmp_path)
    Path("pipelines.py").write_text(PIPELINE)
    for name in ("greeting", "writing", "failing", "sleeping"):
        compiled = kfp("dsl", "compile", "--py", "pipelines.py", "--function", name, "--output", f"{name}.yaml")
        assert compiled.code == 0, compiled.err
    return tmp_path


def test_result_for_people(kfp: Kfp, packages: Path) -> None:
    assert packages
    outcome = kfp("run", "create", "-f", "greeting.yaml", "name=a b=c")
    assert (outcome.code, outcome.out) == (0, "Output = hello a b=c\n")
    lines = outcome.err.splitlines()
    assert "greet | greeting a b=c" in lines
    assert " SUCCEEDED in " in lines[-1]


def test_result_for_programs(kfp: Kfp, packages: Path) -> None:
    assert packages
    outcome = kfp("--output", "json", "run", "create", "-f", "greeting.yaml", "-e", "trial", "-r", "first")
    result = json.loads(outcome.out)
    assert (result["state"], result["outputs"], result["error"]) == ("SUCCEEDED", {"Output": "hello you"}, None)
    assert Path(result["tasks"]["greet"]["log"]).read_text().startswith("greeting you\n")

    got = json.loads(kfp("run", "get", result["run_id"], "--output", "json").out)
    assert (got["display_name"], got["experiment"], got["state"]) == ("first", "trial", "SUCCEEDED")
    assert got["arguments"] == {"name": "you"}
    assert [task["task"] for task in got["tasks"]] == ["greet"]
    assert json.loads(kfp("run", "get", "--detail", result["run_id"][:8]).out) == got


def test_an_artifact_is_shown_by_its_uri(kfp: Kfp, packages: Path) -> None:
    assert packages
    outcome = kfp("run", "create", "-f", "writing.yaml", "text=some text")
    name, _, uri = outcome.out.strip().partition(" = ")
    assert name == "Output"
    assert Path(uri.removeprefix("file://")).read_text() == "some text"


def test_a_step_that_exits(kfp: Kfp, packages: Path) -> None:
    assert packages
    outcome = kfp("run", "create", "-f", "failing.yaml", "code=3")
    assert (outcome.code, outcome.out) == (1, "")
    ended, error, hint = outcome.err.splitlines()[-3:]
    assert " FAILED in " in ended
    assert error.startswith("error: fail: the step ended with exit code 3")
    assert hint.startswith("hint: `kfp run logs ")
    result = json.loads(kfp("--output", "json", "run", "create", "-f", "failing.yaml", "code=3").out)
    assert (result["state"], result["outputs"]) == ("FAILED", {})


def test_a_value_that_a_step_does_not_accept(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(
        "from typing import Literal\nfrom kfp import dsl\n\n@dsl.component\n"
        "def paint(colour: Literal['red', 'blue']): ...\n\n"
        "@dsl.pipeline\ndef p(colour: str):\n    paint(colour=colour)\n"
    )
    assert kfp("dsl", "compile", "--py", "p.py", "--output", "p.yaml").code == 0
    outcome = kfp("run", "create", "-f", "p.yaml", "colour=green")
    assert outcome.code == 1
    error = outcome.err.splitlines()[-2]
    assert error.startswith("error: paint: input 'colour' of component 'paint' takes Literal['red', 'blue'], and got")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["-f", "pipelines.py"],
            1,
            "error: pipelines.py is not compiled\nhint: kfp dsl compile --py pipelines.py --out",
        ),
        (["greeting.yaml", "name=x"], 2, "missing option '-f' / '--package-file'; did you mean `-f greeting.yaml`?\n"),
        (["name=x"], 2, "error: missing option '-f' / '--package-file'\n"),
        (["-f", "writing.yaml"], 1, "hint: give each one, such as 'text=some text'\n"),  # as a shell takes it
    ],
)
def test_what_was_meant(kfp: Kfp, packages: Path, arguments: list[str], code: int, message: str) -> None:
    assert packages
    outcome = kfp("run", "create", *arguments)
    assert outcome.code == code
    assert message in outcome.err


def test_list_pages_and_experiments(kfp: Kfp, packages: Path) -> None:
    assert packages
    for number in range(3):
        kfp("run", "create", "-f", "greeting.yaml", "-r", f"run-{number}", "-e", "odd" if number % 2 else "even")
    assert [run["display_name"] for run in json.loads(kfp("--output", "json", "run", "list").out)] == [
        "run-2", "run-1", "run-0",
    ]  # fmt: skip
    first = kfp("run", "list", "--max-size", 2)
    assert first.err == "there are more: --page-token 2\n"
    assert [line.split()[1] for line in first.out.splitlines()[1:]] == ["run-2", "run-1"]
    second = kfp("run", "list", "--max-size", 2, "--page-token", 2)
    assert second.err == ""
    assert [line.split()[1] for line in second.out.splitlines()[1:]] == ["run-0"]
    odd = json.loads(kfp("run", "list", "-e", "odd", "--output", "json").out)
    assert [run["display_name"] for run in odd] == ["run-1"]


def test_uploaded_pipelines_need_a_cluster(kfp: Kfp) -> None:
    outcome = kfp("run", "create", "--pipeline-id", "x")
    assert outcome.code == 1
    assert outcome.err.startswith("error: uploaded pipelines are not available yet")


def test_a_timeout(kfp: Kfp, packages: Path) -> None:
    marker = packages / "marker"
    for seconds in (1, 4, 16, 64):  # a busy machine has not started the step within one
        outcome = kfp("run", "create", "-f", "sleeping.yaml", "--timeout", seconds, f"marker={marker}")
        assert outcome.code == 1
        told = outcome.err.splitlines()
        why = f"the run was stopped after {seconds} s"
        assert f"canceling: {why}" in told
        assert re.search(rf" CANCELED in .*: {why}; `kfp run retry \w{{8}}` goes on", told[-1])
        if marker.exists() and marker.read_text():
            break
    assert gone(int(marker.read_text()))


HEARING = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
from kfp.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupts_stop_the_step(packages: Path, number: signal.Signals) -> None:
    marker = packages / "marker"
    program = [sys.executable, "-c", HEARING, "run", "create", "-f", "sleeping.yaml", f"marker={marker}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert " CANCELED in " in err.splitlines()[-1]
    assert gone(int(marker.read_text()))


def test_watch_waits_for_nothing_that_has_ended(kfp: Kfp, packages: Path) -> None:
    assert packages
    kfp("run", "create", "-f", "greeting.yaml")
    (run,) = json.loads(kfp("--output", "json", "run", "list").out)
    assert kfp("run", "get", "--watch", run["run_id"]).code == 0
