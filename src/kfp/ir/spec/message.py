"""What every message of the schema shares."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET

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


class OneOf(Message, frozen=True):
    """A message with a `oneof`: of the fields that `ONE_OF` names, one at most is set."""

    ONE_OF: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Refuse what has several.

        Raises:
            ValueError: it has.
        """
        if sys.version_info < (3, 11):
            super().__post_init__()
        given = [name for name in self.ONE_OF if (value := getattr(self, name)) is not None and value is not UNSET]
        if len(given) > 1:
            names = dict(zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True))
            raise ValueError(f"holds both {names[given[0]]} and {names[given[1]]}")


@cache
def _repeated(kind: type[Message]) -> tuple[str, ...]:
    """Return the names of a message's fields that are tuples, empty by default."""
    return tuple(field.name for field in msgspec.structs.fields(kind) if field.default == ())
