"""Where in a user's file something was written, for errors that are found later."""

import os
import sys
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_PACKAGE = os.path.dirname(os.path.dirname(_HERE)) + os.sep


def caller() -> str:
    """Give `file:line` of the innermost call that is not this package's."""
    frame: Any = sys._getframe(1)  # noqa: SLF001 -- inspect would load with it
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return "{}:{}".format(frame.f_code.co_filename, frame.f_lineno)


def is_inside(depth: int) -> bool:
    """Tell whether the caller of the caller, `depth` frames out, is code of this package."""
    return sys._getframe(depth + 1).f_code.co_filename.startswith(_PACKAGE)  # noqa: SLF001 -- the same
