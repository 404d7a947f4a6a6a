"""A recorder that loses its process, for tests of what that leaves."""

from __future__ import annotations

from pathlib import Path

from kfp.engine.records.record import Removed, RunRecord, TaskRecord
from kfp.engine.records.recorder import StoreRecorder


class Killed(BaseException):
    """What a kill is to this process."""


class DyingRecorder(StoreRecorder):
    """Loses its process at its n-th commit: before it, or between it and what it allows."""

    def __init__(self, home: Path, commits: int, *, written: bool) -> None:
        super().__init__(home)
        self._left, self._written, self._dead = commits, written, False

    def add(self, record: RunRecord | TaskRecord | Removed) -> None:
        if not self._dead:
            super().add(record)

    def commit(self) -> None:
        if self._dead:
            return
        self._left -= 1
        if self._left:
            super().commit()
            return
        if self._written:
            super().commit()
        self._dead, self._pending = True, []
        raise Killed
