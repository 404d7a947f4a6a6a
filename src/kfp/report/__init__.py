"""A run as one HTML page that stands alone: its graph, times, values, logs, and its metrics drawn.

`report(run, tasks, document)` reads what it shows of logs and artifacts, and returns the page's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.report.material import gather
from kfp.report.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records import RunRecord, TaskRecord
    from kfp.ir.spec import Document

__all__ = ["report"]


def report(run: RunRecord, tasks: Sequence[TaskRecord], document: Document | None) -> str:
    """Return the page of a run, finished or not.

    Args:
        run: the run.
        tasks: its tasks, in the order in which they started.
        document: its pipeline; None draws no graph.
    """
    return page(run, tasks, document, gather(tasks))
