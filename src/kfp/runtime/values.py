"""Parameter values on their way into a component function and out of it."""

import json
from typing import Any

from kfp.errors import RunError
from kfp.runtime.annotations import type_text
from kfp.runtime.construction import chosen, construct
from kfp.runtime.forward import union_members
from kfp.runtime.interface import OutputParameter
from kfp.runtime.structured import choices, is_dataclass, plain


def fit(annotation: Any, value: Any) -> Any:
    """Give a JSON value the Python type that the function's annotation asks for.

    JSON that passed through a protobuf Struct has 1.0 for 1; where the annotation says int, also inside of lists and
    dictionaries, the function gets an int. Enum, Literal and dataclasses get their own form. A text parameter takes any
    JSON as its text; what lies inside of a list or dictionary and does not fit stays what it is, as in KFP.

    Raises:
        Misfit: the value is no member of the Enum or Literal, or not what the dataclass is made from.
    """
    if _present(annotation) is str and value is not None and not isinstance(value, str):
        return json.dumps(_number(int, value))
    return _fit(annotation, value)


def _fit(annotation: Any, value: Any) -> Any:
    if choices(annotation):
        return chosen(annotation, value)
    if is_dataclass(annotation):
        return construct(annotation, value, _fit)
    present = _present(annotation)
    if present is not annotation:
        return None if value is None else _fit(present, value)
    python_type = getattr(annotation, "__origin__", None) or annotation
    if isinstance(value, (int, float)):
        return _number(python_type, value)
    arguments: Any = getattr(annotation, "__args__", None) or ()
    if python_type is list and isinstance(value, list) and len(arguments) == 1:
        return [_fit(arguments[0], item) for item in value]
    if python_type is dict and isinstance(value, dict) and len(arguments) == 2:  # noqa: PLR2004 -- key and value
        return {key: _fit(arguments[1], item) for key, item in value.items()}
    return value


def _present(annotation: Any) -> Any:
    """Return what an Optional holds; any other annotation as it is."""
    present = [member for member in union_members(annotation) or () if member is not type(None)]
    return present[0] if len(present) == 1 else annotation


def _number(python_type: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if python_type is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if python_type is float:
        return float(value)
    if python_type is bool and value in (0, 1):
        return bool(value)
    return value


def returned_value(component: str, output: OutputParameter, value: Any) -> Any:
    """Check a returned value against the declared output and make it plain JSON.

    Numbers of other libraries are taken where they stand for the declared type without loss.

    Raises:
        RunError: the value is of another type, or holds something that JSON has no form for.
    """
    value = plain(value)
    try:
        converted = _converted(output.type, value)
    except (TypeError, ValueError):  # an array has __float__, but is one number only at times
        converted = None
    if converted is None:
        raise RunError(
            "component {!r} returned {} for its output {!r}, which is declared as {}".format(
                component, _kind(value), output.name, type_text(output.annotation)
            ),
            hint="return a value of the declared type, or change the annotation",
        )
    accepted = choices(output.annotation)
    if accepted and converted not in accepted:
        raise RunError(
            "component {!r} returned {!r} for its output {!r}".format(component, value, output.name),
            hint="accepted are {}".format(", ".join(repr(choice) for choice in accepted)),
        )
    try:
        json.dumps(converted, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RunError(
            "component {!r} returned {} for its output {!r} that is not JSON: {}".format(
                component, _kind(value), output.name, error
            ),
            hint="return plain values, or write the data to an output artifact",
        ) from error
    return converted


def _converted(kind: Any, value: Any) -> Any:
    if kind == "NUMBER_INTEGER":
        return value.__index__() if hasattr(value, "__index__") else None
    if kind == "NUMBER_DOUBLE":
        return float(value) if hasattr(value, "__float__") or hasattr(value, "__index__") else None
    if kind == "BOOLEAN":
        return bool(value) if type(value).__name__ in ("bool", "bool_") else None  # numpy's as well
    if kind == "STRING":
        return str(value) if isinstance(value, str) else None
    if kind == "LIST":
        return value if isinstance(value, list) else None
    return value if isinstance(value, dict) else None


def _kind(value: Any) -> str:
    return "None" if value is None else "a value of type {}".format(type_text(type(value)))
