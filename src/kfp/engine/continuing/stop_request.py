"""How another process asks a run to stop: a file in the run's directory, which the run's loop looks for.

No signal is sent: the process that runs the run may be somebody's notebook.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "stop.request"
_FORCED = b"!"
REASON = "the run was terminated"
"""The error of a run that was stopped like this."""


class StopRequest:
    """The request of one run.

    Args:
        directory: the run's directory.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        self._asked = 0

    def ask(self, *, force: bool = False) -> None:
        """Ask the run to stop.

        Args:
            force: have its steps stop at once.

        Raises:
            OSError: the file cannot be written.
        """
        temporary = self._path.with_name(f".{_NAME}.{secrets.token_hex(4)}")
        temporary.write_bytes(_FORCED if force else b"")
        temporary.replace(self._path)

    def news(self) -> list[str]:
        """Return a reason for each time that the run was asked since this was called last: twice means at once."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return []
        try:
            asked = 2 if os.read(descriptor, 1) == _FORCED else 1
        finally:
            os.close(descriptor)
        before, self._asked = self._asked, max(self._asked, asked)
        return [REASON] * (self._asked - before)

    def clear(self) -> None:
        """Forget what an earlier go of the run was asked.

        Raises:
            OSError: the file cannot be removed.
        """
        self._path.unlink(missing_ok=True)
