"""What a failed step said, cut to what its author wants to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TRACEBACK = "Traceback "
_ERROR = "error: "
_MOST_LINES = 24
_FIRST_LINES = 4
_OF_A_RUN = re.compile(r'^( *File ").*/tasks/.*/([^/]+\.py")')
"""A step's own file, whose directory says only which attempt of which run it was."""
_LAST_LINES = 6
_BARE_NAME = re.compile(r"[\w.]+:\s*")
"""An exception whose message begins on the next line."""
_ENDING = re.compile(r"\(the step .*\)")
"""What stands below a traceback when the step did not end as an exception ends a program."""


def gist(error: str) -> str:
    """Return in one line what is wrong: of a traceback what was raised, else the line that says so, else the first."""
    lines = [line for line in error.splitlines() if line.strip()]
    if not lines:
        return ""
    if not error.startswith(_TRACEBACK):
        told = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
        return told[-1] if told else lines[0]
    raised, *more = lines[_raised(lines) :]
    if more and _BARE_NAME.fullmatch(raised):
        raised = f"{raised.rstrip()} {more[0].strip()}"
    return f"{raised} {more[-1]}" if more and _ENDING.fullmatch(more[-1]) else raised


def _raised(lines: Sequence[str]) -> int:
    """Return which line of a traceback is what was raised: the first after its frames, for messages may be long."""
    frames = max(number for number, line in enumerate(lines) if line.startswith(_TRACEBACK))
    after = range(frames + 1, len(lines))
    return next((number for number in after if not lines[number].startswith(" ")), len(lines) - 1)


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
    plain = _raised(lines) if error.startswith(_TRACEBACK) and lines else len(lines) - 1
    for number, line in enumerate(lines):
        yield line, "" if number >= plain else "dim"
