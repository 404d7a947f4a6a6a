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

    def job() -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.01)
        with lock:
            busy -= 1

    run_parallel([job] * 12, workers=3, cancellation=Cancellation())
    assert 1 < most <= 3


def test_the_first_error_ends_the_others() -> None:
    cancellation, ended = Cancellation(), threading.Event()

    def patient() -> None:
        try:
            cancellation.sleep(30)
        except Cancelled:
            ended.set()
            raise

    def failing() -> None:
        time.sleep(0.05)
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        run_parallel([patient, failing, patient], workers=2, cancellation=cancellation)
    assert ended.wait(1)


def test_an_interrupt_ends_all_promptly_even_those_that_do_not_listen() -> None:
    cancellation = Cancellation()
    here = threading.get_ident()
    threading.Timer(0.1, lambda: signal.pthread_kill(here, signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_parallel(
            [lambda: time.sleep(3), lambda: cancellation.sleep(30)], workers=2, cancellation=cancellation, grace=0.2
        )
    assert time.monotonic() - started < 2
