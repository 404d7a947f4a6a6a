from __future__ import annotations

import signal
import threading
import time

import pytest

from kfp.images.distribution.parallel import Cancellation, Cancelled, run_parallel


def test_results_come_in_the_order_of_the_jobs() -> None:
    jobs = [lambda n=n: (time.sleep(0.02 * (3 - n)), n)[1] for n in range(4)]
    assert run_parallel(jobs, workers=3, cancellation=Cancellation()) == [0, 1, 2, 3]


def test_no_jobs_are_no_work() -> None:
    assert run_parallel([], workers=3, cancellation=Cancellation()) == []


def test_no_more_workers_than_asked_for_are_busy() -> None:
    busy, most, lock = 0, 0, threading.Lock()
    three_at_once = threading.Barrier(3)

    def job() -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        three_at_once.wait(60)
        with lock:
            busy -= 1

    run_parallel([job] * 12, workers=3, cancellation=Cancellation())
    assert most == 3


def test_the_first_error_ends_the_others() -> None:
    cancellation, begun, ended = Cancellation(), threading.Event(), threading.Event()

    def patient() -> None:
        begun.set()
        try:
            cancellation.sleep(60)
        except Cancelled:
            ended.set()
            raise

    def failing() -> None:
        assert begun.wait(60)
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        run_parallel([patient, failing, patient], workers=2, cancellation=cancellation)
    assert ended.wait(30)


def test_an_interrupt_ends_all_promptly_even_those_that_do_not_listen() -> None:
    cancellation, released, ended = Cancellation(), threading.Event(), threading.Event()
    here = threading.get_ident()

    def deaf() -> None:
        signal.pthread_kill(here, signal.SIGINT)
        released.wait(120)
        ended.set()

    with pytest.raises(KeyboardInterrupt):
        run_parallel([deaf, lambda: cancellation.sleep(120)], workers=2, cancellation=cancellation, grace=0.2)
    assert not ended.is_set()
    released.set()


def test_an_interrupt_before_all_workers_have_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    cancellation, begun, start = Cancellation(), list[threading.Thread](), threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        if begun:
            raise KeyboardInterrupt
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_parallel([lambda: cancellation.sleep(60)] * 3, workers=3, cancellation=cancellation)
    begun[0].join(30)
    assert not begun[0].is_alive()
