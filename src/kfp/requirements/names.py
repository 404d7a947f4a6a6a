"""Requirement lines: what they are called, who wants them, and whether they are for `kfp` itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.requirements.indexes import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[\[;@(<>=!~\s])")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_WHEEL = re.compile(r"(?:^|[/\\])([A-Za-z0-9._]+)-[^-/\\]+(?:-[^-/\\]+){3,4}\.whl\b")

RUNTIME_NAMES = frozenset({"kfp", "kfp-skiff"})
"""Projects that provide the import package `kfp`, as the runtime in every image and step does."""


@dataclass(frozen=True)
class Requirement:
    """A requirement and who wants it.

    Args:
        line: as pip reads it; paths are absolute.
        origin: for people: `component train (src/train.py:5)`, `requirements.txt:3`; "" where nobody is to be named.
        hashes: `sha256:<hex>` of the only files that may be used for it; none at all means any.
    """

    line: str
    origin: str = ""
    hashes: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """The canonical project name, or None for a bare path or URL."""
        return requirement_name(self.line)

    def __str__(self) -> str:
        line = redact(self.line)
        return f"{line} ({self.origin})" if self.origin else line


def canonical_name(name: str) -> str:
    """Gives a project's name in the form of PEP 503: lower case, runs of `-_.` as one `-`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str | None:
    """Gives the canonical project name of a requirement line, or None where it does not tell.

    A path to a wheel tells it, and an address with `#egg=`; a path to a project does not.
    """
    found = _NAME.match(requirement) or _EGG.search(requirement) or _WHEEL.search(requirement)
    return canonical_name(found.group(1)) if found else None


def is_runtime(requirement: str) -> bool:
    """Says whether a requirement is for `kfp` itself: `kfp`, `kfp[kubernetes]==2.*`, `kfp-skiff`, `kfp @ …`."""
    return requirement_name(requirement) in RUNTIME_NAMES


def without_kfp(requirements: Iterable[str]) -> tuple[str, ...]:
    """Drops blank lines, repetitions and every entry for `kfp` itself, keeping the order.

    A step has Skiff's own runtime as its `kfp`; installing another over it would only break it.
    """
    kept = dict.fromkeys(line.strip() for line in requirements)
    return tuple(line for line in kept if line and not is_runtime(line))


def wanted(requirements: Iterable[str | Requirement]) -> tuple[Requirement, ...]:
    """Gives requirements without blank lines, exact repetitions and entries for `kfp` itself, sorted by their lines.

    Where several want the same line, the first of them is told.
    """
    kept: dict[str, Requirement] = {}
    for each in requirements:
        value = Requirement(each.strip()) if isinstance(each, str) else each
        if value.line and not is_runtime(value.line):
            kept.setdefault(value.line, value)
    return tuple(sorted(kept.values(), key=lambda requirement: requirement.line))
