"""A run on a terminal: what is drawn while it goes on, what stays, and how the terminal is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Kfp
from tests.cli.runs.screen import Session

PIPELINE = """\
from kfp import dsl

@dsl.component
def work(x: int, reader: str) -> int:
    import os, time

    def until_read(name: str):
        while reader and not os.path.exists(os.path.join(reader, name)):
            time.sleep(0.02)

    print("\\x1b[31mworking\\x1b[0m on", x, flush=True)
    until_read("line")
    print(" 10%|#  |\\r 90%|###|", end="", flush=True)
    until_read("bar")
    print()
    if x == 3:
        raise ValueError("three")
    return x

@dsl.component
def wait(marker: str):
    import time
    print("waiting", flush=True)
    open(marker, "w").close()
    time.sleep(60)

@dsl.pipeline
def inner(x: int) -> int:
    return work(x=x, reader="").output

@dsl.pipeline
def good(reader: str = "") -> int:
    first = work(x=1, reader=reader)
    with dsl.ParallelFor([4, 5]) as x:
        work(x=x, reader="")
    return inner(x=first.output).output

@dsl.pipeline
def bad():
    with dsl.ParallelFor([2, 3]) as x:
        work(x=x, reader="")

@dsl.pipeline
def endless(marker: str):
    wait(marker=marker)
"""


@pytest.fixture
def compiled(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(PIPELINE)
    for name in ("good", "bad", "endless"):
        assert kfp("dsl", "compile", "--py", "p.py", "--function", name, "--output", f"{name}.yaml").code == 0
    return tmp_path


def settled(lines: list[str]) -> list[str]:
    """Return lines without what differs from run to run."""
    told = [re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4,12}){0,4}(?=\W|$)", "ID", line.rstrip()) for line in lines]
    return [re.sub(r" +(\d+\.\d+|\d+ min \d+) s", " SECONDS", line) for line in told if line]


def test_a_run_that_succeeds(compiled: Path) -> None:
    with Session(["run", "create", "-f", "good.yaml", f"reader={compiled}"]) as session:
        session.wait_for(lambda seen: "working on 1" in seen)  # the last line of a step is shown while it runs
        (compiled / "line").touch()
        session.wait_for(lambda seen: " 90%|###|" in seen)  # a progress bar is a line that does not end
        (compiled / "bar").touch()
        assert session.finish() == 0
        assert settled(session.screen.lines) == [
            "run ID of good, experiment Default",
            "✓ for-loop-2 SECONDS  ━━━━━━━━━━ 2/2",
            "✓ work SECONDS",
            "✓ inner SECONDS",
            "  ✓ work SECONDS",
            "Output = 1",
            "run ID SUCCEEDED in SECONDS",
        ]
        assert session.seen.count("\x1b[?25l") == session.seen.count("\x1b[?25h") == 1
        assert session.screen.has_cursor
        assert session.screen.wraps
        assert session.modes_now() == session.modes


def test_a_run_that_fails(compiled: Path) -> None:
    assert compiled
    with Session(["run", "create", "-f", "bad.yaml"], columns=100) as session:
        assert session.finish() == 1
        lines = settled(session.screen.lines)
    assert lines[1:8] == [
        "✗ for-loop-2 SECONDS  ━━━━━━━━━━ 2/2, 1 failed",
        "  ✗ 1/work SECONDS  ValueError: three",
        "    working on 3",
        "     90%|###|",
        "    Traceback (most recent call last):",
        '      File "ephemeral_component.py", line 20, in work',
        '        raise ValueError("three")',
    ]
    assert lines[-3].startswith("error: for-loop-2/1/work: ValueError: three")


@pytest.mark.parametrize(
    ("environment", "has_colours", "moves"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
)
def test_what_the_environment_wants(
    compiled: Path, environment: dict[str, str], has_colours: bool, moves: bool
) -> None:
    (compiled / "bar").touch()
    with Session(["run", "create", "-f", "good.yaml", f"reader={compiled}"], environment) as session:
        session.wait_for(lambda seen: "working on 1" in seen)
        (compiled / "line").touch()
        assert session.finish() == 0
        assert ("✓ inner" in "\n".join(session.screen.lines)) is moves
        assert bool(session.screen.styles) is has_colours
        assert ("\x1b[?25l" in session.seen) is moves
        assert any(line.endswith("| working on 1") for line in session.screen.lines) is not moves


def test_ctrl_c_cancels_and_leaves_the_screen_clean(compiled: Path) -> None:
    marker = compiled / "marker"
    with Session(["run", "create", "-f", "endless.yaml", f"marker={marker}"], columns=120) as session:
        session.wait_for(lambda seen: marker.exists() and "waiting" in seen)
        session.type("typed by somebody in a hurry\n\n")
        session.type("\x03")
        assert session.finish() == 130
        assert settled(session.screen.lines) == [
            "run ID of endless, experiment Default",
            "■ wait SECONDS  canceled",
            "run ID CANCELED in SECONDS; `kfp run retry ID` goes on from there",
        ]
        assert session.screen.has_cursor
        assert session.modes_now() == session.modes


def test_plain_lines_on_a_terminal_that_asks_for_them(compiled: Path) -> None:
    assert compiled
    with Session(["run", "create", "-f", "good.yaml", "--progress", "plain"]) as session:
        assert session.finish() == 0
        lines = session.screen.lines
    assert any(line.startswith("work ") and line.endswith("| working on 1") for line in lines)


def test_nothing_is_shown_where_nothing_is_wanted(kfp: Kfp, compiled: Path) -> None:
    assert compiled
    outcome = kfp("run", "create", "-f", "good.yaml", "--progress", "none")
    assert outcome.out == "Output = 1\n"
    assert len(outcome.err.splitlines()) == 1
