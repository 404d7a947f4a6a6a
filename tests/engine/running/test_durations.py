"""How long a failed step waits before it is tried again (`PipelineTaskSpec.RetryPolicy`)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kfp.engine.running.durations import retry_delay
from kfp.ir.spec import PipelineTaskSpec


@pytest.mark.parametrize(
    ("policy", "delays"),
    [
        ({"maxRetryCount": 3}, [0, 0, 0]),
        ({"maxRetryCount": 3, "backoffDuration": "2s"}, [2, 4, 8]),
        ({"maxRetryCount": 3, "backoffDuration": "1.5s", "backoffFactor": 1.0}, [1.5, 1.5, 1.5]),
        (
            {"maxRetryCount": 3, "backoffDuration": "10s", "backoffFactor": 3.0, "backoffMaxDuration": "60s"},
            [10, 30, 60],
        ),
        ({"maxRetryCount": 3, "backoffDuration": "10s", "backoffMaxDuration": "5s"}, [5, 5, 5]),
        ({"maxRetryCount": 3, "backoffDuration": "0s", "backoffFactor": 2.0}, [0, 0, 0]),
        ({"maxRetryCount": 3, "backoffDuration": "-1.5s"}, [0, 0, 0]),
        ({"maxRetryCount": 3, "backoffDuration": "1s", "backoffFactor": -2.0}, [1, 0, 4]),
        ({"maxRetryCount": 3, "backoffDuration": "1s", "backoffFactor": 1e308}, [1, 3600, 3600]),
    ],
)
def test_delays(policy: dict[str, Any], delays: list[float]) -> None:
    task = msgspec.convert({"componentRef": {"name": "c"}, "retryPolicy": policy}, PipelineTaskSpec)
    assert task.retry_policy is not None
    assert [retry_delay(task.retry_policy, attempt) for attempt in (2, 3, 4)] == delays
