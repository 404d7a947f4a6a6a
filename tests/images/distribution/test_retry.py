from __future__ import annotations

from datetime import datetime, timezone

import pytest

from kfp.images.distribution.retry import Retry, parse_retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 400, 999999999.0),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_delays_double_up_to_a_limit_and_end() -> None:
    retry = Retry(attempts=5, first_delay=1, longest_delay=3, jitter=0)
    assert [retry.delay(n) for n in (1, 2, 3, 4, 5)] == [1, 2, 3, 3, None]


def test_what_the_registry_asks_for_is_obeyed_within_patience() -> None:
    retry = Retry(patience=10)
    assert retry.delay(1, 9) == 9
    assert retry.delay(1, 11) is None
    assert retry.delay(2, 4, waited=6) == 4
    assert retry.delay(2, 5, waited=6) is None


def test_jitter_only_shortens() -> None:
    delays = [Retry(first_delay=1, jitter=0.25).delay(1) or 0 for _ in range(100)]
    assert 0.75 <= min(delays) < max(delays) <= 1
