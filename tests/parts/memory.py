"""How much memory a process held at most; for the processes that are measured, so nothing large is imported."""

from __future__ import annotations

import re
from pathlib import Path

_STATUS = Path("/proc/self/status")

PEAKS_ARE_TOLD = _STATUS.exists()
"""Only Linux: `getrusage` counts what a process held before it became another program, its parent's memory."""


def peak() -> int:
    """Return the most bytes of memory that this process had in use since its program started."""
    found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError(f"{_STATUS} has no VmHWM")
    return 1024 * int(found[1])
