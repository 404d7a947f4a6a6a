"""JSON values to the Enum members, Literal values and dataclasses that they mean (see `kfp.runtime.structured`)."""

import sys
from typing import Any, Dict, get_type_hints

from kfp.runtime.structured import Misfit, choices, is_enum, plain


def chosen(annotation: Any, value: Any) -> Any:
    """Give the member or the value that a JSON value means.

    Raises:
        Misfit: it is none of them.
    """
    is_member = is_enum(annotation)
    for option in annotation if is_member else annotation.__args__:
        known = plain(option)
        if known == value and isinstance(known, bool) == isinstance(value, bool):
            return option
    raise Misfit("{!r}; accepted are {}".format(value, ", ".join(repr(choice) for choice in choices(annotation))))


def construct(class_: Any, value: Any, fit: Any) -> Any:
    """Make a dataclass of a JSON object.

    Args:
        class_: the dataclass.
        value: its fields by name.
        fit: gives a field its Python form: annotation, JSON value → value.

    Raises:
        Misfit: a field is unknown or missing, or does not fit.
    """
    if not isinstance(value, dict):
        raise Misfit("{!r}; accepted is an object with the fields {}".format(value, ", ".join(_fields(class_))))
    fields, types = _fields(class_), get_type_hints(class_)
    missing = sys.modules["dataclasses"].MISSING
    for name in value:
        if name not in fields:
            raise Misfit("an object with {!r}; the fields are {}".format(name, ", ".join(fields)))
    for name, field in fields.items():
        if name not in value and field.default is missing and field.default_factory is missing:
            raise Misfit("an object without its field {!r}".format(name))
    name = ""
    given = {}
    try:
        for name, item in value.items():
            given[name] = fit(types[name], item)
    except Misfit as error:
        raise Misfit("an object whose field {!r} is {}".format(name, error)) from None
    return class_(**given)


def _fields(class_: Any) -> Dict[str, Any]:
    return {name: field for name, field in class_.__dataclass_fields__.items() if field.init}
