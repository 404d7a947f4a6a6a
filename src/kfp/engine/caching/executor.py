"""An executor that asks the cache before it starts a step, and tells the cache when the step has ended well."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kfp.engine.caching.rules import why_off
from kfp.engine.executors.own_thread import in_own_thread
from kfp.engine.step import StepEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kfp.engine.caching.question import Answer, Asker
    from kfp.engine.executors.images import Images
    from kfp.engine.planning.plan import Task
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor, Handle, Origin, Report, Step


class CachingExecutor:
    """Starts the steps that the cache does not know.

    Args:
        inner: runs them.
        settings: of the run.
        images: where images are looked up.
    """

    def __init__(self, inner: Executor, settings: RunSettings, images: Images) -> None:
        self._inner, self._settings, self._images = inner, settings, images
        self._lock = threading.Lock()
        self._asker: Asker | None = None

    def check(self, tasks: Iterable[Task]) -> Sequence[str] | None:
        """Refuse what cannot run here, as the executor that runs it does."""
        return self._inner.check(tasks)

    def start(self, step: Step, report: Report) -> Handle:
        """Look a step up, and start it where it is not found; return at once."""
        origin = step.origin
        if origin is None:
            return self._inner.start(step, report)
        reason = why_off(origin.task, self._settings)
        if reason is not None:
            return self._inner.start(step, _Telling(report, {"state": "off", "reason": reason}))
        lookup = _Lookup(self._inner, self._ask(), step, origin, report)
        lookup.start()
        return lookup

    def close(self) -> None:
        """Write what is left to be written, and let go of everything."""
        try:
            self._inner.close()
        finally:
            if self._asker is not None:
                self._asker.close()

    def _ask(self) -> Asker:
        with self._lock:
            if self._asker is None:
                from kfp.engine.caching.question import Asker  # noqa: PLC0415 - not every run has a step that asks

                self._asker = Asker(self._settings, self._images)
            return self._asker


class _Telling:
    """Adds to a step's end what the cache had for it."""

    def __init__(self, report: Report, cache: Mapping[str, Any]) -> None:
        self._report, self._cache = report, cache

    def line(self, text: str) -> None:
        """Tell a line."""
        self._report.line(text)

    def ended(self, end: StepEnd) -> None:
        """Tell the end."""
        self._report.ended(replace(end, cache=self._cache))


class _Keeping(_Telling):
    """Has the outputs of a step that ended well kept, once its end is on the disk."""

    def __init__(self, report: Report, asker: Asker, answer: Answer, lookup: _Lookup) -> None:
        super().__init__(report, answer.told)
        self._asker, self._answer, self._lookup = asker, answer, lookup

    def ended(self, end: StepEnd) -> None:
        """Read the outputs and their content, in the step's thread, then tell the end."""
        if end.is_good:
            try:
                step, origin = self._lookup.step, self._lookup.origin
                end = self._asker.keep(step, origin, self._answer, end, self._lookup)
            except BaseException as error:  # the run raises it; this thread has nobody to raise it to
                end = StepEnd(crash=error)
        super().ended(end)


class _Lookup:
    """A step that is looked up, and then runs where it has to."""

    def __init__(self, inner: Executor, asker: Asker, step: Step, origin: Origin, report: Report) -> None:
        self.step, self.origin = step, origin
        self._canceled = self._force = self._is_asking = False
        self._inner, self._asker, self._report = inner, asker, report
        self._lock = threading.Lock()
        self._handle: Handle | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        in_own_thread(f"{self.step.task}, in the cache", self._found_or_started, self._report)

    def cancel(self, *, force: bool = False) -> None:
        """Have the step stop, whether it has started or not."""
        with self._lock:
            self._canceled, self._force = True, self._force or force
            handle, is_asking, self._is_asking = self._handle, self._is_asking, False
        if handle is not None:
            handle.cancel(force=force)
        elif is_asking:  # an object store that does not answer is not waited for
            self._report.ended(StepEnd(canceled=True))

    def interrupted(self) -> bool:
        """Whether the step was canceled."""
        return self._canceled

    def tell(self, text: str) -> None:
        """Tell among the step's lines what takes long."""
        self._report.line(text)

    def _found_or_started(self) -> StepEnd | None:
        """Return the end of a step that need not run, None where it was started, or its end was told."""
        with self._lock:
            if self._canceled:
                return StepEnd(canceled=True)
            self._is_asking = True
        answer = self._asker.ask(self.step, self.origin, self)
        with self._lock:
            if not self._is_asking:
                return None
            self._is_asking = False
        if answer.end is not None:
            return answer.end
        keeping = _Keeping(self._report, self._asker, answer, self)
        report = keeping if answer.parts else _Telling(self._report, answer.told)
        handle = self._inner.start(self.step, report)
        with self._lock:
            self._handle, is_late = handle, self._canceled
        if is_late:
            handle.cancel(force=self._force)
        return None
