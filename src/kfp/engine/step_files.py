"""Reads small files that a step has written, whatever it has put in their place.

A step may leave a pipe that nobody writes to, a device, or a link to a file that only this process may read.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024
"""A parameter is no larger; it is held in memory, and in the store."""


def read_step_file(path: Path, inside: Sequence[Path]) -> str | None:
    """Return a file's text, None where there is none.

    Args:
        path: the file.
        inside: directories that it must lie in when every link is followed.

    Raises:
        RunError: it is no file, lies elsewhere, is too large, is not UTF-8, or cannot be read.
    """
    if not is_inside(path, inside):
        raise RunError(f"the step's output {path} is a link to {os.path.realpath(path)}, which is none of its files")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RunError(f"the step's output {path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RunError(f"the step's output {path} is no file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise RunError(f"the step's output {path} is larger than {MAX_BYTES >> 20} MiB", hint="use an artifact")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise RunError(f"the step's output {path} is not UTF-8 text") from None


def is_inside(path: Path, directories: Sequence[Path]) -> bool:
    """Tell whether a path lies in one of some directories when every link is followed."""
    real = os.path.realpath(path)
    return any(real == each or real.startswith(f"{each}{os.sep}") for each in map(os.path.realpath, directories))
