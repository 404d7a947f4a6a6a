"""What steps write for terminals, as it is told elsewhere."""

from __future__ import annotations

import pytest

from kfp.engine.log_text import overwritten, readable, unescaped


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("plain", "plain"),
        ("  1%|# |\r 50%|## |\r100%|####|", "100%|####|"),
        ("done\r", "done"),
        ("done\r\x1b[K", "done"),
        ("100%\r\x1b[32mgreen\x1b[0m", "\x1b[32mgreen\x1b[0m"),
        ("\r\r", ""),
    ],
)
def test_the_end_of_a_line_that_was_written_over(written: str, seen: str) -> None:
    assert overwritten(written) == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("plain\n\n", "plain\n\n"),
        ("\x1b[1;31mred\x1b[0m\nnext", "red\nnext"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("\x1b]0;title\x07one\n\x1b]0;no end\ntwo", "one\n\ntwo"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\ 1%\r\x1b[2K 2%", " 2%"),
    ],
)
def test_a_log(written: str, seen: str) -> None:
    assert readable(written) == seen


def test_it_takes_time_in_proportion_to_a_text() -> None:
    assert unescaped("\x1b]" * 200_000) == ""
    assert overwritten("\r" * 200_000) == ""
