"""What is wrong, in one line: tracebacks of many kinds, and what engines and programs say."""

from __future__ import annotations

import pytest

from kfp.cli.runs.failures import gist, told

FRAMES = 'Traceback (most recent call last):\n  File "component.py", line 3, in train\n    fit()\n    ^^^^^\n'
CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "component.py", line 3, in train
  |     raise ExceptionGroup("outer", several)
  | ExceptionGroup: outer (3 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "component.py", line 9, in fit
    |     raise ValueError("long message")
    | ValueError: long
    | message
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "component.py", line 4, in fit
    |     raise ExceptionGroup("inner", [KeyError("k")])
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | KeyError: 'k'
      +------------------------------------
    +---------------- 3 ----------------
    | OSError: o
    +------------------------------------"""
ONE_MORE = """
    +---------------- 4 ----------------
    | TypeError: t
    +------------------------------------"""
MEMBERS = "ExceptionGroup: outer (3 sub-exceptions): ValueError: long; KeyError: 'k'; OSError: o"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("", ""),
        (f"{FRAMES}ValueError", "ValueError"),
        (f"{FRAMES}ValueError: no good", "ValueError: no good"),
        (f"{FRAMES}RuntimeError: first\nsecond\n\n  indented\nlast", "RuntimeError: first"),
        (f"{FRAMES}ValueError: no good\na note", "ValueError: no good"),
        (f"{FRAMES}my.errors.Bad: \n3 things are wrong\nand more", "my.errors.Bad: 3 things are wrong"),
        (f"{FRAMES}KeyError: 1\n{CAUSED}{FRAMES}ValueError: chained\nmore", "ValueError: chained"),
        (
            f"{FRAMES}ValueError: handled\n(the step ended with exit code 5)",
            "ValueError: handled (the step ended with exit code 5)",
        ),
        (GROUP, MEMBERS),
        (f"{GROUP}{ONE_MORE}", f"{MEMBERS}; ..."),
        (f"{GROUP}\n(the step ended with exit code 5)", f"{MEMBERS} (the step ended with exit code 5)"),
        (f"{FRAMES}KeyError: 1\n{CAUSED}{GROUP}", MEMBERS),
        (f"{GROUP}\n{CAUSED}{FRAMES}ValueError: chained", "ValueError: chained"),
        (f"{FRAMES}  nothing but frames", "  nothing but frames"),
        ("the step ended with exit code 1 (log: x)\nsome\nerror: no such file\nbye", "no such file"),
        ("the step ended with exit code 1 (log: x)\nlast words", "the step ended with exit code 1 (log: x)"),
    ],
)
def test_the_gist_of_an_error(error: str, line: str) -> None:
    assert gist(error) == line


def test_all_that_was_raised_is_bright_below_dim_frames() -> None:
    error = f"{FRAMES}RuntimeError: first\n  and second\nlast"
    assert [text for text, style in told(error, []) if style != "dim"] == [
        "RuntimeError: first",
        "  and second",
        "last",
    ]


def test_the_members_of_a_group_are_bright_below_its_dim_frames() -> None:
    bright = [text for text, style in told(GROUP, []) if style != "dim"]
    assert bright == GROUP.splitlines()[3:]


def test_the_middle_of_a_long_error_is_left_out() -> None:
    error = f"{FRAMES}RuntimeError: first\n" + "\n".join(map(str, range(100)))
    lines = [text for text, _ in told(error, ["said before"])]
    assert lines[:2] == ["said before", "Traceback (most recent call last):"]
    assert "  ..." in lines
    assert lines[-1] == "99"
    assert len(lines) < 30
