"""Where two JSON values differ."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """A place where two values are not the same.

    Attributes:
        where: the keys and positions on the way, joined by dots.
        theirs: upstream's value, or `ABSENT`.
        ours: Skiff's value, or `ABSENT`.
    """

    where: str
    theirs: Json
    ours: Json

    def __str__(self) -> str:
        if _is_text(self.theirs) and _is_text(self.ours):
            lines = difflib.unified_diff(self.theirs, self.ours, "upstream", "skiff", lineterm="", n=1)
            return "\n      ".join([f"    {self.where}", *lines])
        return f"    {self.where}\n      - {_short(self.theirs)}\n      + {_short(self.ours)}"


def _is_text(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _short(value: Json) -> str:
    if value is ABSENT:
        return "(absent)"
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 400 else f"{text[:400]} …"


def differences(theirs: Json, ours: Json, where: str = "") -> Iterator[Difference]:
    """Yield each smallest pair of values that differ; 3 equals 3.0, and True differs from 1."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted({*theirs, *ours}):
            inner = f"{where}.{key}" if where else key
            yield from differences(theirs.get(key, ABSENT), ours.get(key, ABSENT), inner)
    elif isinstance(theirs, list) and isinstance(ours, list) and not (_is_text(theirs) or _is_text(ours)):
        if len(theirs) != len(ours):
            yield Difference(where, theirs, ours)
            return
        for position, (left, right) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(left, right, f"{where}.{position}")
    elif theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
        yield Difference(where, theirs, ours)
