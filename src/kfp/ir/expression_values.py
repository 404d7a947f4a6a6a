"""What the operations of expressions do to values, as CEL defines it; every misfit is a `RunError`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kfp.errors import RunError
from kfp.ir.spec import Json
from kfp.ir.values import show

_MAX_INTEGER = 2**63


def truth(value: Json) -> bool:
    """Return a truth value; nothing else is one."""
    if not isinstance(value, bool):
        raise RunError(f"{show(value)} is neither true nor false")
    return value


def negative(value: Json) -> Json:
    """Return a number with the other sign."""
    if not is_number(value):
        raise RunError(f"{show(value)} has no negative")
    return -value


def member(of: Json, key: Json) -> Json:
    """Return the value under a key of a mapping, or the item of a list at an index."""
    if isinstance(of, Mapping):
        if not isinstance(key, str) or key not in of:
            raise RunError(f"there is no key {key!r} among {', '.join(map(repr, list(of)[:10])) or 'none'}")
        return of[key]
    if isinstance(of, (list, tuple)) and is_number(key) and key == int(key):
        if not 0 <= key < len(of):
            raise RunError(f"there is no item {int(key)} in a list of {len(of)}")
        return of[int(key)]
    raise RunError(f"{show(of)} has no member {key!r}")


def compare(sign: str, left: Json, right: Json) -> bool:
    """Return whether `left sign right`; numbers are compared by value, values of two types are not equal."""
    if sign in ("==", "!="):
        return _equal(left, right) is (sign == "==")
    numbers = is_number(left) and is_number(right)
    if not numbers and not any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, bool)):
        raise RunError(f"{show(left)} and {show(right)} have no order")
    if sign in ("<", ">="):
        return bool(left < right) is (sign == "<")
    return bool(left > right) is (sign == ">")


def _equal(left: Json, right: Json) -> bool:
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_equal, left, right))
    return type(left) is type(right) and bool(left == right)


def is_number(value: Json) -> bool:
    """Return whether a value is an integer or a double; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _int(value: Json) -> int:
    number: int | None
    try:
        if isinstance(value, str) and value.strip() == value and "_" not in value:
            number = int(value, 10)
        elif is_number(value):
            number = int(value)
        else:
            number = None
    except (ValueError, OverflowError):
        number = None
    if number is None:
        raise RunError(f"{show(value)} is no integer")
    if not -_MAX_INTEGER <= number < _MAX_INTEGER:
        raise RunError(f"{show(value)} does not fit an integer of 64 bits")
    return number


def _double(value: Json) -> float:
    try:
        if is_number(value) or (isinstance(value, str) and value.strip() == value and "_" not in value):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise RunError(f"{show(value)} is no number")


def _string(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if is_number(value):
        return str(value)
    raise RunError(f"{show(value)} cannot be turned into text")


def _parse_json(value: Json) -> Json:
    if not isinstance(value, str):
        return value  # it was JSON already before it came here
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise RunError(f"{show(value)} is not JSON: {error}") from None


FUNCTIONS: Mapping[str, Callable[[Json], Any]] = {
    "int": _int,
    "double": _double,
    "string": _string,
    "parseJson": _parse_json,
}
"""The functions of an argument each: CEL's conversions, and `parseJson` of parameterExpressionSelector."""
