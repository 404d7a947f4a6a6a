"""What an annotation means: texts are evaluated, also in forms that this Python is too old for; Optional comes off."""

import sys
from typing import Any, Dict, Tuple, Union

from kfp.runtime.annotations import InputPath, OutputPath
from kfp.runtime.modern_syntax import modernised
from kfp.runtime.parameter_types import NAMED_TYPES

_OLD = sys.version_info < (3, 10)


class Unresolved(Exception):
    """A text that names nothing.

    Args:
        text: the annotation.
        cause: what its evaluation raised.
    """

    def __init__(self, text: str, cause: Exception) -> None:
        super().__init__("the annotation {!r} cannot be evaluated: {}".format(text, cause))


def evaluate(text: str, namespace: Dict[str, Any]) -> Any:
    """Evaluate an annotation in a module's namespace.

    `int | None` and `list[int]` work on Python 3.7, too: they are read as Union[int, None] and List[int].

    Raises:
        Exception: whatever the evaluation raises, such as NameError.
    """
    try:
        return eval(text, namespace)  # noqa: S307 -- the component's own source, which is about to be executed
    except TypeError:
        if not _OLD:
            raise
        return eval(modernised(text), dict(namespace))  # noqa: S307


def resolve(annotation: Any, namespace: Dict[str, Any]) -> Tuple[Any, bool]:
    """Evaluate texts in an annotation and take Optional and Annotated off.

    `Annotated[str, OutputPath(int)]` means `OutputPath(int)`.

    Args:
        annotation: as it is written.
        namespace: the module's.

    Returns:
        What is left, and whether None is allowed.

    Raises:
        Unresolved: a text cannot be evaluated.
    """
    nullable = False
    while True:
        forward = getattr(annotation, "__forward_arg__", annotation)
        if isinstance(forward, str):
            try:
                annotation = evaluate(forward, namespace)
            except Exception as error:
                annotation = NAMED_TYPES.get(forward.lower())
                if annotation is None:
                    raise Unresolved(forward, error) from error
        elif hasattr(annotation, "__metadata__"):
            paths = [mark for mark in annotation.__metadata__ if isinstance(mark, (InputPath, OutputPath))]
            annotation = paths[0] if paths else annotation.__origin__
        else:
            members = union_members(annotation)
            present = [member for member in members if member is not type(None)]
            if not members or len(present) != 1:
                return annotation, nullable
            nullable = nullable or len(present) < len(members)
            annotation = present[0]


def union_members(annotation: Any) -> Tuple[Any, ...]:
    """Give the members of a Union, Optional or `X | Y`, or nothing for any other annotation."""
    if getattr(annotation, "__origin__", None) is Union or type(annotation).__name__ == "UnionType":
        members: Tuple[Any, ...] = annotation.__args__
        return members
    return ()
