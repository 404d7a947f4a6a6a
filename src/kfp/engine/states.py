"""The states of runs and tasks, named as KFP's `RuntimeState` names them."""

from __future__ import annotations

import enum


class State(str, enum.Enum):
    """A run's or a task's state."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    PAUSED = "PAUSED"

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen in this state."""
        return self in (State.SUCCEEDED, State.SKIPPED, State.FAILED, State.CANCELED)

    def __str__(self) -> str:
        return self.value
