"""Text in the cells of a terminal: how wide it is, what of it fits, and what a step wrote without its tricks.

A line is a list of spans, a text and its style each, so that what it says and how wide it is can be told without a
terminal.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from kfp.engine.log_text import overwritten, unescaped

if TYPE_CHECKING:
    from collections.abc import Sequence

Span: TypeAlias = "tuple[str, str]"
Line: TypeAlias = "list[Span]"

STYLES = {
    "": "",
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "strong red": "1;31",
    "strong green": "1;32",
    "strong yellow": "1;33",
}
"""Names of styles, and the parameters of the control sequence SGR (ECMA-48, 8.3.117) that switch them on."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
_MOST_SEEN = 1000


def width(text: str) -> int:
    """Return how many cells a text takes; it holds no control characters."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def cut(text: str, room: int) -> str:
    """Return a text, or its beginning with an ellipsis where it has no room."""
    if room <= 0:
        return ""
    if width(text) <= room:
        return text
    taken, kept = 0, 0
    for character in text:
        taken += _cells(character)
        if taken > room - 1:
            break
        kept += 1
    return text[:kept] + "…"


def fit(line: Sequence[Span], room: int) -> Line:
    """Return a line that is no wider than `room` cells."""
    if sum(width(text) for text, _ in line) <= room:
        return list(line)
    fitted: Line = []
    for text, style in line:
        taken = width(text)
        if taken >= room:  # something follows, which the ellipsis stands for
            fitted.append((cut(f"{text}  ", room), style))
            break
        fitted.append((text, style))
        room -= taken
    return fitted


def plain(text: str) -> str:
    """Return a line that a step wrote as it would last be seen: without control sequences, after the last return."""
    if text.isascii() and text.isprintable():
        return text[:_MOST_SEEN]
    text = overwritten(unescaped(text[: 4 * _MOST_SEEN]))
    return _CONTROLS.sub("", text.expandtabs(4))[:_MOST_SEEN]


def paint(line: Sequence[Span], *, colour: bool) -> str:
    """Return a line as it is written to a terminal."""
    if not colour:
        return "".join(text for text, _ in line).rstrip()
    return "".join(f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style else text for text, style in line)
