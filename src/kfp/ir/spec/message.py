"""What every message of the schema shares."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, a list of such, or a dict of such by text."""


class Message(
    msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """A message: camelCase on the wire, defaults left out, unknown fields refused."""

    if sys.version_info < (3, 11):

        def __post_init__(self) -> None:
            """Make empty tuples the one that is the default and so left out: this Python has several."""
            for name in _repeated(type(self)):
                if not getattr(self, name):
                    msgspec.structs.force_setattr(self, name, ())


@cache
def _repeated(kind: type[Message]) -> tuple[str, ...]:
    """Return the names of a message's fields that are tuples, empty by default."""
    return tuple(field.name for field in msgspec.structs.fields(kind) if field.default == ())
