"""Reading the fields of untrusted documents: each function gives the type it names or raises InvalidImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kfp.errors import InvalidImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.images.canonical import JsonObject


def text(document: Mapping[str, Any], key: str, what: str) -> str:
    """The string at `key`, "" where it is absent or null."""
    value = document.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(what, key, "a string")
    return value


def size(document: Mapping[str, Any], key: str, what: str) -> int:
    """The number of bytes at `key`, which must be there."""
    value = document.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _wrong(what, key, "a number of bytes")
    return value


def mapping(document: Mapping[str, Any], key: str, what: str) -> JsonObject:
    """The object at `key`, {} where it is absent or null."""
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(what, key, "an object")
    return value


def text_map(document: Mapping[str, Any], key: str, what: str) -> dict[str, str]:
    """The object of strings at `key`, {} where it is absent or null."""
    value = mapping(document, key, what)
    if not all(isinstance(item, str) for item in value.values()):
        raise _wrong(what, key, "an object of strings")
    return dict(value)


def texts(document: Mapping[str, Any], key: str, what: str) -> tuple[str, ...]:
    """The list of strings at `key`, () where it is absent or null."""
    value = document.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(what, key, "a list of strings")
    return tuple(value)


def objects(document: Mapping[str, Any], key: str, what: str, *, limit: int) -> tuple[JsonObject, ...]:
    """The list of objects at `key`, () where it is absent or null, at most `limit` long."""
    value = document.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _wrong(what, key, "a list of objects")
    if len(value) > limit:
        raise InvalidImage(f"the {what} has {len(value)} entries in {key!r}, more than the limit of {limit}")
    return tuple(value)


def _wrong(what: str, key: str, wanted: str) -> InvalidImage:
    return InvalidImage(f"the {what} has a field {key!r} that is not {wanted}")
