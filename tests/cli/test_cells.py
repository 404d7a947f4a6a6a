"""Text as wide as a terminal shows it, and as harmless as it has to be."""

from __future__ import annotations

import pytest

from kfp.cli.cells import cut, fit, paint, plain, width


@pytest.mark.parametrize(
    ("text", "cells"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("✓ ━", 3), ("🙂", 2), ("\u200b", 0), ("", 0)]
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cut(text: str, room: int, expected: str) -> None:
    assert cut(text, room) == expected
    assert width(expected) <= room


@pytest.mark.parametrize("room", range(12))
def test_a_line_fits(room: int) -> None:
    line = [("ab", "red"), ("日本", ""), ("cdef", "dim")]
    fitted = fit(line, room)
    assert sum(width(text) for text, _ in fitted) <= room
    if room >= 10:
        assert fitted == line
    elif room:
        assert fitted[-1][0].endswith("…")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://x\x07link\x1b]8;;\x07", "link"),
        (" 10%|# |\r 50%|## |\r100%|####|", "100%|####|"),
        ("done\r", "done"),
        ("a\tb", "a   b"),
        ("bell\x07 back\x08 null\x00", "bell back null"),
        ("\x1b[2J\x1b[1;1Hhome", "home"),
        ("right\u202eleft\u2028line", "rightleftline"),
        ("\x9b31mC1", "31mC1"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_what_a_step_wrote_is_harmless(written: str, seen: str) -> None:
    assert plain(written) == seen


def test_paint() -> None:
    line = [("a", "red"), (" b", ""), ("  ", "dim")]
    assert paint(line, colour=True) == "\x1b[31ma\x1b[0m b\x1b[2m  \x1b[0m"
    assert paint(line, colour=False) == "a b"
