"""Tables: aligned columns, all of them for programs and wide terminals, the important ones for narrow terminals."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from kfp.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GAP = "  "
_DIGEST_KEPT = len("sha256:") + 32


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        heading: its name, in capitals.
        weight: the lower, the earlier it goes where the terminal is too narrow; None never goes.
        right: whether its values are aligned to the right.
        style: returns a value in its colour.
    """

    heading: str
    weight: int | None = None
    right: bool = False
    style: Callable[[str], str] = str


def show(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to stdout."""
    for number, line in enumerate(layout(columns, rows, terminal.width(sys.stdout))):
        terminal.data(click.style(line, bold=True) if number == 0 else line)


def show_fields(title: str, fields: Sequence[tuple[str, str]]) -> None:
    """Print what is known of one thing to stdout: its name, and below it a line for each field.

    Args:
        title: the name.
        fields: label and value; a label may be empty, which continues the one before.
    """
    column = max(len(label) for label, _ in fields)
    width = terminal.width(sys.stdout)
    room = None if width is None else width - column - 2 * len(GAP)
    terminal.data(click.style(title, bold=True))
    for label, value in fields:
        terminal.data(f"{GAP}{click.style(label.ljust(column), dim=True)}{GAP}{fitted(value, room)}")


def fitted(value: str, room: int | None) -> str:
    """Return a value; a digest that a terminal has no room for keeps its beginning, which is enough to compare.

    Args:
        value: any text.
        room: columns, None for no limit.
    """
    is_long = room is not None and len(value) > room
    return f"{value[:_DIGEST_KEPT]}…" if is_long and value.startswith("sha256:") else value


def layout(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return the lines of a table.

    Args:
        columns: what each column is.
        rows: a text for each column.
        width: columns of the terminal, None for no limit. What never goes may still be wider.

    Returns:
        The headings' line and one line a row, without trailing spaces.
    """
    widths = [max([len(column.heading), *(len(row[index]) for row in rows)]) for index, column in enumerate(columns)]
    shown = list(range(len(columns)))
    while width is not None and sum(widths[index] + len(GAP) for index in shown) - len(GAP) > width:
        weights = {index: weight for index in shown if (weight := columns[index].weight) is not None}
        if not weights:
            break
        shown.remove(min(weights, key=weights.__getitem__))
    headings = [column.heading for column in columns]
    return [
        GAP.join(_cell(columns[index], line[index], widths[index], line is headings) for index in shown).rstrip()
        for line in [headings, *rows]
    ]


def _cell(column: Column, text: str, width: int, is_heading: bool) -> str:
    gap = " " * (width - len(text))
    styled = text if is_heading else column.style(text)
    return gap + styled if column.right else styled + gap
