"""Slow work in pieces: some at a time, each tried again after what may pass, and all of it given up on request."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, TypeVar

from kfp.engine.step import StepEnd
from kfp.errors import SkiffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
PIECE: Final = 8 << 20
"""The bytes that are moved at a time, by each of `WORKERS`."""

WORKERS: Final = 4
_TRIES = 5
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 15.0
_TELL_AFTER = 3.0
_TELL_EVERY = 5.0
_AHEAD = 256


class Canceled(Exception):
    """The run does not want it any more."""


class GivenUp(OSError):
    """A client that tries again by itself has done so often enough."""


LASTING: Final = (
    PermissionError,
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    GivenUp,
)
"""Errors that will be the same the next time: what is not there, or not allowed."""


def moved(work: Callable[[], StepEnd | None]) -> StepEnd | None:
    """Move artifacts, and return how their step has ended: what `work` returns, or what went wrong."""
    try:
        return work()
    except Canceled:
        return StepEnd(canceled=True)
    except (SkiffError, OSError) as error:
        return StepEnd(error=str(error))
    except BaseException as error:  # the run raises it; the thread of a step has nobody to raise it to
        return StepEnd(crash=error)


class Transfer:
    """One artifact on its way.

    Args:
        tell: takes a line of progress.
        canceled: is set where it is given up.
    """

    def __init__(self, tell: Callable[[str], None], canceled: threading.Event) -> None:
        self._tell, self._canceled = tell, canceled
        self._lock = threading.Lock()
        self._what, self._size, self._done = "", 0, 0
        self._told = 0.0

    def begin(self, what: str, size: int) -> None:
        """Say what comes: a verb and a URI as they are shown, and its size in bytes, 0 where nobody knows."""
        self._what, self._size, self._done = what, size, 0
        self._told = time.monotonic() + _TELL_AFTER - _TELL_EVERY

    def moved(self, count: int) -> None:
        """Note that bytes have been moved; now and then this is told."""
        with self._lock:
            self._done += count
            now = time.monotonic()
            if now - self._told < _TELL_EVERY:
                return
            self._told = now
            done, size = self._done, self._size
        share = f" of {size / 1e6:.1f} MB, {100 * done // size} %" if size else ""
        self._tell(f"{self._what}: {done / 1e6:.1f} MB{share}")

    def check(self) -> None:
        """Stop here where it has been given up.

        Raises:
            Canceled: it has.
        """
        if self._canceled.is_set():
            raise Canceled

    def pause(self, seconds: float) -> None:
        """Wait, unless it is given up.

        Raises:
            Canceled: it has been.
        """
        if self._canceled.wait(seconds):
            raise Canceled

    def attempt(self, work: Callable[[], T], tries: int = _TRIES) -> T:
        """Do something, again after an `OSError` that may pass.

        Raises:
            Canceled: it has been given up.
            OSError: the last one.
        """
        delay = _FIRST_DELAY
        for _ in range(tries - 1):
            self.check()
            try:
                return work()
            except LASTING:
                raise
            except OSError:
                pass
            self.pause(delay * random.uniform(0.5, 1.0))  # noqa: S311 - so that not all come back at once
            delay = min(delay * 2, _LONGEST_DELAY)
        self.check()
        return work()


class Workers:
    """The threads that move pieces, for all steps of a run together; the memory that they take is bounded so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def each(self, transfer: Transfer, works: Iterable[Callable[[], None]]) -> None:
        """Do all of it, each as `Transfer.attempt` does; return when nothing of it is being done any more.

        Raises:
            Canceled: it has been given up.
            Exception: the first error; what had not been begun is left.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="transfer")
            pool = self._pool
        stopped = threading.Event()

        def run(work: Callable[[], None]) -> None:
            if not stopped.is_set():
                transfer.attempt(work)

        pending = set()
        try:
            for work in works:
                pending.add(pool.submit(run, work))
                if len(pending) >= _AHEAD:
                    done, pending = wait(pending, return_when="FIRST_COMPLETED")
                    for each in done:
                        each.result()
            done, pending = wait(pending, return_when=FIRST_EXCEPTION)
            for each in done:
                each.result()
        finally:
            stopped.set()
            wait(pending)

    def close(self) -> None:
        """End the threads, after what they are doing."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None
