"""Time whole commands, in turn, and keep the median."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A command to time: its arguments, where it runs, and what comes before each run, untimed."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None

    def seconds(self, limit: float = 900) -> float:
        """Run once and return the wall time in seconds.

        Raises:
            RuntimeError: The command failed; the message carries what it printed.
            subprocess.TimeoutExpired: It was ended after `limit` seconds, with all that it had started.
        """
        self.prepare()
        begun = time.perf_counter()
        with subprocess.Popen(
            self.arguments, cwd=self.folder, env={**users_environment(), **self.environment}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            try:
                told, _ = process.communicate(timeout=limit)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # and what it has started
                raise
        taken = time.perf_counter() - begun
        if process.returncode:
            raise RuntimeError(f"{' '.join(self.arguments)} failed:\n{told.decode(errors='replace')[-3000:]}")
        return taken


def users_environment() -> dict[str, str]:
    """Return this environment as users have it: with bytecode caches, which some build machines switch off."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def medians(*commands: Command, runs: int, warm_up: int = 1) -> list[float]:
    """Run the commands in turn, A B A B …, and return the median seconds of each."""
    for _ in range(warm_up):
        for command in commands:
            command.seconds()
    samples: list[list[float]] = [[] for _ in commands]
    for _ in range(runs):
        for sample, command in zip(samples, commands, strict=True):
            sample.append(command.seconds())
    return [statistics.median(sample) for sample in samples]


@dataclass(frozen=True)
class Figure:
    """One line of the table: seconds for upstream and for Skiff, and what DESIGN asks of Skiff.

    Upstream has None where it has nothing to compare with; where it did not finish, its seconds are those after which
    it was ended. A target of 0 asks nothing. Some rows hold megabytes instead, and say so.
    """

    what: str
    upstream: float | None
    skiff: float
    target: float
    is_upstream_unfinished: bool = False
    note: str = ""

    def row(self) -> str:
        """Return the figure as a line of the printed table."""
        more = ">" if self.is_upstream_unfinished else ""
        upstream = f"{more}{self.upstream:.3f}" if self.upstream is not None else "-"
        ratio = f"{more}{self.upstream / self.skiff:.1f}x" if self.upstream is not None and self.skiff > 0 else "-"
        held = "held" if self.skiff <= self.target else "MISSED"
        asked = f"≤ {self.target:<6g} {held}" if self.target else ""
        row = f"{self.what:<52} {upstream:>9} {self.skiff:>9.3f} {ratio:>8}  {asked:<15} {self.note}"
        return row.rstrip()


HEADER = f"{'seconds, median':<52} {'upstream':>9} {'skiff':>9} {'ratio':>8}  target"
