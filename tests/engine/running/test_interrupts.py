"""What asks a process that runs a run to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from kfp.engine.running.interrupts import interrupts


@pytest.fixture
def hangups() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangups")
@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (["SIGHUP", "SIGHUP", "SIGHUP"], ["SIGHUP"]),
        (["SIGHUP", "SIGTERM"], ["SIGHUP", "SIGTERM"]),
        (["SIGINT", "SIGINT"], ["SIGINT", "SIGINT"]),
        (["SIGTERM", "SIGHUP", "SIGHUP"], ["SIGTERM", "SIGHUP"]),
    ],
)
def test_a_terminal_that_is_closed_is_one_event(sent: list[str], heard: list[str]) -> None:
    told: list[str] = []
    with interrupts(lambda number: told.append(signal.Signals(number).name)):
        for name in sent:
            os.kill(os.getpid(), signal.Signals[name])
    assert told == heard


@pytest.mark.usefixtures("hangups")
def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    told: list[int] = []
    with interrupts(told.append):
        os.kill(os.getpid(), signal.SIGHUP)
    assert told == []
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
