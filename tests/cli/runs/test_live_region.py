"""Lines that are drawn over and over, on a terminal."""

from __future__ import annotations

import io

from kfp.cli.runs.live_region import Region
from tests.cli.runs.screen import Screen


class _Terminal(io.StringIO):
    """Writes onto a screen; it is nobody's terminal, and has the default size."""

    def __init__(self) -> None:
        super().__init__()
        self.screen = Screen(80)

    def write(self, text: str) -> int:
        self.screen.write(text)
        return len(text)


def drawn() -> tuple[Region, Screen]:
    terminal = _Terminal()
    terminal.write("$ command\r\n")
    return Region(terminal, colour=True), terminal.screen


def test_lines_take_the_place_of_lines() -> None:
    region, screen = drawn()
    region.draw([[("one", "red")], [("two is longer", "")], [("three", "")]])
    assert screen.lines == ["$ command", "one", "two is longer", "three"]
    assert not screen.has_cursor
    region.draw([[("1", "")], [("2", "")]])
    assert screen.lines == ["$ command", "1", "2"]
    region.draw([[("x" * 80, "")], [("y" * 80, "")], [("z", "")]])
    assert screen.lines == ["$ command", "x" * 80, "y" * 80, "z"]
    region.clear()
    assert screen.lines == ["$ command", ""]
    assert screen.has_cursor
    assert screen.wraps


def test_what_is_written_above_stays() -> None:
    region, screen = drawn()
    region.draw([[("a" * 80, "")], [("b", "")]])
    region.draw([[("a", "")]], above=[[("note", "cyan"), (": " + "n" * 100, "")]])
    assert screen.lines == ["$ command", "note: " + "n" * 74, "n" * 26, "a"]
    region.draw([[("b", "")]])
    region.clear()
    assert screen.lines == ["$ command", "note: " + "n" * 74, "n" * 26, ""]


def test_nothing_drawn_is_nothing_cleared() -> None:
    region, screen = drawn()
    region.clear()
    with region.held():
        pass
    assert screen.lines == ["$ command", ""]
    assert screen.has_cursor
