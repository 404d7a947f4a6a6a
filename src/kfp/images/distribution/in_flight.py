"""Which blobs this process is sending at the moment: of two pushes that need the same one, one sends it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from kfp.images.distribution.parallel import Cancellation

_LOOK_SECONDS = 0.1  # how often somebody who waits asks whether the work goes on


@dataclass
class Flight:
    """A blob on its way to a registry.

    Attributes:
        landed_in: the repository that has it now; None while it flies, and when it was lost.
    """

    landed_in: str | None = None
    over: threading.Event = field(default_factory=threading.Event)


class InFlight:
    """The blobs on their way, by registry and digest; threads share it."""

    def __init__(self) -> None:
        self._flights: dict[tuple[str, str], Flight] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def alone(self, host: str, digest: str, cancellation: Cancellation) -> Iterator[tuple[Flight, str | None]]:
        """Wait until nobody else sends a blob to a registry, and be the one who does.

        Args:
            host: the registry.
            digest: the blob.
            cancellation: ends the wait.

        Yields:
            What to note the blob's arrival in, and the repository where somebody has put it meanwhile, if one has.
        """
        own, landed_in = Flight(), None
        while (other := self._enter(host, digest, own)) is not own:
            while not other.over.wait(_LOOK_SECONDS):
                cancellation.check()
            landed_in = other.landed_in
        try:
            yield own, landed_in
        finally:
            with self._lock:
                del self._flights[host, digest]
            own.over.set()

    def _enter(self, host: str, digest: str, own: Flight) -> Flight:
        with self._lock:
            return self._flights.setdefault((host, digest), own)
