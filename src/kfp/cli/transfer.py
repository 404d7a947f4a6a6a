"""What a push or a pull looks like: a bar on a terminal, a line for each blob elsewhere."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Protocol

from kfp import units
from kfp.cli import terminal
from kfp.images.distribution.progress import TransferEvent, TransferState

if TYPE_CHECKING:
    from collections.abc import Iterator

FINAL = {
    TransferState.DONE: "done",
    TransferState.EXISTS: "already there",
    TransferState.MOUNTED: "already there, in another repository",
}


class View(Protocol):
    """Shows transfers as they go on; called with one event at a time."""

    def __call__(self, event: TransferEvent) -> None:
        """Take in one event."""


class Lines:
    """One plain line for each blob that has arrived or has to start again.

    Args:
        done: the word for a blob that was transferred, such as `sent`.
    """

    def __init__(self, done: str) -> None:
        self._words = {**FINAL, TransferState.DONE: done}

    def __call__(self, event: TransferEvent) -> None:
        """Print the line of a blob whose state says something."""
        what = f"  {event.kind:<8}  {units.short_digest(event.digest)}  {units.size(event.total):>9}"
        if event.state in self._words:
            terminal.log(f"{what}  {self._words[event.state]}")
        elif event.state is TransferState.RETRYING:
            terminal.log(f"{what}  interrupted, once more")


class Bar:
    """One bar for all blobs together: bytes, speed, and how many layers have arrived."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 only a terminal pays for rich
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TransferSpeedColumn,
        )

        self._events: dict[str, TransferEvent] = {}
        self.progress = Progress(
            BarColumn(bar_width=None),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[arrived]}/{task.fields[blobs]} layers"),
            console=Console(stderr=True),
            transient=True,
            expand=True,
        )
        self._task = self.progress.add_task("", total=None, arrived=0, blobs=0)

    def __call__(self, event: TransferEvent) -> None:
        """Move the bar."""
        self._events[event.digest] = event
        layers = [seen for seen in self._events.values() if seen.kind == "layer"]
        self.progress.update(
            self._task,
            total=sum(seen.total for seen in self._events.values()),
            completed=sum(seen.done for seen in self._events.values()),
            arrived=sum(seen.state in FINAL for seen in layers),
            blobs=len(layers),
        )


@contextlib.contextmanager
def shown(title: str, done: str) -> Iterator[View]:
    """Show transfers on stderr while the block runs.

    Args:
        title: what is going on, such as `pushing localhost:5000/a/b:v1`.
        done: the word for a blob that was transferred, such as `sent`.

    Yields:
        What takes the events.
    """
    terminal.log(title)
    if terminal.is_terminal(sys.stderr):
        bar = Bar()
        with bar.progress:
            yield bar
    else:
        yield Lines(done)
