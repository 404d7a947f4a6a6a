"""A step's own thread: whatever comes of what is done there is the step's end, and is told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kfp.engine.step import StepEnd
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.step import Report


def in_own_thread(
    name: str, work: Callable[[], StepEnd | None], report: Report, is_canceled: Callable[[], bool] = lambda: False
) -> None:
    """Do something for a step and return at once.

    Args:
        name: the thread's name.
        work: returns the step's end, None where somebody else will tell it. An error of ours, or of the operating
            system, is an end that no other attempt would change; any other is a defect that the run raises.
        report: is told the end.
        is_canceled: says, where there was an error, whether the step was canceled.
    """

    def run() -> None:
        try:
            end = work()
        except (SkiffError, OSError) as error:
            end = StepEnd(error=str(error), canceled=is_canceled(), final=True)
        except BaseException as error:  # the run raises it; this thread has nobody to raise it to
            end = StepEnd(crash=error)
        if end is not None:
            report.ended(end)

    threading.Thread(target=run, name=name, daemon=True).start()
