"""The steps of a run: from the moment that the scheduler starts one until its end is known."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine import events
from kfp.engine.flow.values import Values
from kfp.engine.outputs import read_outputs
from kfp.engine.planning.demand import Weights
from kfp.engine.result import kept_outputs
from kfp.engine.running.durable_outputs import DurableArtifacts
from kfp.engine.running.durations import retry_delay
from kfp.engine.running.inbox import End, StepReport
from kfp.engine.scheduling import schedule
from kfp.engine.scheduling.resources import NOTHING
from kfp.engine.states import State
from kfp.engine.step import StepEnd
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from queue import SimpleQueue

    from kfp.engine.flow.values import Artifact
    from kfp.engine.layout import RunPaths
    from kfp.engine.running.inbox import Message
    from kfp.engine.running.launch import Launcher
    from kfp.engine.running.outbox import Outbox
    from kfp.engine.running.underway import StartedTask, Underway
    from kfp.engine.scheduling.resources import Request
    from kfp.engine.scheduling.schedule import Key

_MAX_UNTOLD_LINES = 10_000


class Steps:
    """Starts and stops steps; each method returns what the scheduler is to be told, if anything.

    Args:
        underway: what has started.
        outbox: takes what is recorded, told and done.
        launcher: hands a step to its executor.
        inbox: where steps report to.
        paths: the run's directories.
        workspace: the directory that its steps share.
        capacity: what the machine has.
    """

    def __init__(
        self,
        underway: Underway,
        outbox: Outbox,
        launcher: Launcher,
        inbox: SimpleQueue[Message],
        *,
        paths: RunPaths,
        workspace: Path | None,
        capacity: Request,
    ) -> None:
        self._underway, self._outbox, self._launcher = underway, outbox, launcher
        self._inbox, self._paths = inbox, paths
        self._weights, self._artifacts = Weights(capacity), DurableArtifacts(paths, workspace)
        self.room = threading.Semaphore(_MAX_UNTOLD_LINES)

    def weigh(self, key: Key) -> schedule.Event:
        """Find out what a step asks of the machine: its inputs say it."""
        started = self._admitted(key)
        if started.refused is not None or self._underway.recall(key) is not None:
            return schedule.Weighed(key, NOTHING)
        constants = self._underway.constants(started)
        return schedule.Weighed(key, self._weights.request(started.task, started.inputs, constants))

    def start(self, key: Key, attempt: int) -> schedule.Event | None:
        """Start a step, or its next attempt; one that an earlier go of the run has finished ends at once."""
        started = self._admitted(key)
        if started.refused is not None:
            return schedule.Ended(key, started.refused, final=True)
        if attempt == 1:
            if self._is_kept(key, started):
                return schedule.Ended(key, State.SUCCEEDED)
            for change in self._underway.renew(key):
                self._outbox.record(change)
            started.before = self._paths.last_attempt(started.path) if self._underway.is_retried else 0
            self._notify(started)
        self._prepare(key, started, started.before + attempt)
        return None

    def wait(self, key: Key, attempt: int) -> float:
        """Return the seconds to wait before a failed step is tried again."""
        started = self._underway.started(key)
        policy = started.task.spec.retry_policy
        delay = retry_delay(policy, attempt) if policy is not None else 0.0
        self._outbox.tell(events.TaskRetried(started.name, started.before + attempt, delay, started.error or ""))
        return delay

    def ended(self, message: End) -> schedule.Event | None:
        """Take the message that an attempt has ended, and read what it has made.

        Raises:
            BaseException: the engine itself has failed.
        """
        key, end = message.key, message.end
        if end.crash is not None:
            raise end.crash
        started = self._underway.find(key)
        if started is None or started.over == message.attempt or started.attempt != message.attempt:
            return None
        started.over, started.until = message.attempt, message.when
        started.handle, started.error = None, end.error
        started.record = replace(started.record, cache=end.cache)
        if end.settled is not None:
            self._outbox.then(end.settled)
        for notice in end.notices:
            self._outbox.tell(events.TaskNotice(started.name, notice))
        state = State.SUCCEEDED
        if end.canceled:
            state = State.CANCELED
        elif end.error is not None:
            state = State.FAILED
        else:
            try:
                started.values = end.values if end.values is not None else self._outputs(started, end.seen)
            except SkiffError as error:
                state, started.error = State.FAILED, str(error)
        return schedule.Ended(key, state, end.final)

    def cancel(self, key: Key) -> None:
        """Stop a step."""
        started = self._underway.started(key)
        self._outbox.then(partial(self._cancel, key, started))

    def cancel_all(self) -> None:
        """Stop every step at once."""
        for _, handle in self._underway.steps():
            handle.cancel(force=True)

    def close(self) -> None:
        """Wait until what the run keeps is on the disk, now that no more steps come."""
        self._artifacts.close()

    def _admitted(self, key: Key) -> StartedTask:
        """Return a task with its inputs; it may have been admitted when it was weighed, or for an attempt before."""
        started = self._underway.find(key)
        if started is None:
            started = self._underway.take(key)
            started.refused = self._underway.admit(key)
        return started

    def _is_kept(self, key: Key, started: StartedTask) -> bool:
        """Take over what an earlier go of the run has made, where that is still there."""
        record = self._underway.recall(key)
        if record is None or record.outputs is None:
            return False
        values = kept_outputs(started.task.component, record.outputs)
        if not all(self._is_there(each) for group in values.artifacts.values() for each in group):
            return False
        started.kept, started.record, started.values = True, record, values
        return True

    def _is_there(self, artifact: Artifact) -> bool:
        """Tell whether nobody has cleared what an artifact was in: a cache of downloads, or the task's own directory.

        The content itself need not be there: a step may write none.
        """
        if artifact.custom_path:
            return Path(artifact.custom_path).exists()
        return not artifact.uri.startswith(f"{self._paths.artifacts}/") or Path(artifact.uri).parent.is_dir()

    def _notify(self, started: StartedTask) -> None:
        """Tell what of a task does not come true here."""
        excess = self._weights.notice(started.task, started.inputs, self._underway.constants(started))
        if excess is not None:
            self._outbox.tell(events.TaskNotice(started.name, excess))

    def _prepare(self, key: Key, started: StartedTask, attempt: int) -> None:
        """Put an attempt on record; it starts when that is on the disk."""
        started.attempt, started.error = attempt, None
        paths = started.paths = self._paths.step(started.path, attempt)
        started.since = time.monotonic()
        started.record = replace(
            started.record, state=State.RUNNING, attempt=attempt, started_at=time.time(), log=paths.log
        )
        self._outbox.record(started.record)
        self._outbox.tell(events.TaskStarted(started.name, started.task.display_name, attempt, paths.log))
        self._outbox.then(partial(self._launch, key, started))

    def _launch(self, key: Key, started: StartedTask) -> None:
        report = StepReport(key, started.attempt, self._inbox, self.room)
        durable = self._artifacts.report(report, self._paths.step(started.path, started.attempt))
        try:
            started.handle = self._launcher.launch(started, self._underway.constants(started), durable)
        except (SkiffError, OSError) as error:
            self._inbox.put(End(key, started.attempt, StepEnd(error=str(error), final=True)))

    def _cancel(self, key: Key, started: StartedTask) -> None:
        if started.handle is not None:
            started.handle.cancel()
        elif started.over == started.attempt:  # it waits to be tried again
            started.attempt += 1
            self._inbox.put(End(key, started.attempt, StepEnd(canceled=True)))

    def _outputs(self, started: StartedTask, seen: tuple[Path, ...] | None) -> Values:
        if started.paths is None:
            return Values()
        values, notices = read_outputs(started.task.component, started.paths, seen)
        for notice in notices:
            self._outbox.tell(events.TaskNotice(started.name, notice))
        return values
