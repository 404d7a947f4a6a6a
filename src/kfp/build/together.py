"""Work on several images and platforms at a time: one thread where there is one thing to do, a few otherwise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from kfp.errors import BuildError, SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from kfp.requirements.uv import Interruption

T = TypeVar("T")
E = TypeVar("E")

_WORKERS = 4


def together(jobs: Sequence[Callable[[], T]], *, workers: int = _WORKERS) -> list[T]:
    """Runs jobs and gives their results in the jobs' order.

    A job's error does not end the others: whoever has two mistakes hears of both. Ctrl-C ends all.

    Args:
        jobs: what to do.
        workers: how many at a time.

    Raises:
        SkiffError: the only error there was, or a BuildError that tells them all.
    """
    if len(jobs) == 1:
        return [jobs[0]()]
    if not jobs:
        return []
    from functools import partial  # noqa: PLC0415 (start-up: most builds have one thing to do)

    from kfp.images.distribution.parallel import Cancellation, run_parallel  # noqa: PLC0415 (as above)
    from kfp.requirements import uv  # noqa: PLC0415 (as above)

    processes = uv.Interruption()
    attempts = [partial(_attempt, job, processes) for job in jobs]
    outcomes = run_parallel(attempts, workers=workers, cancellation=Cancellation(processes.end))
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failures:
        raise combined(failures)
    return [result for outcome in outcomes for result in outcome.results]


def combined(errors: Sequence[SkiffError]) -> SkiffError:
    """Gives one error that tells all, each once, with its hint; a single one stays what it is."""
    different = list({(error.message, error.hint): error for error in errors}.values())
    if len(different) == 1:
        return different[0]
    told = [
        f"\n  {number}. {error.message}" + (f"\n     hint: {error.hint}" if error.hint else "")
        for number, error in enumerate(different, 1)
    ]
    return BuildError(f"{len(different)} things keep the images from being built:{''.join(told)}")


class _Outcome(Generic[T]):
    def __init__(self, results: Sequence[T], error: SkiffError | None = None) -> None:
        self.results = results
        self.error = error


def _attempt(job: Callable[[], T], processes: Interruption) -> _Outcome[T]:
    processes.join()
    try:
        return _Outcome([job()])
    except SkiffError as error:
        return _Outcome([], error)


def serialised(tell: Callable[[E], None] | None) -> Callable[[E], None]:
    """Gives a listener that hears one event at a time, whichever threads they come from."""
    lock = threading.Lock()

    def say(event: E) -> None:
        if tell is not None:
            with lock:
                tell(event)

    return say


class Turns:
    """Locks by name: what several images need is made by one of them, the others wait and find it."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def __call__(self, *name: Hashable) -> threading.Lock:
        """Gives the lock of a name, for a `with` block."""
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())
