"""Reads the project's name out of a requirement line (PEP 508), and nothing more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[\[;@(<>=!~\s])")


def canonical_name(name: str) -> str:
    """Gives a project's name in the form of PEP 503: lower case, runs of `-_.` as one `-`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str | None:
    """Gives the canonical project name of a requirement line, or None for a bare path or URL."""
    found = _NAME.match(requirement)
    return canonical_name(found.group(1)) if found else None


def without_kfp(requirements: Iterable[str]) -> tuple[str, ...]:
    """Drops blank lines, repetitions and every entry for the project `kfp`, keeping the order.

    A step has Skiff's own runtime as its `kfp`; installing another over it would only break it.
    """
    kept = dict.fromkeys(line.strip() for line in requirements)
    return tuple(line for line in kept if line and requirement_name(line) != "kfp")
