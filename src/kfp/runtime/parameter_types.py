"""Parameter types: what a Python type, a typing form, or the name of a type is in KFP."""

from typing import Any, Dict, Optional

from kfp.runtime.structured import choices, is_dataclass

NAMED_TYPES = {
    "string": str,
    "str": str,
    "integer": int,
    "int": int,
    "float": float,
    "double": float,
    "bool": bool,
    "boolean": bool,
    "list": list,
    "jsonarray": list,
    "dict": dict,
    "jsonobject": dict,
}
"""The Python types by the names that KFP knows for them, in lower case."""

_PARAMETER_TYPES: Dict[Any, str] = {
    str: "STRING",
    int: "NUMBER_INTEGER",
    float: "NUMBER_DOUBLE",
    bool: "BOOLEAN",
    list: "LIST",
    dict: "STRUCT",
}
PYTHON_TYPES = {name: python for python, name in _PARAMETER_TYPES.items()}
"""The Python types by KFP's parameter types."""


def parameter_type(annotation: Any) -> Optional[str]:
    """Give the KFP parameter type of a Python type or typing form, or None if it has none."""
    values = choices(annotation)
    if values:
        kinds = {_PARAMETER_TYPES.get(type(value)) for value in values}
        return kinds.pop() if len(kinds) == 1 else None
    return "STRUCT" if is_dataclass(annotation) else _PARAMETER_TYPES.get(python_type(annotation))


def python_type(annotation: Any) -> Any:
    """Give `list` for List, List[int] and list[int], and so on; other annotations are returned as they are."""
    origin = getattr(annotation, "__origin__", None)
    return annotation if origin is None else origin
