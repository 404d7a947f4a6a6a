"""An empty store; and Hypothesis on machines that do other things as well: slowness alone is no failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kfp.images.store import Store

settings.register_profile("images", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("images")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "images")
