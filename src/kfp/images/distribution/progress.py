"""What a push or pull tells its caller while it works."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["layer", "config", "manifest"]


class TransferState(enum.Enum):
    """Where a blob or manifest stands; `EXISTS`, `MOUNTED` and `DONE` are final."""

    WAITING = "waiting"
    """Known to be needed, nothing asked yet."""
    TRANSFERRING = "transferring"
    """Bytes are on their way."""
    RETRYING = "retrying"
    """An attempt failed; the next starts from the beginning."""
    EXISTS = "exists"
    """The other side has it already."""
    MOUNTED = "mounted"
    """The registry took it over from another repository of its own."""
    DONE = "done"
    """Transferred and verified."""


@dataclass(frozen=True)
class TransferEvent:
    """One step of one blob or manifest.

    Attributes:
        digest: which one, `sha256:…`.
        kind: `layer`, `config` or `manifest`.
        total: its size in bytes.
        done: bytes transferred so far; goes back to 0 when an attempt starts again.
        state: where it stands.
    """

    digest: str
    kind: Kind
    total: int
    done: int
    state: TransferState


OnEvent: TypeAlias = Callable[[TransferEvent], None]


class Reporter:
    """Hands events to a callback, one at a time, whichever threads they come from.

    Args:
        on_event: the callback, or None to drop all events.
        interval: the least seconds between two reports of bytes for the same digest; changes of state always go out.
    """

    def __init__(self, on_event: OnEvent | None, *, interval: float = 0.05) -> None:
        self._on_event = on_event
        self._interval = interval
        self._lock = threading.Lock()

    def track(self, digest: str, kind: Kind, total: int) -> Tracker:
        """Announce a blob or manifest as waiting and return what reports its further way."""
        tracker = Tracker(self, TransferEvent(digest, kind, total, 0, TransferState.WAITING), self._interval)
        self.send(tracker.event)
        return tracker

    def send(self, event: TransferEvent) -> None:
        """Hand over one event."""
        if self._on_event is not None:
            with self._lock:
                self._on_event(event)


class Tracker:
    """Reports the way of one blob or manifest; used by one thread at a time."""

    def __init__(self, reporter: Reporter, event: TransferEvent, interval: float) -> None:
        self.event = event
        self._reporter = reporter
        self._interval = interval
        self._reported_at = 0.0

    def to(self, state: TransferState) -> None:
        """Report a change of state: `RETRYING` counts from 0 again, a final state counts as complete."""
        done = self.event.total if state in {TransferState.DONE, TransferState.EXISTS, TransferState.MOUNTED} else 0
        self.event = replace(self.event, state=state, done=done)
        self._reporter.send(self.event)

    def add(self, size: int) -> None:
        """Count bytes that went over; reported when the last report is old enough."""
        self.event = replace(self.event, state=TransferState.TRANSFERRING, done=self.event.done + size)
        now = time.monotonic()
        if now - self._reported_at >= self._interval:
            self._reported_at = now
            self._reporter.send(self.event)
