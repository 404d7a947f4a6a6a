"""The tasks of a recorded run as a tree on stdout."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from kfp.cli import terminal
from kfp.cli.cells import paint
from kfp.cli.runs.changes import Changes
from kfp.cli.runs.lines import aligned
from kfp.cli.runs.outline import Outline
from kfp.cli.runs.rows import Detail, Frame, rows
from kfp.cli.runs.signs import Signs
from kfp.cli.runs.tree import Tree
from kfp.engine import events
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.engine.records.record import RunRecord, TaskRecord

_UNLIMITED = 10_000


def show(run: RunRecord, tasks: Sequence[TaskRecord], *, below: str = "", every: bool = False) -> bool:
    """Print tasks, those that wait included where the run goes on.

    Args:
        run: their run.
        tasks: their records.
        below: only what is in this task.
        every: every iteration of a loop instead of their number.

    Returns:
        Whether one of the printed tasks says why it failed.
    """
    tree = tree_of(run, tasks, every=every)
    top = tree.find(below)
    if top is None or not top.children:
        return False
    columns = terminal.width(sys.stdout) or _UNLIMITED
    off = _off_for_all(tasks)
    frame = Frame(time.time(), Detail.FULL, Signs.for_encoding(sys.stdout.encoding), explains=off is None)
    terminal.data("")
    for line in aligned(list(rows(top, frame)), columns):
        terminal.data(paint(line, colour=True).rstrip())
    if off is not None:
        terminal.data(click.style(f"\nnothing is cached: {off}", dim=True))
    return any(task.error and task.state is State.FAILED for task in tasks)


def _off_for_all(tasks: Sequence[TaskRecord]) -> str | None:
    """Return why caching was off, where it was so for the same reason for several tasks and no other was on."""
    caches = [task.cache for task in tasks if task.cache]
    reasons = {str(cache.get("reason")) if cache.get("state") == "off" else "" for cache in caches}
    return next(iter(reasons)) or None if len(caches) > 1 and len(reasons) == 1 else None


def tree_of(run: RunRecord, tasks: Sequence[TaskRecord], *, every: bool = False) -> Tree:
    """Return the tree of a run as its records have it."""
    tree, outline = Tree(), Outline.of(run.directory)
    tree.take(events.RunStarted(run.id, run.name, run.pipeline, run.experiment), run.created_at)
    tree.take(events.DagStarted("", run.pipeline, outline.names), run.created_at)
    for event, at in Changes(outline, every=every).of(tasks):
        tree.take(event, at)
    return tree
