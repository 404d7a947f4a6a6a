"""What a failed step says about itself: its traceback, or the last lines that it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.units import signal_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_STARTS = {"Traceback (most recent call last):", "  + Exception Group Traceback (most recent call last):"}
"""Those of the exceptions of a group stand behind a margin and begin none."""
_CHAINED = ("The above exception was the direct cause", "During handling of the above exception")
_LAST_LINES = 20
_SIGNALLED = 128
_LAST_SIGNAL = 64


def describe_failure(code: int, tail: Sequence[str], log: Path) -> str:
    """Return the text of a step's failure.

    Args:
        code: the exit code; negative is a signal's number.
        tail: the last lines that the step wrote.
        log: the file with all of them.
    """
    said = step_traceback(tail)
    ending = _ending(code)
    if said is not None:
        return said if code == 1 else f"{said}\n({ending})"
    last = [line for line in tail if line.strip()][-_LAST_LINES:]
    return "\n".join([f"{ending} (log: {log})", *last])


def describe_container_failure(code: int, tail: Sequence[str], log: Path) -> str:
    """Return the text of the failure of a step in a container, which tells a signal as 128 and its number."""
    by_signal = _SIGNALLED < code <= _SIGNALLED + _LAST_SIGNAL
    return describe_failure(_SIGNALLED - code if by_signal else code, tail, log)


def describe_timeout(seconds: float, tail: Sequence[str], log: Path) -> str:
    """Return the text of the failure of a step that took too long.

    Args:
        seconds: how long it was given.
        tail: the last lines that the step wrote.
        log: the file with all of them.
    """
    last = [line for line in tail if line.strip()][-_LAST_LINES:]
    return "\n".join([f"the step ran longer than {seconds:g} s (log: {log})", *last])


def step_traceback(tail: Sequence[str]) -> str | None:
    """Return the last traceback among lines, with the tracebacks that it was caused by; None where there is none."""
    starts = [number for number, line in enumerate(tail) if line in _STARTS]
    if not starts:
        return None
    first = len(starts) - 1
    while first and any(line.startswith(_CHAINED) for line in tail[starts[first - 1] : starts[first]]):
        first -= 1
    return "\n".join(tail[starts[first] :]).rstrip()


def _ending(code: int) -> str:
    if code >= 0:
        return f"the step ended with exit code {code}"
    name = signal_name(-code)
    hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
    return f"the step was ended by {name}{hint}"
