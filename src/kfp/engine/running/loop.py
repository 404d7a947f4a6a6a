"""The only loop there is: it asks the scheduler what to do, and has it done.

It runs in one thread. Executors, timers and signal handlers speak to it through its inbox; another process leaves a
request in the run's directory. What is done with steps is in `steps.py`, with DAGs and loops in `groups.py`; what comes
of it goes through an `Outbox`, so that every change is on the disk before it is told or acted on.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from kfp.engine import events
from kfp.engine.continuing.stop_request import StopRequest
from kfp.engine.running.alarms import Alarms
from kfp.engine.running.groups import Groups
from kfp.engine.running.inbox import End, Line, Message, Stop
from kfp.engine.running.launch import Launcher
from kfp.engine.running.ledger import Ledger
from kfp.engine.running.outbox import Outbox
from kfp.engine.running.steps import Steps
from kfp.engine.running.underway import Underway
from kfp.engine.scheduling import schedule
from kfp.engine.scheduling.scheduler import advance, begin
from kfp.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.records.recorder import Recorder
    from kfp.engine.result import RunResult
    from kfp.engine.running.job import Job
    from kfp.engine.scheduling.schedule import Key
    from kfp.engine.step import Executor

_ABANDON_SECONDS = 10.0
_LOOK_SECONDS = 0.5
"""How often the loop looks for a request of another process."""


class Loop:
    """One go of a run; `execute` does it.

    Args:
        job: the run.
        executor: runs the steps.
        on_event: is told what happens.
        recorder: takes the records.
    """

    def __init__(
        self, job: Job, executor: Executor, on_event: Callable[[events.Event], None], recorder: Recorder
    ) -> None:
        self._job, self._on_event = job, on_event
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._outbox = Outbox(recorder, on_event)
        self._underway = Underway(job.plan.root, job.inputs, job.record.id, job.constants, job.earlier)
        capacity, workspace = job.settings.capacity, job.constants.workspace
        launcher = Launcher(executor, job.plan.name, job.record.id, workspace, job.settings.home)
        self._steps = Steps(
            self._underway,
            self._outbox,
            launcher,
            self._inbox,
            paths=job.paths,
            workspace=workspace,
            capacity=capacity,
        )
        self._groups = Groups(job.plan, self._underway, self._outbox)
        self._ledger = Ledger(self._underway, self._outbox, job.record)
        self._alarms = Alarms()
        self._request = StopRequest(job.paths.directory)
        self._looked = time.monotonic()
        self._news: deque[schedule.Event] = deque()
        self._state: State | None = None
        self._schedule, self._actions = begin(job.settings.parallelism, capacity)

    def stop(self, reason: str, signal: int | None = None) -> None:
        """Have the run canceled; callable from a signal handler and from any thread."""
        self._inbox.put(Stop(reason, signal))

    def execute(self) -> RunResult:
        """Run to the end and return what came of it."""
        timer = self._timer()
        try:
            self._ledger.begin(self._job.notices)
            self._outbox.flush()
            self._turn()
            while self._state is None:
                for message in self._messages():
                    self._receive(message)
                self._turn()
        except BaseException as error:
            self._abandon(error)
            raise
        finally:
            if timer is not None:
                timer.cancel()
            self._steps.close()
        return self._ledger.finish(self._state, self._job.plan.root.component, self._groups.outputs)

    def _messages(self) -> list[Message]:
        """Wait for what reaches the loop, and return all of it; nothing where it was time for something else."""
        messages: list[Message] = []
        left = self._alarms.left()
        try:
            messages.append(self._inbox.get(timeout=_LOOK_SECONDS if left is None else min(left, _LOOK_SECONDS)))
            messages.extend(self._inbox.get_nowait() for _ in range(self._inbox.qsize()))
        except Empty:
            pass
        self._news.extend(schedule.Due(key) for key in self._alarms.due())
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            messages.extend(Stop(reason) for reason in self._request.news())
        return messages

    def _turn(self) -> None:
        """Answer the scheduler until it asks for nothing more; then all of that is recorded, told and done."""
        while True:
            for action in self._actions:
                answer = self._perform(action)
                if answer is not None:
                    self._news.append(answer)
            self._actions = []
            if not self._news:
                break
            event = self._news.popleft()
            if isinstance(event, schedule.Opened):
                self._underway.open(len(self._schedule.scopes), event.key)  # the number that it is about to get
            self._schedule, self._actions = advance(self._schedule, event)
            if isinstance(event, schedule.Ended) and not self._is_tried_again(event.key):
                self._ledger.settle(event.key, event.state)
        self._outbox.flush()

    def _is_tried_again(self, key: Key) -> bool:
        return any(isinstance(action, schedule.Wait) and action.key == key for action in self._actions)

    def _perform(self, action: schedule.Action) -> schedule.Event | None:
        if isinstance(action, schedule.Start):
            return self._steps.start(action.key, action.attempt)
        if isinstance(action, schedule.Weigh):
            return self._steps.weigh(action.key)
        if isinstance(action, schedule.Open):
            return self._groups.open(action.key)
        if isinstance(action, schedule.Close):
            return self._groups.close(action.key, action.state)
        if isinstance(action, schedule.Skip):
            if self._underway.find(action.key) is None:
                self._underway.take(action.key)
            self._ledger.settle(action.key, State.SKIPPED)
        elif isinstance(action, schedule.Wait):
            self._alarms.add(self._steps.wait(action.key, action.attempt), action.key)
        elif isinstance(action, schedule.Cancel):
            self._steps.cancel(action.key)
        elif isinstance(action, schedule.Finish):
            self._state = action.state
        return None

    def _receive(self, message: Message) -> None:
        """Take a message; what the scheduler is to be told of it becomes news."""
        answer: schedule.Event | None = None
        if isinstance(message, Line):
            self._steps.room.release()
            started = self._underway.find(message.key)
            if started is not None:
                self._on_event(events.TaskLog(started.name, message.text))
        elif isinstance(message, End):
            answer = self._steps.ended(message)
        else:
            if not self._ledger.stop(message):
                self._outbox.then(self._steps.cancel_all)
            answer = schedule.CancelRequested()
        if answer is not None:
            self._news.append(answer)

    def _timer(self) -> threading.Timer | None:
        seconds = self._job.settings.timeout
        if seconds is None:
            return None
        timer = threading.Timer(seconds, partial(self.stop, f"the run was stopped after {seconds:g} s"))
        timer.daemon = True
        timer.start()
        return timer

    def _abandon(self, error: BaseException) -> None:
        """Stop every step after an error that is nobody's step's, and record the run as failed."""
        handles = dict(self._underway.steps())
        for handle in handles.values():
            handle.cancel(force=True)
        deadline = time.monotonic() + _ABANDON_SECONDS
        while handles and (left := deadline - time.monotonic()) > 0:
            try:
                message = self._inbox.get(timeout=left)
            except Empty:
                break
            if isinstance(message, Line):
                self._steps.room.release()
            elif isinstance(message, End):
                handles.pop(message.key, None)
        self._ledger.fail(error)
