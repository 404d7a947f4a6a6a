"""Control groups: whether this process may make them, and what a killed runtime left of a container's."""

from __future__ import annotations

import os
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PAUSE = 0.02
_ROUNDS = 50


def are_unified() -> bool:
    """Return whether this machine has the second version, with one hierarchy."""
    return (_ROOT / "cgroup.controllers").exists()


def may_write() -> bool:
    """Return whether this process may make cgroups beside everybody's."""
    one = _ROOT if are_unified() else _ROOT / "memory"
    return os.access(one, os.W_OK) and not os.statvfs(one).f_flag & os.ST_RDONLY


def remove(name: str) -> None:
    """Remove what is left of a container's cgroups; its processes may still be on their way out.

    Args:
        name: the container's.
    """
    for place in [_ROOT / name, *_ROOT.glob(f"*/{name}")]:
        for _ in range(_ROUNDS):
            if _is_gone(place):
                break
            time.sleep(_PAUSE)


def _is_gone(place: Path) -> bool:
    try:
        place.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
