"""The lock of a run's process, and those who only look at it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from kfp.engine.records import liveness
from kfp.engine.records.liveness import alive, is_alive, seen_alive
from kfp.errors import RunError


class Clock:
    """A clock that only moves on when somebody sleeps, faster than they think; something may happen meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, meanwhile: contextlib.ExitStack) -> None:
        self.now = 0.0
        self._meanwhile = meanwhile
        monkeypatch.setattr(liveness, "time", self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += 100 * seconds
        if self.now >= 10:
            self._meanwhile.close()


def test_who_only_looks_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds a run whose process is gone writes that down meanwhile, which takes as long as the disk does."""
    with alive(tmp_path):
        assert is_alive(tmp_path)
    looking = contextlib.ExitStack()
    assert not looking.enter_context(seen_alive(tmp_path))
    clock = Clock(monkeypatch, looking)
    with alive(tmp_path):
        assert clock.now >= 10
        assert is_alive(tmp_path)


def test_who_runs_it_is_waited_for_no_longer_than_a_killed_process_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = contextlib.ExitStack()
    running.enter_context(alive(tmp_path))
    clock = Clock(monkeypatch, running)
    with pytest.raises(RunError, match="is still running in another process"), alive(tmp_path):
        pass
    assert 1 < clock.now < 10
    running.close()
    with alive(tmp_path):
        assert is_alive(tmp_path)
