"""What a turn of the run has come to: first it is on record, then it is told, and only then it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kfp.engine.events import Event
    from kfp.engine.records.record import Removed, RunRecord, TaskRecord
    from kfp.engine.records.recorder import Recorder


class Outbox:
    """Holds records, events and deeds until the turn is over.

    Args:
        recorder: takes the records.
        on_event: is told the events.
    """

    def __init__(self, recorder: Recorder, on_event: Callable[[Event], None]) -> None:
        self._recorder, self._on_event = recorder, on_event
        self._events: list[Event] = []
        self._deeds: list[Callable[[], None]] = []

    def record(self, record: RunRecord | TaskRecord | Removed) -> None:
        """Have a record written at the end of the turn."""
        self._recorder.add(record)

    def tell(self, event: Event) -> None:
        """Have an event told once the records of this turn are on the disk."""
        self._events.append(event)

    def then(self, deed: Callable[[], None]) -> None:
        """Have something done, last of all."""
        self._deeds.append(deed)

    def flush(self) -> None:
        """End the turn.

        Raises:
            RunError: the records cannot be written; then nothing is told and nothing is done.
        """
        self._recorder.commit()
        events, self._events = self._events, []
        for event in events:
            self._on_event(event)
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            deed()
