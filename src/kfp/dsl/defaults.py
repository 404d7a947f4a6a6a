"""The defaults of a component function's parameters, as a document holds them."""

import json
from typing import Any, Callable, Optional

from kfp.errors import SignatureError
from kfp.location import definition
from kfp.runtime.annotations import type_text
from kfp.runtime.interface import ABSENT, InputParameter
from kfp.runtime.structured import choices, plain


def default_value(func: Callable[..., Any], given: InputParameter) -> Any:
    """Give an input's default as JSON, or `ABSENT`, or None.

    Raises:
        SignatureError: it is not of the input's type.
    """
    value = plain(given.default)
    if value is ABSENT or value is None or given.type is None:
        return value
    accepted = choices(given.annotation)
    value = value if accepted else as_default(given.type, value)
    if value not in accepted if accepted else not _fits(given.type, value):
        raise SignatureError(
            "component function {!r} gives its parameter {!r} of type {} the default {!r}".format(
                func.__name__, given.name, type_text(given.annotation), given.default
            ),
            hint="accepted are {}".format(", ".join(map(repr, accepted)))
            if accepted
            else "give a default of that type, or None",
            location=definition(func),
        )
    return value


def as_default(kind: Optional[str], value: Any) -> Any:
    """Give a JSON value as the default of a parameter: KFP takes bools for numbers, and JSON texts for lists and dicts.

    A value that is no such thing stays as it is.

    Args:
        kind: the parameter's type in the schema.
        value: what its author gives.
    """
    if kind in ("NUMBER_INTEGER", "NUMBER_DOUBLE") and isinstance(value, bool):
        return int(value)
    if kind in ("LIST", "STRUCT") and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _fits(kind: str, value: Any) -> bool:
    """Tell whether a JSON value can be the default of a parameter of a KFP type."""
    if kind == "NUMBER_INTEGER":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind == "NUMBER_DOUBLE":
        return isinstance(value, (int, float))
    if kind == "BOOLEAN":
        return isinstance(value, bool) or value in (0, 1)
    return isinstance(value, {"STRING": str, "LIST": list, "STRUCT": dict}[kind])
