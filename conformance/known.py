"""Where compiled documents and refusals differ from upstream's, each with its reason."""

from __future__ import annotations

from conformance.deviation import Deviation, Kind

CORPUS: tuple[Deviation, ...] = ()
