"""A run as one HTML page that stands alone: its graph, times, values, logs, and its metrics drawn.

`report(run, tasks, document)` reads what it shows of logs and artifacts, and returns the page's text.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.states import State
from kfp.report.material import gather
from kfp.report.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records.record import RunRecord, TaskRecord
    from kfp.ir.spec import Document

__all__ = ["report"]


def report(run: RunRecord, tasks: Sequence[TaskRecord], document: Document | None) -> str:
    """Return the page of a run, finished or not.

    Args:
        run: the run.
        tasks: its tasks, in the order in which they started.
        document: its pipeline; None draws no graph.
    """
    now = time.time()
    told = [_until(now, task) for task in tasks]
    return page(run, told, document, gather(told))


def _until(now: float, task: TaskRecord) -> TaskRecord:
    """Return a task that runs as one that took until now."""
    runs = task.state is State.RUNNING and task.started_at is not None and task.finished_at is None
    return replace(task, finished_at=now) if runs else task
