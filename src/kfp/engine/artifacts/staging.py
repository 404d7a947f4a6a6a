"""Wraps an executor: what a step reads from elsewhere is brought before it starts, what it made is taken there after.

A step that reads and writes on this machine alone goes straight to the executor.
"""

from __future__ import annotations

import os
import shutil
import threading
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.artifacts.placing import inputs_directory, mounted, told, wanted
from kfp.engine.step import StepEnd
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from kfp.engine.artifacts.fetch import Depot
    from kfp.engine.artifacts.placing import Wanted
    from kfp.engine.artifacts.transfer import Transfer
    from kfp.engine.planning.plan import Task
    from kfp.engine.step import Executor, Handle, Report, Step


class StagingExecutor:
    """Runs steps with an executor, and moves their artifacts.

    Args:
        inner: runs them.
        home: the home directory, with the cache.
        processes: whether the executor runs Python steps as processes of this machine.
    """

    def __init__(self, inner: Executor, home: Path, *, processes: bool = False) -> None:
        self._inner, self._home, self._processes = inner, home, processes
        self._lock = threading.Lock()
        self._made: Depot | None = None

    def check(self, tasks: Iterable[Task]) -> Sequence[str] | None:
        """Refuse what the executor refuses."""
        return self._inner.check(tasks)

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""
        inputs = wanted(step.origin.inputs, step.paths) if step.origin is not None else []
        if not inputs and not step.paths.root:
            return self._inner.start(step, report)
        staged = _Staged(self._inner, self._depot, told(step), report)
        in_container = step.python is None or not self._processes
        begin = threading.Thread(target=staged.run, args=(inputs, in_container), name=step.task, daemon=True)
        begin.start()
        return staged

    def close(self) -> None:
        """Let go of what the executor holds."""
        try:
            self._inner.close()
        finally:
            if self._made is not None:
                self._made.close()

    def _depot(self) -> Depot:
        """Return what moves artifacts, made when there is one to move."""
        with self._lock:
            if self._made is None:
                from kfp.engine.artifacts.fetch import Depot  # noqa: PLC0415 - start-up time

                self._made = Depot(self._home, os.environ)
            return self._made


class _Staged:
    """A step with what is before and after it; reports to the run, and is what the executor reports to."""

    def __init__(self, inner: Executor, depot: Callable[[], Depot], step: Step, report: Report) -> None:
        self._inner, self._depot, self._step, self._report = inner, depot, step, report
        self._canceled = threading.Event()
        self._lock = threading.Lock()
        self._handle: Handle | None = None
        self._brought = self._moving = self._told = self._force = False

    def cancel(self, *, force: bool = False) -> None:
        with self._lock:
            self._canceled.set()
            self._force = self._force or force
            handle, is_moving = self._handle, self._moving
        if is_moving:  # a client that waits for an answer is not waited for; what it brings later, nobody reads
            self._end(StepEnd(canceled=True))
        elif handle is not None:
            handle.cancel(force=force)

    def run(self, inputs: Sequence[Wanted], in_container: bool) -> None:
        """Bring the inputs and start the step."""
        end = self._guarded(lambda: self._bring(inputs))
        if end is not None or self._canceled.is_set():
            self._end(end or StepEnd(canceled=True))
            return
        try:
            handle = self._inner.start(mounted(self._step, inputs) if in_container else self._step, self)
        except (SkiffError, OSError) as error:
            self._end(StepEnd(error=str(error), final=True))
            return
        with self._lock:
            self._handle = handle
            is_late = self._canceled.is_set()
        if is_late:
            handle.cancel(force=self._force)

    def line(self, text: str) -> None:
        self._report.line(text)

    def ended(self, end: StepEnd) -> None:
        """Take the outputs away, in the thread of the step, and tell its end."""
        if end.is_good and end.values is None:
            end = self._guarded(lambda: self._publish(end)) or end
        self._end(end)

    def _end(self, end: StepEnd) -> None:
        with self._lock:
            if self._told:
                return
            self._told = True
        kept = [] if end.values is None else [each for group in end.values.artifacts.values() for each in group]
        directory = inputs_directory(self._step.paths)
        if self._brought and not any(each.path.startswith(f"{directory}/") for each in kept):
            shutil.rmtree(directory, ignore_errors=True)
        self._report.ended(end)

    def _bring(self, inputs: Sequence[Wanted]) -> StepEnd | None:
        from kfp.engine.artifacts.transfer import Transfer  # noqa: PLC0415 - start-up time

        self._brought = bool(inputs)
        transfer = Transfer(self._report.line, self._canceled)
        for each in inputs:
            self._fetch(each, transfer)
        transfer.check()
        return None

    def _fetch(self, each: Wanted, transfer: Transfer) -> None:
        try:
            self._depot().fetch(each.uri, each.path, transfer)
        except RunError as error:
            # What was not written was told when it was not; a step that opens it fails, as it does on a local root.
            if not (each.may_be_absent and isinstance(error.__cause__, FileNotFoundError)):
                raise

    def _publish(self, end: StepEnd) -> StepEnd:
        from kfp.engine.artifacts.publishing import publish  # noqa: PLC0415 - start-up time
        from kfp.engine.artifacts.transfer import Transfer  # noqa: PLC0415

        if self._step.origin is None:
            return end
        transfer = Transfer(self._report.line, self._canceled)
        values, notices = publish(self._step.origin.task.component, self._step.paths, self._depot, transfer, end.seen)
        return replace(end, values=values, notices=(*end.notices, *notices))

    def _guarded(self, work: Callable[[], StepEnd | None]) -> StepEnd | None:
        """Do something slow, and return how the step has ended if it did not go well."""
        from kfp.engine.artifacts.transfer import moved  # noqa: PLC0415 - start-up time

        with self._lock:
            if self._canceled.is_set():
                return StepEnd(canceled=True)
            self._moving = True
        try:
            return moved(work)
        finally:
            with self._lock:
                self._moving = False
