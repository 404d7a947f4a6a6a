"""The line of the steps that are free to start, and who of them is next on a machine with so much left.

First in line is first, but a step that fits may pass one that waits for more than is left:
- at no cost where that delays nobody: it takes nothing of what the first in line lacks, and leaves it the rest;
- otherwise so many times for each that is first in line, and then the machine is kept for that one: nobody starves.

Steps that did not fit when it was their turn are put aside, in a lot for each request, so that 10,000 iterations which
wait for the one accelerator are a single question. Where requests are all different, `MAX_LOTS` of them are looked at.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kfp.engine.scheduling.fifo import Fifo
from kfp.engine.scheduling.resources import Request

if TYPE_CHECKING:
    from kfp.engine.scheduling.schedule import Key

MAX_PASSES = 16
MAX_LOTS = 32


class Unfit(enum.Enum):
    """Why a key in the line has no request."""

    GONE = "it does not wait any more"
    UNKNOWN = "its request is not known yet"


Ask: TypeAlias = "Callable[[Key], Request | Unfit]"


class Lot(NamedTuple):
    """Steps that wait for the same; each with its turn, the number that orders all that was put aside."""

    request: Request
    steps: Fifo[tuple[int, Key]]

    @property
    def turn(self) -> int:
        """The turn of its first step."""
        first = self.steps.first
        return first[0] if first is not None else -1


class Line(NamedTuple):
    """The line, a value.

    Args:
        arrivals: those whose turn has not come, as they came.
        lots: those that were put aside, all before the arrivals, by the turn of their first.
        turns: how many were put aside so far.
        passes: how many times the first in line was passed at its cost.
    """

    arrivals: Fifo[Key] = Fifo()
    lots: tuple[Lot, ...] = ()
    turns: int = 0
    passes: int = 0

    def join(self, key: Key) -> Line:
        """Return the line with a step at its end."""
        return self._replace(arrivals=self.arrivals.push(key))

    def rejoin(self, key: Key) -> Line:
        """Return the line with a step that has been in it before, ahead of those whose turn has not come yet."""
        return self._replace(arrivals=self.arrivals.push_first(key))


def draw(line: Line, free: Request, ask: Ask) -> tuple[Line, Key | None]:
    """Return the line without the step that is next, and that step: None where nobody fits.

    Where it comes to one whose request is not known yet, it returns that one and leaves it in the line.

    Args:
        line: the line.
        free: what is left of the machine.
        ask: gives a step's request, never more than the machine has.
    """
    line = _without_the_gone(line, ask)
    first: Request | None = None
    for place, lot in enumerate(line.lots):
        passes = line.passes + _cost(lot.request, free, first)
        if passes <= MAX_PASSES:
            step = lot.steps.first
            return _left(line, place, passes), step[1] if step is not None else None
        first = first or lot.request
    while (key := line.arrivals.first) is not None:
        request = ask(key)
        if request is Unfit.UNKNOWN:
            return line, key
        if isinstance(request, Request):
            passes = line.passes + _cost(request, free, first)
            if passes <= MAX_PASSES:
                return line._replace(arrivals=line.arrivals.pop(), passes=passes), key
            if len(line.lots) == MAX_LOTS and all(lot.request != request for lot in line.lots):
                break
            line = _put_aside(line, key, request)
            first = first or request
        line = line._replace(arrivals=line.arrivals.pop())
    return line, None


def _cost(request: Request, free: Request, first: Request | None) -> int:
    """Return 0 where a step may start as far as the first in line is concerned, 1 at its cost; too much: it may not."""
    if not request.fits(free):
        return MAX_PASSES + 1
    if first is None:
        return 0
    for mine, left, wanted in zip(request, free, first):  # noqa: B905 - three of each
        if mine > (left - wanted if left >= wanted else 0):
            return 1
    return 0


def _left(line: Line, place: int, passes: int) -> Line:
    """Return the line without the first step of a lot."""
    lots = list(line.lots)
    lots[place] = lots[place]._replace(steps=lots[place].steps.pop())
    return line._replace(lots=_in_order(lots), passes=passes if place else 0)


def _put_aside(line: Line, key: Key, request: Request) -> Line:
    lots = list(line.lots)
    step = (line.turns, key)
    for place, lot in enumerate(lots):
        if lot.request == request:
            lots[place] = lot._replace(steps=lot.steps.push(step))
            break
    else:
        lots.append(Lot(request, Fifo((step, None))))
    return line._replace(lots=tuple(lots), turns=line.turns + 1)


def _without_the_gone(line: Line, ask: Ask) -> Line:
    """Return the line without the steps at the head of a lot that do not wait any more."""
    if not line.lots or all(ask(step[1]) is not Unfit.GONE for lot in line.lots if (step := lot.steps.first)):
        return line
    lots = []
    for lot in line.lots:
        steps = lot.steps
        while (step := steps.first) is not None and ask(step[1]) is Unfit.GONE:
            steps = steps.pop()
        lots.append(lot._replace(steps=steps))
    kept = _in_order(lots)
    return line._replace(lots=kept, passes=line.passes if kept and kept[0].turn == line.lots[0].turn else 0)


def _in_order(lots: list[Lot]) -> tuple[Lot, ...]:
    return tuple(sorted((lot for lot in lots if lot.steps), key=lambda lot: lot.turn))
