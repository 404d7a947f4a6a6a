"""Follows a run that another process runs, by what the store has of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kfp.cli.runs.changes import Changes, Happening
from kfp.cli.runs.outline import Outline
from kfp.engine import events
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.records.record import RunRecord
    from kfp.engine.records.store import Store

_POLL_SECONDS = 0.3
_LATE_SECONDS = 10.0
"""How long after a moment a record may be written that carries it."""


def follow(store: Store, run: RunRecord, *, past: bool = False) -> Iterator[Happening]:
    """Yield what has happened in a run and what happens, until it has ended.

    Args:
        store: where it is recorded.
        run: the run.
        past: whether all lines that steps have written so far are told too.

    Raises:
        RunError: the store cannot be read.
    """
    outline = Outline.of(run.directory)
    changes = Changes(outline, past=past)
    yield Happening(events.RunStarted(run.id, run.name, run.pipeline, run.experiment), run.created_at)
    yield Happening(events.DagStarted("", run.pipeline, outline.names), run.created_at)
    since, is_stopping = 0.0, False
    while True:
        now = time.time()
        found = store.run(run.id)  # before its tasks: if it has ended, these are all there will be
        run = found if found is not None else run
        yield from changes.of(store.changed_tasks(run.id, since))
        since = now - _LATE_SECONDS
        if found is None or run.state.ended:
            ended = run.finished_at or now
            finished = events.RunFinished(run.id, run.state, ended - run.created_at, run.outputs or {}, run.error)
            yield Happening(finished, ended)
            return
        if run.state is State.CANCELING and not is_stopping:
            is_stopping = True
            yield Happening(events.RunCanceling("the run was canceled"), now)
        time.sleep(_POLL_SECONDS)
