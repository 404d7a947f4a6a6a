"""An executor that runs nothing: for tests of what is around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kfp.engine.step import Step, StepEnd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.planning.plan import Task
    from kfp.engine.step import Report


class _Done:
    def cancel(self, *, force: bool = False) -> None:
        """Nothing runs."""


class FakeExecutor:
    """Calls a function in place of each step.

    Args:
        behave: makes the step's outputs and returns how it ended; without it every step ends well and makes nothing.
    """

    def __init__(self, behave: Callable[[Step], StepEnd] | None = None) -> None:
        self.steps: list[Step] = []
        self._behave = behave

    def check(self, tasks: Iterable[Task]) -> None:
        """Accept everything."""

    def close(self) -> None:
        """Nothing is held."""

    def start(self, step: Step, report: Report) -> _Done:
        """End the step before returning."""
        self.steps.append(step)
        report.ended(self._behave(step) if self._behave else StepEnd())
        return _Done()
