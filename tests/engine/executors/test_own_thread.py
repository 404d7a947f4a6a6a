"""What comes of a step's work in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.step import StepEnd
from kfp.errors import RunError


class Told:
    def __init__(self) -> None:
        self.ends: list[StepEnd] = []

    def line(self, text: str) -> None:
        """No lines come."""

    def ended(self, end: StepEnd) -> None:
        self.ends.append(end)


def raising(error: BaseException) -> Callable[[], StepEnd]:
    def work() -> StepEnd:
        raise error

    return work


DEFECT = KeyboardInterrupt("a defect")


@pytest.mark.parametrize(
    ("work", "ends"),
    [
        (StepEnd, [StepEnd()]),
        (lambda: None, []),
        (raising(RunError("no such image")), [StepEnd(error="no such image", canceled=True, final=True)]),
        (raising(OSError("full")), [StepEnd(error="full", canceled=True, final=True)]),
        (raising(DEFECT), [StepEnd(crash=DEFECT)]),
    ],
)
def test_whatever_comes_of_it_is_the_end(work: Callable[[], StepEnd | None], ends: list[StepEnd]) -> None:
    told = Told()
    in_own_thread("a step", work, told, lambda: True)
    for thread in threading.enumerate():
        if thread.name == "a step":
            thread.join()
    assert told.ends == ends
