"""Signals that mean something else while a command runs."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


@contextlib.contextmanager
def handled(number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have a signal handled, in the main thread and where nobody else handles or ignores it; else do nothing.

    Args:
        number: the signal.
        handler: is called when it arrives.
    """
    is_main = threading.current_thread() is threading.main_thread()  # elsewhere the process is somebody else's
    if not is_main or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return
    signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
