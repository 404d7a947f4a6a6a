"""Ends what a step has left running, also what has left the step's process group.

Each step's process names the attempt in its environment, and so does whatever it starts: daemons, sessions of their
own, children of children. What clears its environment is found where it still holds the step's output; only what does
both and leaves the step's group gets away.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STEP_ID = "KFP_STEP_ID"
"""The environment variable: `<run id>/<task>/<attempt>`."""

_LONG = 5.0
"""Seconds in which process numbers do not come round twice."""

_FEW = 100
"""So many numbers are tried one by one in less time than it takes to list all processes."""

_ROUNDS = 40
_PAUSE = 0.05
_HAS_PROC = sys.platform == "linux"


def end_leftovers(step_id: str) -> int:
    """End whatever carries the identity of a step, or of any step of a run; return when it is gone.

    Args:
        step_id: `<run id>/<task>/<attempt>`, or its beginning up to a `/`: a run's identifier stands for all its steps.

    Returns:
        How many processes were ended; 0 where the machine does not tell the environments of processes.
    """
    return _end(step_id, None)


def end_step_leftovers(step_id: str, leader: int, seconds: float) -> int:
    """Do the same after a step's end, looking only at what has started after it where that is certain.

    Args:
        step_id: names the attempt.
        leader: the number of the step's own process.
        seconds: how long the step ran.
    """
    if not _HAS_PROC:
        return 0  # asking `ps` takes longer than many a step
    return _end(step_id, leader if seconds < _LONG else None)


def end_writers(pipe: int) -> int:
    """End whatever else can still write to a pipe that this process reads.

    Args:
        pipe: its inode number.

    Returns:
        How many processes were ended; 0 where the machine does not tell who holds what.
    """
    if not _HAS_PROC:
        return 0
    wanted = f"pipe:[{pipe}]"
    held = set(_writers(wanted))
    if held:
        time.sleep(_PAUSE)  # what is about to become another program has everything of this process for a moment
        held &= set(_writers(wanted))
    for number in held:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(number, signal.SIGKILL)
    return len(held)


def _writers(wanted: str) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and entry.name != str(os.getpid()):
            with contextlib.suppress(OSError):  # gone, or another user's
                held = [each.name for each in (entry / "fd").iterdir() if _link(each) == wanted]
                if any(_is_written(entry / "fdinfo" / name) for name in held):
                    yield int(entry.name)


def _link(path: Path) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - what it says is no path
    except OSError:
        return ""


def _is_written(info: Path) -> bool:
    flags = next((line.split()[1] for line in info.read_text("ascii").splitlines() if line.startswith("flags:")), "0")
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY


def _end(step_id: str, leader: int | None) -> int:
    wanted = f"{STEP_ID}={step_id}".encode()
    ended: set[int] = set()
    for _ in range(_ROUNDS):  # what is found may have started something meanwhile
        found = [number for number in _carriers(wanted, leader) if number != os.getpid()]
        if not found:
            break
        for number in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        ended.update(found)
        time.sleep(_PAUSE)
    return len(ended)


def _carriers(wanted: bytes, leader: int | None) -> Iterator[int]:
    """Yield the numbers of the processes with a variable, of those that are younger than one, where that is told."""
    if not _HAS_PROC:
        yield from carriers(wanted, _listing())
        return
    for number in _candidates(leader):
        # Of others' processes nothing can be read; they are not ours to end.
        with contextlib.suppress(OSError), open(f"/proc/{number}/environ", "rb", buffering=0) as file:  # noqa: PTH123 - of hundreds, most are not there
            if _has(b"\0" + file.readall() + b"\0", wanted, b"\0"):
                yield number


def _candidates(leader: int | None) -> Iterable[int]:
    if leader is not None:
        with contextlib.suppress(OSError, ValueError):
            newest = int(Path("/proc/loadavg").read_bytes().split()[-1])  # the number that was given last
            if 0 <= newest - leader < _FEW:
                return range(leader + 1, newest + 1)
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def carriers(wanted: bytes, listing: Iterable[bytes]) -> Iterator[int]:
    """Yield the numbers of the processes with a variable.

    Args:
        wanted: the variable and the beginning of its value.
        listing: what `ps` says: a line for each process, its number before its command and environment.
    """
    for line in listing:
        number, _, rest = line.strip().partition(b" ")
        if number.isdigit() and _has(b" " + rest + b" ", wanted, b" "):
            yield int(number)


def _has(text: bytes, wanted: bytes, between: bytes) -> bool:
    return between + wanted + between in text or between + wanted + b"/" in text


def _listing() -> list[bytes]:
    try:
        asked = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True, check=False)
    except OSError:
        return []
    return asked.stdout.splitlines()
