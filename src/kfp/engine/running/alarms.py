"""When steps are to be tried again: no thread waits for each."""

from __future__ import annotations

import heapq
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.scheduling.schedule import Key


class Alarms:
    """Moments of `time.monotonic` at which something is due."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, Key]] = []

    def add(self, seconds: float, key: Key) -> None:
        """Have a task be due after so many seconds."""
        heapq.heappush(self._heap, (time.monotonic() + seconds, key))

    def left(self) -> float | None:
        """Return the seconds until the next one is due, 0 where one is; None where there is none."""
        return max(0.0, self._heap[0][0] - time.monotonic()) if self._heap else None

    def due(self) -> Iterator[Key]:
        """Yield those that are due, each once."""
        while self._heap and self._heap[0][0] <= time.monotonic():
            yield heapq.heappop(self._heap)[1]
