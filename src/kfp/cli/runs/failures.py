"""What a failed step said, cut to what its author wants to read."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TRACEBACKS = ("Traceback ", "Exception Group Traceback ")
_MARGIN = re.compile(r"^  [+|] ")
"""What stands before the lines of an exception group."""
_MEMBER = re.compile(r"^ +\| (?! |(?:Exception Group )?Traceback |.*\(\d+ sub-exceptions?\)$)(?P<raised>.+)$")
"""What one of a group is; groups in it are told by their own members."""
_FRAME_OR_RULE = re.compile(r"^ +(?:\|   |\+)")
_MOST_MEMBERS = 3
_ERROR = "error: "
_MOST_LINES = 24
_FIRST_LINES = 4
_OF_A_RUN = re.compile(r'^([ |]*File ").*/tasks/.*/([^/]+\.py")')
"""A step's own file, whose directory says only which attempt of which run it was."""
_LAST_LINES = 6
_BARE_NAME = re.compile(r"[\w.]+:\s*")
"""An exception whose message begins on the next line."""
_ENDING = re.compile(r"\(the step .*\)")
"""What stands below a traceback when the step did not end as an exception ends a program."""


def is_traceback(error: str) -> bool:
    """Tell whether an error is what Python said of an exception, or of a group of them."""
    return _MARGIN.sub("", error).startswith(_TRACEBACKS)


def gist(error: str) -> str:
    """Return in one line what is wrong: of a traceback what was raised, else the line that says so, else the first."""
    lines = [line for line in error.splitlines() if line.strip()]
    if not lines:
        return ""
    if not is_traceback(error):
        told = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
        return told[-1] if told else lines[0]
    raised, *more = lines[_raised(lines) :]
    if _MARGIN.match(raised):
        raised = f"{_MARGIN.sub('', raised)}: {_members(more)}"
    elif more and _BARE_NAME.fullmatch(raised):
        raised = f"{raised.rstrip()} {more[0].strip()}"
    return f"{raised} {more[-1]}" if more and _ENDING.fullmatch(more[-1]) else raised


def _raised(lines: Sequence[str]) -> int:
    """Return which line of a traceback is what was raised: the first after its frames, for messages may be long."""
    plain = [_MARGIN.sub("", line) for line in lines]
    frames = max(number for number, line in enumerate(plain) if line.startswith(_TRACEBACKS))
    after = range(frames + 1, len(plain))
    return next((number for number in after if not plain[number].startswith(" ")), len(plain) - 1)


def _members(lines: Sequence[str]) -> str:
    """Return what the first members of an exception group are: each stands below its frames or the rule over it."""
    found = [
        member["raised"]
        for above, line in pairwise(lines)
        if (member := _MEMBER.match(line)) and _FRAME_OR_RULE.match(above)
    ]
    return "; ".join([*found[:_MOST_MEMBERS], *(["..."] if len(found) > _MOST_MEMBERS else [])])


def told(error: str, tail: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands under a failed step's gist, each line with its style.

    Args:
        error: its error: a traceback, or what the engine says of its end, then the step's last lines.
        tail: the last lines that it wrote; what the error repeats is left out.
    """
    lines = [line for line in error.splitlines() if line.strip()]
    is_raised = is_traceback(error)
    if is_raised:
        said = set(lines)
        lines = [_OF_A_RUN.sub(r"\1\2", line) for line in lines]
        for line in [line for line in tail if line.strip() and line not in said][-_LAST_LINES:]:
            yield line, "dim"
    elif lines and lines[0] == gist(error):
        del lines[0]
    if len(lines) > _MOST_LINES:
        lines[_FIRST_LINES : len(lines) - _MOST_LINES + _FIRST_LINES] = ["  ..."]
    plain = _raised(lines) if is_raised and lines else len(lines) - 1
    for number, line in enumerate(lines):
        yield line, "" if number >= plain else "dim"
