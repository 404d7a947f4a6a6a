"""Several transfers at a time, ended together: by the first error, or by Ctrl-C.

The threads are daemons, unlike those of `concurrent.futures`: an interrupted command must not wait for a registry
that has stopped answering.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    number: int
    result: list[T]
    error: BaseException | None = None

    def get(self) -> T:
        if self.error is not None:
            raise self.error
        return self.result[0]


class Cancelled(BaseException):
    """Ends a worker whose fellow failed. It never leaves `run_parallel`."""


class Cancellation:
    """Tells all parts of a push or pull that it is over.

    Args:
        on_cancel: ends what does not ask, such as processes; it must not raise.
    """

    def __init__(self, on_cancel: Callable[[], None] = lambda: None) -> None:
        self._event = threading.Event()
        self._on_cancel = on_cancel

    def cancel(self) -> None:
        """End the work: every `check` and `sleep` from now on raises."""
        self._event.set()
        self._on_cancel()

    def check(self) -> None:
        """Raise `Cancelled` once the work is over."""
        if self._event.is_set():
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the work goes on."""
        if self._event.wait(seconds):
            raise Cancelled


def run_parallel(
    jobs: Sequence[Callable[[], T]], *, workers: int, cancellation: Cancellation, grace: float = _GRACE_SECONDS
) -> list[T]:
    """Run jobs on several threads and return their results in the jobs' order.

    Args:
        jobs: what to do; a job should call `cancellation.check` now and then.
        workers: the number of threads.
        cancellation: set on the first error, on Ctrl-C and on any other interruption of the calling thread.
        grace: seconds that the other workers have to notice a cancellation.

    Raises:
        BaseException: the first job's error, or what interrupted the calling thread.
    """
    waiting = iter(enumerate(jobs))
    take = threading.Lock()
    outcomes: queue.SimpleQueue[_Outcome[T]] = queue.SimpleQueue()

    def work() -> None:
        while True:
            with take:
                number, job = next(waiting, (-1, None))
            if job is None:
                return
            try:
                cancellation.check()
                outcomes.put(_Outcome(number, [job()]))
            except BaseException as error:  # handed to the calling thread, which raises it
                outcomes.put(_Outcome(number, [], error))
                return

    threads = [threading.Thread(target=work, name=f"transfer-{n}", daemon=True) for n in range(min(workers, len(jobs)))]
    results: dict[int, T] = {}
    try:
        for thread in threads:
            thread.start()
        while len(results) < len(jobs):
            outcome = outcomes.get()
            results[outcome.number] = outcome.get()
    except BaseException:
        cancellation.cancel()
        for thread in threads:
            if thread.is_alive():  # an interruption may come before all have begun
                thread.join(grace / len(threads))
        raise
    return [results[number] for number in range(len(jobs))]
