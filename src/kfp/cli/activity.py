"""Rows at the bottom of a terminal, each with what something is at; there only when it takes long enough to be read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kfp.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_DELAY = 0.4
"""Seconds after which rows appear: most builds are over before, and never load what draws them."""


class Activity:
    """Rows by name; several threads may show."""

    def __init__(self, delay: float = _DELAY) -> None:
        self._delay = delay
        self._lock = threading.RLock()
        self._rows: dict[str, tuple[str, bool]] = {}
        self._timer: threading.Timer | None = None
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def show(self, name: str, text: str, *, done: bool = False) -> None:
        """Set what a row says; the first one starts the clock."""
        with self._lock:
            self._rows[name] = (text, done)
            if self._progress is not None:
                self._draw(self._progress, name)
            elif self._timer is None:
                self._timer = threading.Timer(self._delay, self._open)
                self._timer.daemon = True
                self._timer.start()

    def log(self, text: str) -> None:
        """Write a line to stderr, above the rows where there are any."""
        with self._lock:
            if self._progress is None:
                terminal.log(text)
            else:
                self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take all rows away."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._progress is not None:
                self._progress.stop()
            self._timer = self._progress = None
            self._rows.clear()
            self._tasks.clear()

    def _open(self) -> None:
        from rich.console import Console  # noqa: PLC0415 only what takes long pays for rich
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        with self._lock:
            if self._timer is None:  # closed while rich was loaded
                return
            self._progress = Progress(
                SpinnerColumn(finished_text="[green]✓[/]"),
                TextColumn("{task.fields[name]}", markup=False),
                TextColumn("{task.description}", style="dim", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
            for name in self._rows:
                self._draw(self._progress, name)

    def _draw(self, progress: Progress, name: str) -> None:
        text, done = self._rows[name]
        if name not in self._tasks:
            self._tasks[name] = progress.add_task(text, total=1, name=name)
        progress.update(self._tasks[name], description=text, completed=int(done))
