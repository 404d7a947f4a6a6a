"""Values that have a form of their own in Python and are plain JSON on the way: Enum, Literal, dataclasses."""

import sys
from typing import Any, Dict, Tuple, get_type_hints


class Misfit(Exception):
    """A value is not what its annotation asks for; the text says what would be."""


def is_enum(annotation: Any) -> bool:
    """Tell whether an annotation is an Enum class."""
    return isinstance(annotation, type) and hasattr(annotation, "__members__") and _is_enum_type(annotation)


def is_dataclass(annotation: Any) -> bool:
    """Tell whether an annotation is a dataclass."""
    return isinstance(annotation, type) and hasattr(annotation, "__dataclass_fields__")


def choices(annotation: Any) -> Tuple[Any, ...]:
    """Give the values that an Enum or a Literal allows, as JSON; nothing for any other annotation."""
    if is_enum(annotation):
        return tuple(plain(member) for member in annotation)
    if str(getattr(annotation, "__origin__", "")) in ("typing.Literal", "typing_extensions.Literal"):
        return tuple(plain(value) for value in annotation.__args__)
    return ()


def plain(value: Any) -> Any:
    """Give a value with its Enum members and dataclasses as JSON; anything else in it stays as it is.

    A field that is None by default, and is None, is left out.
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if _is_enum_type(type(value)):
        return plain(value.value)
    if is_dataclass(type(value)):
        fields = [(name, getattr(value, name), field) for name, field in value.__dataclass_fields__.items()]
        return {name: plain(item) for name, item, field in fields if item is not None or field.default is not None}
    return value


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


def _is_enum_type(type_: Any) -> bool:
    module: Any = sys.modules.get("enum")
    return module is not None and issubclass(type_, module.Enum)
