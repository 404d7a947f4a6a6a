"""The characters that a run is drawn with: signs for states, and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.cli.cells import Line, Span


class Signs(NamedTuple):
    """The characters for states and bars, and those that take turns where something runs."""

    succeeded: str
    failed: str
    canceled: str
    skipped: str
    waiting: str
    again: str
    full: str
    empty: str
    busy: str
    ellipsis: str

    @classmethod
    def for_encoding(cls, encoding: str | None) -> Signs:
        """Return the signs that can be written in an encoding."""
        try:
            "".join(UNICODE).encode(encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return ASCII
        return UNICODE

    def of(self, state: State) -> Span:
        """Return the sign of a task that has ended."""
        return {
            State.SUCCEEDED: (self.succeeded, "green"),
            State.FAILED: (self.failed, "red"),
            State.CANCELED: (self.canceled, "yellow"),
        }.get(state, (self.skipped, "dim"))


UNICODE = Signs("✓", "✗", "■", "↷", "·", "↻", "━", "─", "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "…")
ASCII = Signs("+", "x", "!", "-", ".", "~", "#", ".", "|/-\\", "...")


def bar(ended: Mapping[State, int], count: int, cells: int, signs: Signs) -> Line:
    """Return a bar of which as much is full as has ended; the part that ended badly is red.

    Args:
        ended: how many have ended, by state.
        count: how many there are; none is a full bar.
        cells: the bar's width.
        signs: the characters to draw with.
    """
    done = sum(ended.values())
    full = cells if done >= count else min(cells - 1, done * cells // count)
    failed = ended.get(State.FAILED, 0) + ended.get(State.CANCELED, 0)
    bad = min(full, -(-failed * cells // count)) if count else 0
    parts = [(signs.full * (full - bad), "green"), (signs.full * bad, "red"), (signs.empty * (cells - full), "dim")]
    return [part for part in parts if part[0]]
