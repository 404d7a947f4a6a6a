"""Files that grow, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfp.cli.runs.log_tail import Tail, last_lines, unfinished_line


def test_each_line_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = Tail(path)
    assert list(tail.lines()) == []
    with path.open("ab", buffering=0) as file:
        file.write("ä\nsecond\nthi".encode())
        assert list(tail.lines()) == ["ä", "second"]
        assert list(tail.lines()) == []
        file.write(b"rd\r\nlast\xff")
        assert list(tail.lines()) == ["third"]
    assert list(tail.rest()) == ["last\ufffd"]
    assert list(tail.rest()) == []


def test_what_has_no_end_is_told_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 200_000)
    tail = Tail(path)
    assert "".join(tail.lines()) == "x" * 200_000


def test_only_the_end_of_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {number}\n" for number in range(1000)))
    assert list(Tail(path, recent=20).lines())[-1] == "line 999"
    assert len(list(Tail(path, recent=20).lines())) < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb", "b"), ("a\n", ""), ("", ""), ("a\n 5%|\r50%|##", " 5%|\r50%|##"), ("x" * 9000, "x" * 4096)],
)
def test_a_line_that_does_not_end(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "log"
    assert unfinished_line(path) == ""
    path.write_bytes(text.encode())
    assert unfinished_line(path) == expected


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("a\nb\nc\n", 2, ["b", "c"]),
        ("a\nb\nc", 2, ["b", "c"]),
        ("a\n\n", 1, [""]),
        ("a\n", 5, ["a"]),
        ("", 3, []),
        ("a\n", 0, []),
        ("x" * 3_000_000 + "\nend\n", 1, ["end"]),
    ],
)
def test_last_lines(tmp_path: Path, text: str, count: int, expected: list[str]) -> None:
    path = tmp_path / "log"
    path.write_text(text)
    assert list(last_lines(path, count)) == expected
