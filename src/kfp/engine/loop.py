"""The only loop there is: it asks the scheduler what to do, has the executor do it, and records what happened.

It runs in one thread. Executors, timers and signal handlers speak to it through its inbox.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine import events, schedule
from kfp.engine.conditions import holds
from kfp.engine.durations import retry_delay
from kfp.engine.inbox import Again, End, Line, Message, StepReport, Stop
from kfp.engine.iterations import iterations_graph
from kfp.engine.launch import Launcher
from kfp.engine.outputs import read_outputs
from kfp.engine.records import RunRecord
from kfp.engine.resources import NOTHING
from kfp.engine.result import RunResult, TaskResult, plain_outputs
from kfp.engine.schedule import ROOT, Key
from kfp.engine.scheduler import advance, begin
from kfp.engine.states import State
from kfp.engine.step import StepEnd
from kfp.engine.underway import StartedTask, Underway
from kfp.engine.values import Values
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.layout import RunPaths
    from kfp.engine.plan import Plan
    from kfp.engine.recorder import Recorder
    from kfp.engine.references import RunConstants
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor

_MAX_UNTOLD_LINES = 10_000
_MAX_TOLD_ERRORS = 20
_ABANDON_SECONDS = 10.0


class Loop:
    """One run; `execute` runs it.

    Args:
        planned: the plan.
        root: the root's inputs.
        executor: runs the steps.
        settings: how to run.
        on_event: is told what happens.
        recorder: takes the records.
        record: the run's own record.
        paths: the run's directories.
        constants: the placeholders' values that are the same for the whole run.
    """

    def __init__(
        self,
        *,
        planned: Plan,
        root: Values,
        executor: Executor,
        settings: RunSettings,
        on_event: Callable[[events.Event], None],
        recorder: Recorder,
        record: RunRecord,
        paths: RunPaths,
        constants: RunConstants,
    ) -> None:
        self._plan, self._settings, self._paths = planned, settings, paths
        self._on_event, self._recorder, self._record = on_event, recorder, record
        self._underway = Underway(planned.root, root, record.id, constants)
        self._launcher = Launcher(
            executor, planned.name, record.id, constants.workspace, settings.home / "cache" / "imports"
        )
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._room = threading.Semaphore(_MAX_UNTOLD_LINES)
        self._results: dict[str, TaskResult] = {}
        self._errors: list[str] = []
        self._news: deque[schedule.Event] = deque()
        self._untold: list[events.Event] = []
        self._settled: list[Callable[[], None]] = []
        self._outputs = Values()
        self._stopped: Stop | None = None
        self._state: State | None = None
        self._began = time.monotonic()
        self._schedule, self._actions = begin(settings.parallelism, settings.capacity)

    def stop(self, reason: str, signal: int | None = None) -> None:
        """Have the run canceled; callable from a signal handler and from any thread."""
        self._inbox.put(Stop(reason, signal))

    def execute(self) -> RunResult:
        """Run to the end and return what came of it."""
        record = self._record
        self._recorder.add(record)
        self._recorder.commit()
        self._on_event(events.RunStarted(record.id, record.name, record.pipeline, record.experiment))
        timer = self._timer()
        try:
            self._turn()
            while self._state is None:
                self._receive(self._inbox.get())
                for _ in range(self._inbox.qsize()):
                    self._receive(self._inbox.get())
                self._turn()
        except BaseException as error:
            self._abandon(error)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return self._finish(self._state)

    # ---- the conversation with the scheduler -------------------------------------------------------------------------

    def _turn(self) -> None:
        """Do what the scheduler asks until it asks for nothing more; then record it, then tell it."""
        while True:
            for action in self._actions:
                self._perform(action)
            self._actions = []
            if not self._news:
                break
            event = self._news.popleft()
            if isinstance(event, schedule.Opened):
                self._underway.open(len(self._schedule.scopes), event.key)  # the number that it is about to get
            self._schedule, self._actions = advance(self._schedule, event)
            if isinstance(event, schedule.Ended) and not self._is_tried_again(event.key):
                self._settle(event.key, event.state)
        untold, self._untold = self._untold, []
        settled, self._settled = self._settled, []
        self._recorder.commit()
        for done in settled:
            done()
        for each in untold:
            self._on_event(each)

    def _is_tried_again(self, key: Key) -> bool:
        return any(isinstance(action, schedule.Wait) and action.key == key for action in self._actions)

    def _perform(self, action: schedule.Action) -> None:
        if isinstance(action, schedule.Start):
            self._start(action.key, action.attempt)
        elif isinstance(action, schedule.Wait):
            self._wait(action.key, action.attempt)
        elif isinstance(action, schedule.Weigh):
            self._news.append(schedule.Weighed(action.key, NOTHING))
        elif isinstance(action, schedule.Open):
            self._open(action.key)
        elif isinstance(action, schedule.Close):
            self._close(action.key, action.state)
        elif isinstance(action, schedule.Skip):
            self._underway.take(action.key)
            self._settle(action.key, State.SKIPPED)
        elif isinstance(action, schedule.Cancel):
            self._cancel(action.key)
        else:
            self._state = action.state

    def _receive(self, message: Message) -> None:
        if isinstance(message, Line):
            self._room.release()
            started = self._underway.find(message.key)
            if started is not None:
                self._on_event(events.TaskLog(started.name, message.text))
        elif isinstance(message, End):
            self._ended(message)
        elif isinstance(message, Again):
            self._news.append(schedule.Due(message.key))
        elif self._stopped is None:
            self._stopped = message
            self._recorder.add(replace(self._record, state=State.CANCELING))
            self._untold.append(events.RunCanceling(message.reason))
            self._news.append(schedule.CancelRequested())
        else:
            self._untold.append(events.RunCanceling(message.reason, at_once=True))
            self._news.append(schedule.CancelRequested())
            for _, handle in self._underway.steps():
                handle.cancel(force=True)

    # ---- DAGs --------------------------------------------------------------------------------------------------------

    def _open(self, key: Key) -> None:
        if key == ROOT:
            self._untold.append(events.DagStarted("", self._plan.name, self._plan.root.names))
            self._news.append(schedule.Opened(key, self._plan.root.graph))
            return
        started = self._underway.take(key)
        if not self._admit(key, started):
            return
        self._recorder.add(replace(started.record, state=State.RUNNING))
        task = started.task
        if task.iterator is not None:
            count = len(started.items)
            graph = iterations_graph(task, count)
            names = task.dag.names if task.dag is not None else ()
            self._untold.append(events.DagStarted(started.name, task.display_name, names, count))
            self._news.append(schedule.Opened(key, graph, task.iterator.limit))
        elif task.dag is not None:
            self._untold.append(events.DagStarted(started.name, task.display_name, task.dag.names))
            self._news.append(schedule.Opened(key, task.dag.graph))

    def _admit(self, key: Key, started: StartedTask) -> bool:
        """Bind a task's inputs and find a loop's items; return whether it runs, and else have it end."""
        condition = started.task.condition
        try:
            self._underway.bind(key)
            if condition is None or holds(started.task, condition, started.inputs):
                self._underway.find_items(key)
                return True
            state = State.SKIPPED
        except SkiffError as error:
            state, started.error = State.FAILED, str(error)
        self._news.append(schedule.Ended(key, state, final=True))
        return False

    def _close(self, key: Key, state: State) -> None:
        dag = self._underway.close(key)
        values = dag.made() if state is State.SUCCEEDED else Values()
        if key == ROOT:
            self._outputs = values
        else:
            started = self._underway.started(key)
            started.values, started.inside = values, dag.failure() if state is State.FAILED else None
        self._news.append(schedule.Ended(key, state))

    # ---- steps -------------------------------------------------------------------------------------------------------

    def _start(self, key: Key, attempt: int) -> None:
        if attempt == 1:
            started = self._underway.take(key)
            if not self._admit(key, started):
                return
            for platform in started.task.ignored:
                message = f"its settings for the platform {platform!r} do nothing on this machine"
                self._untold.append(events.TaskNotice(started.name, message))
            self._launch(key, started)
        else:
            self._launch(key, self._underway.started(key))

    def _wait(self, key: Key, attempt: int) -> None:
        started = self._underway.started(key)
        policy = started.task.spec.retry_policy
        delay = retry_delay(policy, attempt) if policy is not None else 0.0
        self._untold.append(events.TaskRetried(started.name, attempt, delay, started.error or ""))
        started.attempt, started.error = attempt, None
        if delay > 0:
            timer = threading.Timer(delay, self._inbox.put, (Again(key, attempt),))
            timer.daemon = True
            timer.start()
        else:
            self._news.append(schedule.Due(key))

    def _launch(self, key: Key, started: StartedTask) -> None:
        attempt = started.attempt
        paths = started.paths = self._paths.step(started.path, attempt)
        started.since = time.monotonic()
        started.record = replace(
            started.record, state=State.RUNNING, attempt=attempt, started_at=time.time(), log=paths.log
        )
        self._recorder.add(started.record)
        self._untold.append(events.TaskStarted(started.name, started.task.display_name, attempt))
        report = StepReport(key, attempt, self._inbox, self._room)
        try:
            started.handle = self._launcher.launch(started, self._underway.constants(started), report)
        except (SkiffError, OSError) as error:
            self._inbox.put(End(key, attempt, StepEnd(error=str(error), final=True)))

    def _ended(self, message: End) -> None:
        key, end = message.key, message.end
        if end.crash is not None:
            raise end.crash
        started = self._underway.find(key)
        if started is None or started.over == message.attempt or started.attempt != message.attempt:
            return
        started.over, started.until = message.attempt, message.when
        started.handle, started.error = None, end.error
        started.record = replace(started.record, cache=end.cache)
        self._settled += [end.settled] if end.settled is not None else []
        self._untold.extend(events.TaskNotice(started.name, notice) for notice in end.notices)
        state, final = State.SUCCEEDED, end.final
        if end.canceled:
            state = State.CANCELED
        elif end.error is not None:
            state = State.FAILED
        elif end.values is not None:
            started.values = end.values
        elif started.paths is not None:
            try:
                started.values, notices = read_outputs(started.task.component, started.paths)
                self._untold.extend(events.TaskNotice(started.name, notice) for notice in notices)
            except SkiffError as error:
                state, started.error = State.FAILED, str(error)
        self._news.append(schedule.Ended(key, state, final))

    def _cancel(self, key: Key) -> None:
        started = self._underway.started(key)
        if started.handle is not None:
            started.handle.cancel()
        else:  # it waits to be tried again, or its end is in the inbox
            self._inbox.put(End(key, started.attempt, StepEnd(canceled=True)))

    # ---- any task ----------------------------------------------------------------------------------------------------

    def _settle(self, key: Key, state: State) -> None:
        """Record and tell a task's last state."""
        if key == ROOT:
            return
        started = self._underway.end(key, state)
        if state is State.FAILED and started.error:
            self._errors.append(f"task {started.name!r} failed\n{started.error}")
        plain = plain_outputs(started.task.component, started.values)
        log = started.paths.log if started.paths is not None else None
        self._results[started.name] = TaskResult(
            state, started.values, plain, log, started.error, started.record.attempt, started.record.cache
        )
        self._recorder.add(
            replace(started.record, state=state, finished_at=time.time(), outputs=plain, error=started.error)
        )
        until = started.until if started.until is not None else time.monotonic()
        seconds = 0.0 if state is State.SKIPPED else until - started.since
        self._untold.append(
            events.TaskFinished(started.name, state, seconds, plain, started.error, log, started.record.cache)
        )

    # ---- the end -----------------------------------------------------------------------------------------------------

    def _finish(self, state: State) -> RunResult:
        outputs = plain_outputs(self._plan.root.component, self._outputs)
        error = self._error(state)
        self._recorder.add(replace(self._record, state=state, finished_at=time.time(), outputs=outputs, error=error))
        self._recorder.commit()
        seconds = time.monotonic() - self._began
        self._on_event(events.RunFinished(self._record.id, state, seconds, outputs, error))
        signal = self._stopped.signal if self._stopped is not None else None
        return RunResult(self._record.id, state, self._outputs, outputs, self._results, error, signal)

    def _error(self, state: State) -> str | None:
        if state is State.CANCELED and self._stopped is not None:
            return self._stopped.reason
        if state is not State.FAILED:
            return None
        more = len(self._errors) - _MAX_TOLD_ERRORS
        told = self._errors[:_MAX_TOLD_ERRORS] + ([f"and {more} more tasks failed"] if more > 0 else [])
        return "\n\n".join(told) or "a task failed"

    def _timer(self) -> threading.Timer | None:
        seconds = self._settings.timeout
        if seconds is None:
            return None
        timer = threading.Timer(seconds, self.stop, (f"the run was stopped after {seconds:g} s",))
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
                self._room.release()
            elif isinstance(message, End):
                handles.pop(message.key, None)
        told = f"the engine failed: {type(error).__name__}: {error}"
        self._recorder.add(replace(self._record, state=State.FAILED, finished_at=time.time(), error=told))
