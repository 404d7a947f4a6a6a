"""How long to wait before a failed step is tried again (`PipelineTaskSpec.RetryPolicy`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kfp.errors import SpecError

if TYPE_CHECKING:
    from kfp.ir.spec import RetryPolicy

_SECONDS = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)s")
_DEFAULT_FACTOR = 2.0
_DEFAULT_LONGEST = 3600.0


def retry_delay(policy: RetryPolicy, attempt: int) -> float:
    """Return the seconds to wait before an attempt.

    Args:
        policy: the task's retry policy; durations are protobuf texts such as `1.5s`, and below zero mean none.
        attempt: the attempt that is about to start; the first retry is 2.

    Raises:
        SpecError: a duration is not one.
    """
    first = _seconds(policy.backoff_duration, 0.0)
    longest = _seconds(policy.backoff_max_duration, _DEFAULT_LONGEST)
    factor = policy.backoff_factor or _DEFAULT_FACTOR
    try:
        return max(0.0, min(longest, first * factor ** (attempt - 2)))
    except OverflowError:
        return longest


def _seconds(text: str | None, default: float) -> float:
    if text is None:
        return default
    match = _SECONDS.fullmatch(text)
    if match is None:
        raise SpecError(f"retryPolicy: {text!r} is not a duration in seconds", hint="such as 60s")
    return float(match[1])
