"""A run's events as lines of JSON, for programs that follow it: `{"event": "TaskStarted", "time": …, "task": …}`."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kfp.units import rfc3339

if TYPE_CHECKING:
    from kfp.engine.events import Event


class EventFile:
    """Writes each event as it comes; it is called with them and used as a context.

    Args:
        path: the file, which may be a pipe; what it held is replaced.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path).open("wb", buffering=0)  # noqa: SIM115 closed when this is left

    def __enter__(self) -> EventFile:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def __call__(self, event: Event, _: float | None = None) -> None:
        """Write an event."""
        if self._file.closed:
            return
        now = rfc3339(datetime.now(timezone.utc))
        told = {"event": type(event).__name__, "time": now, **msgspec.structs.asdict(event)}
        try:
            self._file.write(msgspec.json.encode(told, enc_hook=str) + b"\n")
        except BrokenPipeError:  # who read it is gone, the run goes on
            with contextlib.suppress(OSError):
                self._file.close()
