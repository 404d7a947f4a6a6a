"""The only loop there is: it asks the scheduler what to do, has the executor do it, and records what happened.

It runs in one thread. Executors, timers and signal handlers speak to it through its inbox.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from kfp.engine import events, scheduler
from kfp.engine.commands import PythonCommand, recognise
from kfp.engine.durations import retry_delay
from kfp.engine.executor_input import executor_input
from kfp.engine.inbox import Again, End, Line, Message, StepReport, Stop
from kfp.engine.inputs import bind_inputs
from kfp.engine.outputs import read_outputs
from kfp.engine.records import RunRecord, TaskRecord
from kfp.engine.result import RunResult, TaskResult, plain_outputs
from kfp.engine.scheduler import ROOT, Key
from kfp.engine.states import State
from kfp.engine.step import StepEnd, make_step
from kfp.engine.values import Values, dag_outputs
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.layout import RunPaths, StepPaths
    from kfp.engine.plan import Dag, Plan, Task
    from kfp.engine.recorder import Recorder
    from kfp.engine.references import RunConstants
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor, Handle

_MAX_UNTOLD_LINES = 10_000
_MAX_TOLD_ERRORS = 20
_ABANDON_SECONDS = 10.0


class _Scope(msgspec.Struct):
    """An opened DAG: what it is, what it was given, and what its tasks have made."""

    dag: Dag
    path: tuple[str, ...]
    inputs: Values
    outputs: dict[str, Values] = msgspec.field(default_factory=dict)


class _Running(msgspec.Struct):
    """A task that has started."""

    task: Task
    path: tuple[str, ...]
    record: TaskRecord
    since: float
    attempt: int = 1
    over: int = 0
    until: float | None = None
    inputs: Values | None = None
    paths: StepPaths | None = None
    handle: Handle | None = None
    values: Values = msgspec.field(default_factory=Values)
    error: str | None = None

    @property
    def name(self) -> str:
        return "/".join(self.path)


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
        self._plan, self._root, self._executor, self._settings = planned, root, executor, settings
        self._on_event, self._recorder, self._record = on_event, recorder, record
        self._paths, self._constants = paths, constants
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._room = threading.Semaphore(_MAX_UNTOLD_LINES)
        self._scopes: dict[int, _Scope] = {}
        self._opened: dict[Key, int] = {}
        self._running: dict[Key, _Running] = {}
        self._results: dict[str, TaskResult] = {}
        self._errors: list[str] = []
        self._news: deque[scheduler.Event] = deque()
        self._untold: list[events.Event] = []
        self._commands: dict[str, PythonCommand | None] = {}
        self._outputs = Values()
        self._stopped: Stop | None = None
        self._state: State | None = None
        self._began = time.monotonic()
        self._schedule, self._actions = scheduler.begin(settings.parallelism)

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
            if isinstance(event, scheduler.Opened):
                self._enter(len(self._schedule.scopes), event.key)
            self._schedule, self._actions = scheduler.advance(self._schedule, event)
            if isinstance(event, scheduler.Ended) and not self._is_tried_again(event.key):
                self._settle(event.key, event.state)
        untold, self._untold = self._untold, []
        self._recorder.commit()
        for each in untold:
            self._on_event(each)

    def _is_tried_again(self, key: Key) -> bool:
        return any(isinstance(action, scheduler.Start) and action.key == key for action in self._actions)

    def _perform(self, action: scheduler.Action) -> None:
        if isinstance(action, scheduler.Start):
            self._start(action.key, action.attempt)
        elif isinstance(action, scheduler.Open):
            self._open(action.key)
        elif isinstance(action, scheduler.Close):
            self._close(action.key, action.state)
        elif isinstance(action, scheduler.Skip):
            self._take(action.key)
            self._settle(action.key, State.SKIPPED)
        elif isinstance(action, scheduler.Cancel):
            self._cancel(action.key)
        else:
            self._state = action.state

    def _receive(self, message: Message) -> None:
        if isinstance(message, Line):
            self._room.release()
            if message.key in self._running:
                self._on_event(events.TaskLog(self._running[message.key].name, message.text))
        elif isinstance(message, End):
            self._ended(message)
        elif isinstance(message, Again):
            running = self._running.get(message.key)
            if running is not None and running.attempt == message.attempt:
                self._launch(message.key, running)
        elif self._stopped is None:
            self._stopped = message
            self._recorder.add(replace(self._record, state=State.CANCELING))
            self._news.append(scheduler.CancelRequested())
        else:
            for running in self._running.values():
                if running.handle is not None:
                    running.handle.cancel(force=True)

    # ---- DAGs --------------------------------------------------------------------------------------------------------

    def _open(self, key: Key) -> None:
        if key == ROOT:
            self._news.append(scheduler.Opened(key, self._plan.root.graph))
            return
        running = self._take(key)
        try:
            running.inputs = self._inputs(key, running)
        except SkiffError as error:
            running.error = str(error)
            self._news.append(scheduler.Ended(key, State.FAILED))
            return
        self._recorder.add(replace(running.record, state=State.RUNNING))
        if running.task.dag is not None:
            self._news.append(scheduler.Opened(key, running.task.dag.graph))

    def _enter(self, number: int, key: Key) -> None:
        """Remember what belongs to the scope that the scheduler is about to number."""
        self._opened[key] = number
        if key == ROOT:
            self._scopes[number] = _Scope(self._plan.root, (), self._root)
            return
        running = self._running[key]
        if running.task.dag is not None:
            self._scopes[number] = _Scope(running.task.dag, running.path, running.inputs or Values())

    def _close(self, key: Key, state: State) -> None:
        scope = self._scopes.pop(self._opened.pop(key))
        values, error = Values(), None
        if state is State.SUCCEEDED and scope.dag.component.dag is not None:
            try:
                values = dag_outputs(scope.dag.component.dag.outputs, scope.outputs)
            except SkiffError as failure:
                state, error = State.FAILED, str(failure)
        if key == ROOT:
            self._outputs = values
            self._errors.extend([error] if error else [])
        else:
            self._running[key].values, self._running[key].error = values, error
        self._news.append(scheduler.Ended(key, state))

    # ---- steps -------------------------------------------------------------------------------------------------------

    def _start(self, key: Key, attempt: int) -> None:
        if attempt == 1:
            running = self._take(key)
            for platform in running.task.ignored:
                message = f"its settings for the platform {platform!r} do nothing on this machine"
                self._untold.append(events.TaskNotice(running.name, message))
            self._launch(key, running)
            return
        running = self._running[key]
        policy = running.task.spec.retry_policy
        delay = retry_delay(policy, attempt) if policy is not None else 0.0
        self._untold.append(events.TaskRetried(running.name, attempt, delay, running.error or ""))
        running.attempt, running.error = attempt, None
        if delay > 0:
            timer = threading.Timer(delay, self._inbox.put, (Again(key, attempt),))
            timer.daemon = True
            timer.start()
        else:
            self._launch(key, running)

    def _launch(self, key: Key, running: _Running) -> None:
        task, attempt = running.task, running.attempt
        paths = running.paths = self._paths.step(running.path, attempt)
        running.since = time.monotonic()
        running.record = replace(
            running.record, state=State.RUNNING, attempt=attempt, started_at=time.time(), log=paths.log
        )
        self._recorder.add(running.record)
        self._untold.append(events.TaskStarted(running.name, task.display_name, attempt))
        try:
            if task.container is None:
                raise RunError(f"task {running.name!r} runs no container")
            running.inputs = self._inputs(key, running)
            told = executor_input(task.component, running.inputs, paths)
            step = make_step(
                task.container,
                self._command(task),
                running.inputs,
                told,
                self._constants.of_task(task.name, f"{self._record.id}/{running.name}"),
                run_id=self._record.id,
                task=running.name,
                attempt=attempt,
                paths=paths,
                workspace=self._constants.workspace,
            )
            paths.make(step.executor_input)
            running.handle = self._executor.start(step, StepReport(key, attempt, self._inbox, self._room))
        except (SkiffError, OSError) as error:
            self._inbox.put(End(key, attempt, StepEnd(error=str(error), final=True)))

    def _command(self, task: Task) -> PythonCommand | None:
        if task.label not in self._commands and task.container is not None:
            self._commands[task.label] = recognise(task.container.command, task.container.args)
        return self._commands[task.label]

    def _ended(self, message: End) -> None:
        key, end = message.key, message.end
        if end.crash is not None:
            raise end.crash
        running = self._running.get(key)
        if running is None or running.over == message.attempt or running.attempt != message.attempt:
            return
        running.over, running.until = message.attempt, message.when
        running.handle, running.error = None, end.error
        state, final = State.SUCCEEDED, end.final
        if end.canceled:
            state = State.CANCELED
        elif end.error is not None:
            state = State.FAILED
        elif running.paths is not None:
            try:
                running.values, notices = read_outputs(running.task.component, running.paths)
                self._untold.extend(events.TaskNotice(running.name, notice) for notice in notices)
                self._scopes[key.scope].outputs[running.task.name] = running.values
            except SkiffError as error:
                state, running.error = State.FAILED, str(error)
        self._news.append(scheduler.Ended(key, state, final))

    def _cancel(self, key: Key) -> None:
        running = self._running[key]
        if running.handle is not None:
            running.handle.cancel()
        else:  # it waits to be tried again, or its end is in the inbox
            self._inbox.put(End(key, running.attempt, StepEnd(canceled=True)))

    # ---- any task ----------------------------------------------------------------------------------------------------

    def _take(self, key: Key) -> _Running:
        scope = self._scopes[key.scope]
        task = scope.dag.tasks[key.position]
        path = (*scope.path, task.name)
        record = TaskRecord(self._record.id, "/".join(path), task.display_name, State.PENDING, started_at=time.time())
        running = self._running[key] = _Running(task, path, record, time.monotonic())
        return running

    def _inputs(self, key: Key, running: _Running) -> Values:
        scope = self._scopes[key.scope]
        constants = self._constants.of_task(running.task.name, f"{self._record.id}/{running.name}")
        return bind_inputs(running.task, scope.inputs, scope.outputs, constants)

    def _settle(self, key: Key, state: State) -> None:
        """Record and tell a task's last state."""
        if key == ROOT:
            return
        running = self._running.pop(key)
        if state is State.SUCCEEDED:
            self._scopes[key.scope].outputs[running.task.name] = running.values
        if state is State.FAILED and running.error:
            self._errors.append(f"task {running.name!r} failed\n{running.error}")
        plain = plain_outputs(running.task.component, running.values)
        log = running.paths.log if running.paths is not None else None
        self._results[running.name] = TaskResult(state, running.values, log, running.error)
        self._recorder.add(
            replace(running.record, state=state, finished_at=time.time(), outputs=plain, error=running.error)
        )
        until = running.until if running.until is not None else time.monotonic()
        seconds = 0.0 if state is State.SKIPPED else until - running.since
        self._untold.append(events.TaskFinished(running.name, state, seconds, plain, running.error, log))

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
        handles = {key: running.handle for key, running in self._running.items() if running.handle is not None}
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
