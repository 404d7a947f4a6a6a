from __future__ import annotations

from collections.abc import Callable

import pytest

from kfp.dsl.quantities import cores, gigabytes, seconds
from kfp.errors import AuthoringError


@pytest.mark.parametrize(
    ("read", "text", "amount"),
    [
        (cores, "2", 2.0),
        (cores, "0.5", 0.5),
        (cores, ".5", 0.5),
        (cores, "500m", 0.5),
        (gigabytes, "1G", 1.0),
        (gigabytes, "512Mi", 0.536870912),
        (gigabytes, "3Ki", 3.072e-06),
        (gigabytes, "2000000000", 2.0),
        (seconds, "30s", 30),
        (seconds, " 10 Minutes ", 600),
        (seconds, "2h", 7200),
        (seconds, "1 day", 86400),
        (seconds, "1w", 604800),
    ],
)
def test_amounts_are_read(read: Callable[[str], float], text: str, amount: float) -> None:
    assert read(text) == amount


@pytest.mark.parametrize("read", [cores, gigabytes, seconds])
@pytest.mark.parametrize("text", ["", "x", "-1", "1 2", "1.5.5", "1mm", "1e3", "1Mib"])
def test_other_texts_are_refused(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(AuthoringError, match="is not a"):
        read(text)
