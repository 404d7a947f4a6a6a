"""What reaches the loop from outside: from executors' threads and signal handlers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from kfp.engine.scheduling.schedule import Key
from kfp.engine.step import StepEnd

if TYPE_CHECKING:
    import threading
    from queue import SimpleQueue


class Line(msgspec.Struct, frozen=True):
    """A step wrote a line."""

    key: Key
    text: str


class End(msgspec.Struct, frozen=True):
    """An attempt of a step has ended, at a moment of `time.monotonic`."""

    key: Key
    attempt: int
    end: StepEnd
    when: float = msgspec.field(default_factory=time.monotonic)


class Stop(msgspec.Struct, frozen=True):
    """Somebody wants the run to stop."""

    reason: str
    signal: int | None = None


Message: TypeAlias = "Line | End | Stop"


class StepReport:
    """Brings what an executor says of one attempt, in whatever thread, to the loop."""

    def __init__(self, key: Key, attempt: int, inbox: SimpleQueue[Message], room: threading.Semaphore) -> None:
        self._key, self._attempt, self._inbox, self._room = key, attempt, inbox, room

    def line(self, text: str) -> None:
        """Tell a line; waits while the loop has too many to handle."""
        self._room.acquire()
        self._inbox.put(Line(self._key, text))

    def ended(self, end: StepEnd) -> None:
        """Tell how the attempt ended."""
        self._inbox.put(End(self._key, self._attempt, end))
