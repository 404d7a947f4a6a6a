"""An expected difference from upstream, and why."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What becomes of a difference."""

    DELIBERATE = "deliberate"
    """It stays: this is better, and harmless to those who rely on upstream's behaviour."""
    NOT_YET = "not yet"
    """It goes: the feature is being built."""
    PRIVATE = "private module"
    """A test of upstream's inner parts, which have no counterpart."""


@dataclass(frozen=True)
class Deviation:
    """Differences that are known.

    Attributes:
        name: a pattern of the case's or test's name, as `fnmatch` reads it.
        kind: what becomes of it.
        reason: why.
        where: a pattern of the place in the document, as `Difference.where` gives it; other places must be equal.
    """

    name: str
    kind: Kind
    reason: str
    where: str = "*"

    def covers(self, name: str, where: str = "") -> bool:
        """Tell whether a difference in a case is this one."""
        return fnmatch.fnmatchcase(name, self.name) and fnmatch.fnmatchcase(where, self.where)
