"""Ctrl-C, SIGTERM, and a terminal that is closed, while a run runs."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def interrupts(on_signal: Callable[[int], None]) -> Iterator[None]:
    """Call a function when the user or the system wants this process to stop, instead of stopping it.

    Signals reach the main thread only: elsewhere this does nothing. A signal that the program ignores stays ignored.

    Args:
        on_signal: takes the signal's number; it runs between two instructions of the main thread and must not lock.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    hung_up = False

    def handle(number: int, _: FrameType | None) -> None:
        nonlocal hung_up
        is_echo = number == signal.SIGHUP and hung_up  # the system tells it, and the shell once more: one event
        hung_up = hung_up or number == signal.SIGHUP
        if not is_echo:
            on_signal(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    mine = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    try:
        for number in mine:
            signal.signal(number, handle)
        yield
    finally:
        for number in mine:
            signal.signal(number, before[number])
