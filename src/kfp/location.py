"""Where in an author's files something stands: the `file:line` in messages about components and pipelines."""

import os
import sys
from typing import Any, Callable, Dict, NamedTuple, Optional

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_ENTRANCES = (os.path.join(_PACKAGE, "cli") + os.sep, os.path.join(_PACKAGE, "dsl", "executor_main"))
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_OURS, _ENTRANCE, _AUTHORS = range(3)
_KINDS: Dict[str, int] = {}


class Location(NamedTuple):
    """A line of a file; as text, `file:line` as seen from the working directory.

    Attributes:
        path: the file as Python knows it.
        line: counted from 1.
    """

    path: str
    line: int

    def __str__(self) -> str:
        return "{}:{}".format(_shown(self.path), self.line)


def caller() -> Optional[Location]:
    """Give the line of the author's code that led here: the innermost one outside this package and Python's own.

    Returns:
        The line, or None where no author called: in a command of this package, in a step.
    """
    frame: Any = sys._getframe(1)  # noqa: SLF001 -- inspect would load with it, and read the sources
    while frame is not None:
        path = frame.f_code.co_filename
        kind = _KINDS.get(path)
        if kind is None:
            kind = _KINDS[path] = _kind(path)
        if kind == _AUTHORS:
            return Location(path, frame.f_lineno)
        if kind == _ENTRANCE:
            return None
        frame = frame.f_back
    return None


def definition(func: Callable[..., Any]) -> Optional[Location]:
    """Give the line where a function is defined: its `def`, below its decorators."""
    code = getattr(_unwrapped(func), "__code__", None)
    if code is None:
        return None
    import linecache  # only a mistake pays for it

    line = code.co_firstlineno
    for below, text in enumerate(linecache.getlines(code.co_filename)[line - 1 :]):
        if text.lstrip().startswith(("def ", "async def ")):
            return Location(code.co_filename, line + below)
        if code.co_name == "<lambda>":
            break
    return Location(code.co_filename, line)


def _kind(path: str) -> int:
    if path.startswith(_PACKAGE):
        return _ENTRANCE if path.startswith(_ENTRANCES) else _OURS
    if path.startswith("<frozen "):
        return _OURS
    below = path[len(_STANDARD_LIBRARY) :] if path.startswith(_STANDARD_LIBRARY) else ""
    return _OURS if below and not below.startswith(("site-packages", "dist-packages")) else _AUTHORS


def _shown(path: str) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") or not os.path.exists(path) else relative


def _unwrapped(func: Any) -> Any:
    while hasattr(func, "__wrapped__"):
        func = func.__wrapped__
    return func
