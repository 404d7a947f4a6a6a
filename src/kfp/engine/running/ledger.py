"""What is known of a run and its tasks in the end: the records, the events and the result say the same."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine import events
from kfp.engine.result import RunResult, TaskResult, plain_outputs
from kfp.engine.scheduling.schedule import ROOT
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.engine.flow.values import Values
    from kfp.engine.records.record import RunRecord
    from kfp.engine.running.inbox import Stop
    from kfp.engine.running.outbox import Outbox
    from kfp.engine.running.underway import Underway
    from kfp.engine.scheduling.schedule import Key
    from kfp.ir.spec import ComponentSpec

_MAX_TOLD_ERRORS = 20


class Ledger:
    """Keeps account of one run.

    Args:
        underway: what has started.
        outbox: takes what is recorded and told.
        record: the run's own record.
    """

    def __init__(self, underway: Underway, outbox: Outbox, record: RunRecord) -> None:
        self._underway, self._outbox, self._record = underway, outbox, record
        self._results: dict[str, TaskResult] = {}
        self._errors: list[str] = []
        self._stopped: Stop | None = None
        self._began = time.monotonic()

    def begin(self, notices: Iterable[str] = ()) -> None:
        """The run is accepted; what its user should know of it is told first."""
        record = self._record
        self._outbox.record(record)
        self._outbox.tell(events.RunStarted(record.id, record.name, record.pipeline, record.experiment))
        for notice in notices:
            self._outbox.tell(events.RunNotice(notice))

    def stop(self, stop: Stop) -> bool:
        """Somebody wants the run to stop; return whether it is the first time."""
        first = self._stopped is None
        self._outbox.tell(events.RunCanceling(stop.reason, at_once=not first))
        if first:
            self._stopped = stop
            self._outbox.record(replace(self._record, state=State.CANCELING))
        return first

    def settle(self, key: Key, state: State) -> None:
        """A task has ended, for good."""
        if key == ROOT:
            return
        started = self._underway.end(key, state)
        record = started.record
        if state is State.FAILED and started.error:
            self._errors.append(f"task {started.name!r} failed\n{started.error}")
        plain = plain_outputs(started.task.component, started.values)
        log = started.paths.log if started.paths is not None else record.log
        self._results[started.name] = TaskResult(
            state, started.values, plain, log, started.error, record.attempt, record.cache
        )
        if started.kept:
            seconds = (record.finished_at or 0.0) - (record.started_at or 0.0)
        else:
            until = started.until if started.until is not None else time.monotonic()
            seconds = 0.0 if state is State.SKIPPED else until - started.since
            self._outbox.record(
                replace(record, state=state, finished_at=time.time(), outputs=plain, error=started.error)
            )
        self._outbox.tell(
            events.TaskFinished(started.name, state, seconds, plain, started.error, log, record.cache, started.kept)
        )

    def finish(self, state: State, component: ComponentSpec, values: Values) -> RunResult:
        """The run is over."""
        outputs = plain_outputs(component, values)
        error = self._error(state)
        self._outbox.record(replace(self._record, state=state, finished_at=time.time(), outputs=outputs, error=error))
        seconds = time.monotonic() - self._began
        self._outbox.tell(events.RunFinished(self._record.id, state, seconds, outputs, error))
        self._outbox.flush()
        signal = self._stopped.signal if self._stopped is not None else None
        return RunResult(self._record.id, state, values, outputs, self._results, error, signal)

    def fail(self, error: BaseException) -> None:
        """The engine itself has failed."""
        told = f"the engine failed: {type(error).__name__}: {error}"
        now = time.time()
        for started in self._underway.all():
            if not started.kept and started.record.state is not State.SUCCEEDED:
                self._outbox.record(replace(started.record, state=State.FAILED, finished_at=now, error=told))
        self._outbox.record(replace(self._record, state=State.FAILED, finished_at=now, error=told))

    def _error(self, state: State) -> str | None:
        if state is State.CANCELED and self._stopped is not None:
            return self._stopped.reason
        if state is not State.FAILED:
            return None
        more = len(self._errors) - _MAX_TOLD_ERRORS
        told = self._errors[:_MAX_TOLD_ERRORS] + ([f"and {more} more tasks failed"] if more > 0 else [])
        return "\n\n".join(told) or "a task failed"
