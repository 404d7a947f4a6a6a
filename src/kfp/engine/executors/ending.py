"""How a step has ended, whatever ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.executors.failures import describe_timeout
from kfp.engine.step import StepEnd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kfp.engine.executors.child import Exit
    from kfp.engine.step import Step


def step_end(
    step: Step,
    exit_: Exit | None,
    failed: Callable[[Exit], StepEnd],
    *,
    canceled: bool,
    seen: tuple[Path, ...] | None = None,
) -> StepEnd:
    """Return the end of a step.

    Args:
        step: what ran.
        exit_: how its process ended; None where it was canceled before it could start.
        failed: returns the end of a step whose process ended with another exit code than 0.
        canceled: whether the step was canceled.
        seen: what of this machine it saw, where that was not everything.
    """
    if exit_ is None or canceled:
        return StepEnd(canceled=True)
    if exit_.expired and step.timeout is not None:
        return StepEnd(error=describe_timeout(step.timeout, exit_.tail, step.paths.log))
    return StepEnd(seen=seen) if exit_.code == 0 else failed(exit_)
