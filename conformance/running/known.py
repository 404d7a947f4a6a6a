"""What upstream's own local runner makes wrong of the pipelines that run, each with the reason; none of it is ours."""

from __future__ import annotations

from conformance.deviation import Deviation, Kind

_REASONS: dict[str, tuple[str, ...]] = {
    "integers in lists, mappings and metadata become floats": (
        "collected.from_three_levels-0",
    ),
}  # fmt: skip

LOCAL: tuple[Deviation, ...] = tuple(
    Deviation(name, Kind.DELIBERATE, reason) for reason, names in _REASONS.items() for name in names
)
