"""Hypothesis on machines that do other things at the same time: slowness alone is no failure."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("images", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("images")
