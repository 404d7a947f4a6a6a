"""Which code asks for an attribute, and where a function returns: what a frame and a function's code tell."""

import os
import sys
from typing import Any, Callable, Iterator, Optional

from kfp.location import Location, definition

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_called_from_here(depth: int) -> bool:
    """Tell whether the caller of the caller, `depth` frames out, is code of this package."""
    return sys._getframe(depth + 1).f_code.co_filename.startswith(_PACKAGE)  # noqa: SLF001 -- inspect would load with it


def returned(func: Callable[..., Any]) -> Optional[Location]:
    """Give the line where a function returns a value, where there is one such line; else that of its definition."""
    code = getattr(func, "__code__", None)
    lines = set() if code is None else set(_returning_lines(code))
    return Location(code.co_filename, lines.pop()) if code is not None and len(lines) == 1 else definition(func)


def _returning_lines(code: Any) -> "Iterator[int]":
    """Yield the line of each `return` of more than the constant None."""
    import dis  # only a mistake pays for it

    line, before = code.co_firstlineno, None
    starts = dict(dis.findlinestarts(code))
    for instruction in dis.get_instructions(code):
        line = starts.get(instruction.offset) or line
        is_none = before is not None and before.opname == "LOAD_CONST" and before.argval is None
        if instruction.opname == "RETURN_VALUE" and not is_none:
            yield line
        before = instruction
