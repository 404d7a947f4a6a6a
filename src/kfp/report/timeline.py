"""When each step ran: a bar each, from the first start to the last end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.report.markup import Markup, element, note
from kfp.report.states import seconds
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records.record import TaskRecord

_MOST = 200


def timeline(tasks: Sequence[TaskRecord]) -> Markup:
    """Return the bars of the steps that have started, in the order in which they did.

    Args:
        tasks: of a run; of more than 200 the longest are shown.
    """
    steps = [task for task in tasks if task.attempt and task.started_at is not None]
    if not steps:
        return note("no step has started")
    first = min(task.started_at or 0.0 for task in steps)
    last = max(task.finished_at or task.started_at or 0.0 for task in steps)
    span = max(last - first, 1e-6)
    chosen = sorted(steps, key=seconds, reverse=True)[:_MOST]
    rows = [_row(task, first, span) for task in sorted(chosen, key=lambda each: (each.started_at or 0.0, each.path))]
    left = len(steps) - len(chosen)
    more = note(f"and {left:,} shorter ones") if left else None
    scale = element("div", element("span", "0 s"), element("span", duration(span)), class_="scale")
    return element("div", rows, scale, more, class_="timeline")


def _row(task: TaskRecord, first: float, span: float) -> Markup:
    start = ((task.started_at or first) - first) / span * 100
    length = seconds(task) / span * 100
    told = f"{task.state.value} in {duration(seconds(task))}"
    place = f"left:{start:.2f}%;width:max(3px,{length:.2f}%)"
    bar = element("i", class_=f"bar {task.state.value.lower()}", style=place, title=told)
    name = element("span", task.path, class_="name", title=task.path)
    return element("div", name, element("span", bar, class_="track"), class_="row")
