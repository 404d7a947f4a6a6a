"""What steps write, as people read it: programs write for terminals, which a page or a list of lines is not."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|[ -/]*[0-~])")
"""Control sequences and strings (ECMA-48, 5.3 to 5.6), and xterm's end of a string."""


def unescaped(line: str) -> str:
    """Return a line without control sequences: colours, moves, titles, links."""
    return _ESCAPES.sub("", line) if "\x1b" in line else line


def overwritten(line: str) -> str:
    """Return what a terminal shows of a line in the end: of a progress bar what stands after the last return."""
    if "\r" not in line:
        return line
    return next((piece for piece in reversed(line.split("\r")) if unescaped(piece).strip()), "")


def readable(text: str) -> str:
    """Return lines of a log, each as it was last seen, without control sequences."""
    if "\r" not in text and "\x1b" not in text:
        return text
    return "\n".join(unescaped(overwritten(line)) for line in text.split("\n"))
