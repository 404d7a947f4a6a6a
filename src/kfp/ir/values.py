"""Parameter values and their types: is this value an integer, and what does the text `[1, 2]` mean as a list?

Values are JSON values as Python has them. The types are those of `ParameterType.ParameterTypeEnum`; the deprecated
`INT` and `DOUBLE` of old documents are understood. The backend writes whole numbers as floats (`3.0`) in places, so
an integral float is an integer where the type says so, and everywhere else a value keeps its own type.
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Callable
from typing import Any

from kfp.errors import ArgumentsError
from kfp.ir.spec import Json

_LEGACY = {"INT": "NUMBER_INTEGER", "DOUBLE": "NUMBER_DOUBLE"}
_NAMES = {
    "NUMBER_INTEGER": "an integer",
    "NUMBER_DOUBLE": "a number",
    "STRING": "text",
    "BOOLEAN": "true or false",
    "LIST": "a list",
    "STRUCT": "a mapping with text keys",
    "TASK_FINAL_STATUS": "a task's final status",
    "TASK_CONFIG": "a task's configuration",
}
_EXAMPLES = {
    "NUMBER_INTEGER": "2",
    "NUMBER_DOUBLE": "0.5",
    "STRING": "some text",
    "BOOLEAN": "true",
    "LIST": "[1, 2]",
    "STRUCT": '{"key": "value"}',
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MAX_DEPTH = 200
_EXPONENT_FROM = 1e21
"""Go writes numbers from here on with an exponent, which Python reads as floats."""
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 60


class _Mismatch(Exception):
    """The value is not of the type."""


def describe(parameter_type: str | None) -> str:
    """Return what a parameter type accepts, in words: `NUMBER_INTEGER` is `an integer`."""
    return _NAMES.get(_LEGACY.get(parameter_type or "", parameter_type or ""), "a value")


def example(parameter_type: str | None) -> str:
    """Return a text of the type as a person would type it, or `VALUE`."""
    return _EXAMPLES.get(_LEGACY.get(parameter_type or "", parameter_type or ""), "VALUE")


def show(value: object) -> str:
    """Return a value's type and a short form of it for a message: `the str 'abc'`."""
    return f"the {type(value).__name__} {_REPR.repr(value)}"


def coerce(value: Json, parameter_type: str | None, *, what: str = "the value") -> Json:
    """Return a value as its parameter type has it.

    Args:
        value: a JSON value; tuples count as lists.
        parameter_type: a `ParameterTypeEnum` name; None accepts any JSON value.
        what: how the message calls the value, such as `parameter 'x' of pipeline 'p'`.

    Returns:
        The value: an int for NUMBER_INTEGER (3.0 becomes 3), a float for NUMBER_DOUBLE, text for STRING (any other
        JSON value becomes its JSON text), lists and dicts with their members as they are.

    Raises:
        ArgumentsError: the value is not of the type, or not a JSON value.
    """
    kind = _LEGACY.get(parameter_type or "", parameter_type or "")
    try:
        return _COERCIONS.get(kind, _json_value)(value)
    except _Mismatch as error:
        reason = f": {error}" if str(error) else ""
        message = f"{what} takes {describe(kind)} ({kind or 'any type'}), not {show(value)}{reason}"
        raise ArgumentsError(message) from None


def as_go_writes(value: Json) -> Json:
    """Return a constant of a document as the backend passes it on: whole numbers are integers, at any depth.

    Upstream's compiler writes every number inside of lists and mappings as a float, so that 3.0 may be either.
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXPONENT_FROM else value
    if isinstance(value, dict):
        return {key: as_go_writes(item) for key, item in value.items()}
    return [as_go_writes(item) for item in value] if isinstance(value, (list, tuple)) else value


def parse_text(text: str, parameter_type: str | None, *, what: str = "the value") -> Json:
    """Return the value that a text stands for on a command line.

    Args:
        text: `2` for an integer, `0.5`, `true`, JSON for lists and mappings; STRING takes the text as it is.
        parameter_type: a `ParameterTypeEnum` name.
        what: how the message calls the value.

    Raises:
        ArgumentsError: the text does not stand for a value of the type.
    """
    kind = _LEGACY.get(parameter_type or "", parameter_type or "")
    if kind in ("", "STRING"):
        return text
    try:
        return _TEXTS.get(kind, _text_as_json)(text.strip())
    except (_Mismatch, ValueError, RecursionError):
        message = f"{what} takes {describe(kind)} ({kind}), not {show(text)}"
        raise ArgumentsError(message, hint=f"for example {example(kind)}") from None


def _integer(value: Json) -> int:
    if isinstance(value, bool):
        raise _Mismatch
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise _Mismatch


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _Mismatch
    return float(value)


def _string(value: Json) -> str:
    if isinstance(value, str):
        return _unicode(value)
    return json.dumps(_json_value(value), ensure_ascii=False)


def _boolean(value: Json) -> bool:
    if not isinstance(value, bool):
        raise _Mismatch
    return value


def _list(value: Json) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise _Mismatch
    return [_json_value(item) for item in value]


def _struct(value: Json) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Mismatch
    checked: dict[str, Any] = _json_value(value)
    return checked


def _json_value(value: Json, depth: int = 0) -> Json:
    """Return the value if it is JSON all the way down; an IntEnum or a str subclass becomes its plain value."""
    if value is None or isinstance(value, (bool, str, int, float)):
        return _json_scalar(value)
    if depth > _MAX_DEPTH:
        raise _Mismatch(f"it is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, (list, tuple)):
        return [_json_value(item, depth + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise _Mismatch(f"its key {key!r} is not text")
        return {_unicode(key): _json_value(item, depth + 1) for key, item in value.items()}
    raise _Mismatch(f"JSON has no {type(value).__name__}")


def _json_scalar(value: Json) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _Mismatch("JSON has no infinity and no NaN")
        return float(value)
    return _unicode(value) if isinstance(value, str) else int(value)


def _unicode(value: str) -> str:
    """Return a text that UTF-8 can write: what a shell passes, and the escapes of JSON, may hold half a character."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise _Mismatch("it is no Unicode text") from None
    return str(value)


def _text_as_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _Mismatch
    return int(text)


def _text_as_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _Mismatch
    return text.lower() == "true"


def _text_as_json(text: str) -> Json:
    return json.loads(text)


_COERCIONS: dict[str, Callable[[Any], Any]] = {
    "NUMBER_INTEGER": _integer,
    "NUMBER_DOUBLE": _number,
    "STRING": _string,
    "BOOLEAN": _boolean,
    "LIST": _list,
    "STRUCT": _struct,
    "TASK_FINAL_STATUS": _struct,
    "TASK_CONFIG": _struct,
}
_TEXTS: dict[str, Callable[[str], Any]] = {
    "NUMBER_INTEGER": _text_as_integer,
    "NUMBER_DOUBLE": lambda text: _number(float(text)),
    "BOOLEAN": _text_as_boolean,
    "LIST": lambda text: _list(_text_as_json(text)),
    "STRUCT": lambda text: _struct(_text_as_json(text)),
}
