"""What a run looks like on a terminal, from its events alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kfp.cli.cells import paint, width
from kfp.cli.runs.lines import final, live
from kfp.cli.runs.signs import ASCII, UNICODE, Signs
from kfp.cli.runs.tree import Tree
from kfp.engine.events import (
    DagStarted,
    Event,
    RunCanceling,
    RunFinished,
    RunNotice,
    RunStarted,
    TaskFinished,
    TaskLog,
    TaskNotice,
    TaskRetried,
    TaskStarted,
)
from kfp.engine.states import State

HIT = {"state": "hit", "reason": "run 0123"}
START = RunStarted("r1", "a run", "p", "Default")
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/h/runs/r/tasks/fit/1/fit.py", line 3, in fit\n    no\nKeyError: 1'
)


def tasks(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


def tree(events: Iterable[tuple[float, Event]]) -> Tree:
    """Return a run whose events were at these times."""
    made = Tree()
    for at, event in events:
        made.take(event, at)
    return made


def text(lines: list[list[tuple[str, str]]]) -> list[str]:
    return [paint(line, colour=False) for line in lines]


def shown(events: Iterable[tuple[float, Event]], now: float, columns: int = 90, lines: int = 30) -> list[str]:
    return text(live(tree(events), now, columns, lines))


NESTED: list[tuple[float, Event]] = [
    (0, START),
    (0, DagStarted("", "p", tasks("load", "prepare", "train", "loop", "inner", "evaluate"))),
    (0, TaskStarted("load", "load", 1)),
    (1, TaskFinished("load", State.SUCCEEDED, 1.25)),
    (1, TaskFinished("prepare", State.SUCCEEDED, 0.0, cache=HIT)),
    (1, TaskStarted("train", "train a model", 1)),
    (2, TaskRetried("train", 2, 0.0, "the step ended with exit code 3")),
    (2, TaskStarted("train", "train a model", 2)),
    (2, TaskLog("train", "\x1b[1mepoch 3/10\x1b[0m loss=0.2")),
    (2, DagStarted("loop", "loop", tasks("fit"), 200)),
    (2, DagStarted("loop/0", "loop", tasks("fit"))),
    (2, TaskStarted("loop/0/fit", "fit", 1)),
    (3, TaskFinished("loop/0/fit", State.SUCCEEDED, 1.0)),
    (3, TaskFinished("loop/0", State.SUCCEEDED, 1.0)),
    (3, DagStarted("loop/7", "loop", tasks("fit"))),
    (3, TaskStarted("loop/7/fit", "fit", 1)),
    (3, TaskLog("loop/7/fit", "reading")),
    (3, TaskLog("loop/7/fit", TRACEBACK.splitlines()[0])),
    (3, TaskFinished("loop/7/fit", State.FAILED, 0.5, error=TRACEBACK)),
    (3, TaskFinished("loop/7", State.FAILED, 0.5)),
    (3, DagStarted("loop/8", "loop", tasks("fit"))),
    (3, TaskStarted("loop/8/fit", "fit", 1)),
    (3, TaskLog("loop/8/fit", "fitting 8")),
    (3, TaskFinished("loop/9", State.SKIPPED, 0.0)),
    (3, DagStarted("inner", "inner", tasks("a", "b"))),
    (3, TaskStarted("inner/a", "a", 1)),
]


FAILURE = [
    "    reading",
    "    Traceback (most recent call last):",
    '      File "fit.py", line 3, in fit',
    "        no",
    "    KeyError: 1",
]
TOTALS = "────────────────────  6.1 s  5/206 steps, 3 running, 1 failed, 1 skipped, 1 cached, 198 waiting"
WIDE = [
    "✓ load               1.25 s",
    "✓ prepare            0.00 s  cached",
    "⠙ train a model       4.1 s  attempt 2  epoch 3/10 loss=0.2",
    "⠙ loop                4.1 s  ────────── 3/200, 1 failed, 1 skipped, 1 running  8/fit: fitting 8",
    "  ✗ 7/fit            0.50 s  KeyError: 1",
    *FAILURE,
    "⠙ inner               3.1 s",
    "  ⠙ a                 3.1 s",
    "  · b",
    "· evaluate",
    TOTALS,
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (15, WIDE),
        (14, [line for line in WIDE if line not in FAILURE]),
        (10, [line for line in WIDE if line not in FAILURE]),
        (9, ["✓ 2 succeeded", *WIDE[2:5], *WIDE[10:]]),
        (8, ["✓ 2 succeeded", *WIDE[2:5], *WIDE[10:12], "…", TOTALS]),
        (3, ["✓ 2 succeeded", "…", TOTALS]),
        (1, ["…", TOTALS]),
    ],
)
def test_as_much_as_the_terminal_has_room_for(lines: int, expected: list[str]) -> None:
    assert shown(NESTED, 6.1, 100, lines) == expected


def test_a_narrow_terminal() -> None:
    assert shown(NESTED, 6.1, 40, 10) == [
        "✓ load",
        "✓ prepare        cached",
        "⠙ train a model  attempt 2  epoch 3/10 …",
        "⠙ loop           ────────── 3/200, 1 fa…",
        "  ✗ 7/fit        KeyError: 1",
        "⠙ inner",
        "  ⠙ a",
        "  · b",
        "· evaluate",
        "──────────  6.1 s  5/206 steps, 3 runni…",
    ]


@pytest.mark.parametrize("columns", [1, 5, 13, 49, 50, 80])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    for lines in (2, 7, 40):
        drawn = live(tree(NESTED), 6.1, columns, lines)
        assert len(drawn) <= lines
        assert max(width(line) for line in text(drawn)) <= columns


def test_colours_say_what_signs_say() -> None:
    lines = live(tree(NESTED), 6.1, 100, 30)
    painted = [paint(line, colour=True) for line in lines]
    assert painted[0].startswith("\x1b[32m✓\x1b[0m load")
    assert painted[4].startswith("  \x1b[31m✗\x1b[0m 7/fit")
    assert "\x1b[31mKeyError: 1\x1b[0m" in painted[4]


def test_the_end() -> None:
    ended = [
        *NESTED,
        (7, TaskFinished("train", State.SUCCEEDED, 5.0)),
        (7, TaskFinished("loop/8/fit", State.CANCELED, 3.0)),
        (7, TaskFinished("loop/8", State.CANCELED, 3.0)),
        *((7, TaskFinished(f"loop/{number}", State.SKIPPED, 0.0)) for number in range(10, 206)),
        (7, TaskFinished("loop", State.FAILED, 5.0)),
        (
            7,
            TaskFinished("inner/a", State.FAILED, 4.0, error="the step ended with exit code 3 (log: /x)\nno such file"),
        ),
        (7, TaskFinished("inner/b", State.SKIPPED, 0.0)),
        (7, TaskFinished("inner", State.FAILED, 4.0)),
        (7, TaskFinished("evaluate", State.SKIPPED, 0.0)),
        (7, RunFinished("r1", State.FAILED, 7.0)),
    ]
    made = tree(ended)
    assert (made.running, sum(made.ended.values())) == ({}, made.known)
    assert text(final(made, 100)) == [
        "✓ load               1.25 s",
        "✓ prepare            0.00 s  cached",
        "✓ train a model      5.00 s  attempt 2",
        "✗ loop               5.00 s  ━━━━━━━━━━ 200/200, 1 failed, 1 canceled, 197 skipped",
        "  ✗ 7/fit            0.50 s  KeyError: 1",
        *FAILURE,
        "✗ inner              4.00 s",
        "  ✗ a                4.00 s  the step ended with exit code 3 (log: /x)",
        "    no such file",
        "  ↷ b                        skipped",
        "↷ evaluate                   skipped",
    ]


def test_waiting_for_another_attempt() -> None:
    waits = [
        (0.0, START),
        (0.0, DagStarted("", "p", tasks("a", "b"))),
        (0.0, TaskStarted("a", "a", 1)),
        (1.0, TaskRetried("a", 2, 30.0, TRACEBACK)),
    ]
    assert shown(waits, 3.0) == [
        "↻ a              attempt 2 in 28.0 s  KeyError: 1",
        "· b",
        "────────────────────  3.0 s  0/2 steps, 2 waiting",
    ]


@pytest.mark.parametrize(
    ("is_ours", "at_once", "line"),
    [
        (True, False, "canceling… (Ctrl-C again stops at once)  1 running  2.0 s"),
        (False, False, "canceling…  1 running  2.0 s"),
        (True, True, "stopping at once…  1 running  2.0 s"),
    ],
)
def test_canceling(is_ours: bool, at_once: bool, line: str) -> None:
    made = Tree(is_ours=is_ours)
    for event in (START, DagStarted("", "p", tasks("a")), TaskStarted("a", "a", 1), RunCanceling("so", at_once)):
        made.take(event, 0.0)
    assert text(live(made, 2.0, 80, 10))[-1] == line


def test_a_continued_run() -> None:
    continued = [
        (0.0, START),
        (0.0, DagStarted("", "p", tasks("a", "loop"))),
        (0.0, TaskFinished("a", State.SUCCEEDED, 2.5, kept=True)),
        (0.0, DagStarted("loop", "loop", tasks("fit"), 3)),
        *((0.0, TaskFinished(f"loop/{number}", State.SUCCEEDED, 1.0, kept=True)) for number in (0, 1)),
        (0.0, DagStarted("loop/2", "loop", tasks("fit"))),
        (0.0, TaskStarted("loop/2/fit", "fit", 2)),
    ]
    assert shown(continued, 1.0) == [
        "✓ a         2.50 s  done before",
        "⠋ loop       1.0 s  ━━━━━━──── 2/3, 1 running, 2 done before",
        "━━━━━━━━━━━━━━━─────  1.0 s  3/4 steps, 1 running",
    ]


def test_equal_errors_of_iterations_are_told_once_and_few_of_them() -> None:
    failing: list[tuple[float, Event]] = [(0.0, START), (0.0, DagStarted("", "p", tasks("loop")))]
    failing.append((0.0, DagStarted("loop", "loop", tasks("fit"), 100)))
    for number in range(100):
        failing += [
            (0.0, DagStarted(f"loop/{number}", "loop", tasks("fit"))),
            (0.0, TaskStarted(f"loop/{number}/fit", "fit", 1)),
            (0.0, TaskLog(f"loop/{number}/fit", f"item {number}")),
            (0.0, TaskFinished(f"loop/{number}/fit", State.FAILED, 1.0, error=TRACEBACK)),
            (0.0, TaskFinished(f"loop/{number}", State.FAILED, 1.0)),
        ]
    failing.append((0.0, TaskFinished("loop", State.FAILED, 1.0)))
    lines = text(final(tree(failing), 80))
    assert lines[0].endswith("100/100, 100 failed")
    assert lines[1].endswith("KeyError: 1")
    assert [line for line in lines if "Traceback" in line] == ["    Traceback (most recent call last):"]
    assert len(lines) == 1 + 20 + 5


def test_loops_in_loops_count_their_steps() -> None:
    made = tree(
        [
            (0.0, START),
            (0.0, DagStarted("", "p", tasks("outer"))),
            (0.0, DagStarted("outer", "outer", tasks("a", "inner"), 2)),
            (0.0, DagStarted("outer/0", "outer", tasks("a", "inner"))),
            (0.0, TaskFinished("outer/0/a", State.SUCCEEDED, 1.0)),
            (0.0, DagStarted("outer/0/inner", "inner", tasks("x"), 3)),
            (0.0, TaskFinished("outer/0/inner/0", State.SUCCEEDED, 1.0, cache={"state": "miss"})),
            *((0.0, TaskFinished(f"outer/0/inner/{at}", State.SUCCEEDED, 1.0, cache=HIT)) for at in (1, 2)),
            (0.0, TaskFinished("outer/0/inner", State.SUCCEEDED, 1.0)),
            (0.0, TaskFinished("outer/0", State.SUCCEEDED, 1.0)),
            (0.0, TaskFinished("outer/1", State.SKIPPED, 1.0)),
        ]
    )
    assert made.known == 1 + 3 + 2
    assert made.ended == {State.SUCCEEDED: 4, State.SKIPPED: 2}
    assert text(live(made, 1.0, 80, 10))[0].endswith("2/2, 1 skipped, 2 cached")


def test_what_ended_in_a_loop_is_forgotten() -> None:
    made = tree([(0.0, START), (0.0, DagStarted("", "p", tasks("loop"))), (0.0, DagStarted("loop", "loop", (), 50))])
    for number in range(50):
        made.take(TaskStarted(f"loop/{number}", "loop", 1), 0.0)
        made.take(TaskFinished(f"loop/{number}", State.SUCCEEDED, 1.0), 0.0)
    loop = made.find("loop")
    assert loop is not None
    assert loop.children == {}
    assert made.find("loop/7") is None


def test_notices_are_told_once_for_all_iterations() -> None:
    made = tree([(0.0, TaskNotice(f"loop/{number}/fit", "it has no effect")) for number in range(5)])
    made.take(RunNotice("the disk is slow"), 0.0)
    assert made.notices == {"loop/*/fit: it has no effect": 5, "the disk is slow": 1}


def test_five_thousand_tasks_stay_a_few_lines() -> None:
    names = tasks(*(f"t{number}" for number in range(5000)))
    many: list[tuple[float, Event]] = [(0.0, START), (0.0, DagStarted("", "p", names))]
    many += [(0.0, TaskFinished(f"t{number}", State.SUCCEEDED, 1.0)) for number in range(1000)]
    many.append((0.0, TaskStarted("t1000", "t1000", 1)))
    assert shown(many, 2.0, 80, 20) == [
        "✓ 1000 succeeded",
        "⠋ t1000                2.0 s",
        "· 3999 waiting",
        "━━━━────────────────  2.0 s  1000/5000 steps, 1 running, 3999 waiting",
    ]


@pytest.mark.parametrize(
    ("encoding", "signs"), [("utf-8", UNICODE), ("ascii", ASCII), ("latin-1", ASCII), (None, ASCII), ("nope", ASCII)]
)
def test_signs_that_can_be_written(encoding: str | None, signs: Signs) -> None:
    assert Signs.for_encoding(encoding) == signs
    lines = text(live(tree(NESTED), 6.1, 100, 12, ASCII))
    assert all(line.isascii() for line in lines if "…" not in line)
    assert lines[3].startswith("/ loop                4.1 s  .......... 3/200")
