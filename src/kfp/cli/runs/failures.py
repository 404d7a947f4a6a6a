"""What a failed step said, cut to what its author wants to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TRACEBACK = "Traceback "
_ERROR = "error: "
_MOST_LINES = 24
_FIRST_LINES = 4
_OF_A_RUN = re.compile(r'^( *File ").*/tasks/.*/([^/]+\.py")')
"""A step's own file, whose directory says only which attempt of which run it was."""
_LAST_LINES = 6


def gist(error: str) -> str:
    """Return the line of an error that says what is wrong: a traceback's last, one that says so, else the first."""
    lines = [line for line in error.splitlines() if line.strip()]
    if not lines:
        return ""
    if not error.startswith(_TRACEBACK):
        told = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
        return told[-1] if told else lines[0]
    said = [line for line in lines if not line.startswith((" ", _TRACEBACK))]
    return said[-1] if said else lines[-1]


def told(error: str, tail: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands under a failed step's gist, each line with its style.

    Args:
        error: its error: a traceback, or what the engine says of its end, then the step's last lines.
        tail: the last lines that it wrote; what the error repeats is left out.
    """
    lines = [line for line in error.splitlines() if line.strip()]
    if error.startswith(_TRACEBACK):
        said = set(lines)
        lines = [_OF_A_RUN.sub(r"\1\2", line) for line in lines]
        for line in [line for line in tail if line.strip() and line not in said][-_LAST_LINES:]:
            yield line, "dim"
    elif lines and lines[0] == gist(error):
        del lines[0]
    if len(lines) > _MOST_LINES:
        lines[_FIRST_LINES : len(lines) - _MOST_LINES + _FIRST_LINES] = ["  ..."]
    for line in lines:
        yield line, "" if line is lines[-1] else "dim"
