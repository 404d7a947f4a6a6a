"""When a request is tried again, and how long to wait before."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """How often and how patiently a failed request is repeated.

    Attributes:
        attempts: how many times a request is sent at most, the first included.
        first_delay: seconds before the first repetition; each further one waits twice as long.
        longest_delay: seconds that the doubling stops at.
        patience: the seconds that a registry may ask for in `Retry-After`, all repetitions together; more ends them.
        jitter: the share of a delay that is random, so that many clients do not come back at once.
    """

    attempts: int = 5
    first_delay: float = 0.5
    longest_delay: float = 15.0
    patience: float = 120.0
    jitter: float = 0.25

    def delay(self, attempt: int, retry_after: float | None = None, waited: float = 0.0) -> float | None:
        """Return how long to wait after a failed attempt.

        Args:
            attempt: the number of the attempt that failed, from 1.
            retry_after: the seconds that the registry asked for, if it did.
            waited: the seconds of all delays before.

        Returns:
            Seconds to wait, or None where there shall be no further attempt.
        """
        if attempt >= self.attempts:
            return None
        if retry_after is not None:
            return retry_after if waited + retry_after <= self.patience else None
        doubled: float = min(self.longest_delay, self.first_delay * 2 ** (attempt - 1))
        return doubled * (1 - self.jitter * random.random())  # noqa: S311 (spreads load, keeps no secret)


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read a `Retry-After` header (RFC 9110, 10.2.3): seconds, or a date.

    Args:
        value: the header, or None where there is none.
        now: the time to count a date from; the present by default.

    Returns:
        Seconds, at least 0, or None where the header is absent or unreadable.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0.0, (then - (now or datetime.now(timezone.utc))).total_seconds())
