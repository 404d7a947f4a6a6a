"""Which code asks for an attribute, and where a function returns: what a frame and a function's source tell."""

import os
import sys
from typing import Any, Callable, Optional

from kfp.errors import AuthoringError
from kfp.location import Location, definition

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_called_from_here(depth: int) -> bool:
    """Tell whether the caller of the caller, `depth` frames out, is code of this package."""
    return sys._getframe(depth + 1).f_code.co_filename.startswith(_PACKAGE)  # noqa: SLF001 -- inspect would load with it


def returned(func: Callable[..., Any]) -> Optional[Location]:
    """Give the line where a function returns a value, where there is one such line; else that of its definition."""
    import ast  # only a mistake pays for it

    from kfp.dsl.source import function_source

    try:
        source = function_source(func)
    except AuthoringError as error:
        return error.location
    lines = []
    ahead = list(ast.iter_child_nodes(ast.parse(source.text).body[0]))
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.Return) and getattr(node.value, "value", node.value) is not None:
            lines.append(node.lineno)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            ahead.extend(ast.iter_child_nodes(node))
    return Location(source.path, source.line + lines[0] - 1) if len(lines) == 1 else definition(func)
