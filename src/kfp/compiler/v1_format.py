"""The format of a component file of KFP v1, as typed values."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kfp.errors import SpecTypeError


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output: its name and type; a type is the name of a parameter's or artifact's, or anything for any artifact."""

    name: str
    type: Any = None
    description: str | None = None
    annotations: dict[str, Any] | None = None


class Input(Item, frozen=True, forbid_unknown_fields=True):
    """An input; a default makes it optional."""

    default: Any = None
    optional: bool | None = False


class Container(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A container; elements of its command and args are texts and placeholders.

    Attributes:
        fileOutputs: files that outputs are read from, which no backend does any more.
    """

    image: str
    command: list[Any] | None = None
    args: list[Any] | None = None
    env: dict[str, str] | None = None
    fileOutputs: dict[str, Any] | None = None  # noqa: N815 - the format's name


class Implementation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What runs."""

    container: Container


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What describes the component; nothing here uses it."""

    annotations: dict[str, Any] | None = None
    labels: dict[str, Any] | None = None


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    implementation: Implementation
    name: str | None = None
    description: str | None = None
    inputs: list[Input] | None = None
    outputs: list[Item] | None = None
    metadata: Metadata | None = None
    version: str | None = None


_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)


def read(data: object) -> Component:
    """Return the component file that a YAML value is.

    Raises:
        SpecTypeError: it breaks the format; the message carries the field's path.
    """
    try:
        return msgspec.convert(data, Component)
    except msgspec.ValidationError as error:
        match = _WHERE.fullmatch(str(error))
        what, path = match.group("what", "path") if match else (str(error), None)
        raise broken(path or "", what[:1].lower() + what[1:]) from None


def broken(path: str, what: str) -> SpecTypeError:
    """Return the error for a file that breaks the format.

    Args:
        path: the field's.
        what: what is wrong with it.
    """
    return SpecTypeError(f"not a component of KFP v1: {path}{': ' if path else ''}{what}")
