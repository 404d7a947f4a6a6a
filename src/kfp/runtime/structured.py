"""Values that have a form of their own in Python and are plain JSON on the way: Enum, Literal, dataclasses."""

import sys
from typing import Any, Tuple


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


def _is_enum_type(type_: Any) -> bool:
    module: Any = sys.modules.get("enum")
    return module is not None and issubclass(type_, module.Enum)
