"""Who looks on while a run runs: a terminal, a log, a file for programs."""

# ruff: noqa: PLC0415 -- what is not looked with is not loaded: start-up time

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import click

from kfp.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kfp.engine.events import Event

    class Looker(Protocol):
        """Takes a run's events."""

        def __call__(self, event: Event, at: float | None = None, /) -> None:
            """Take one, which was at a time on the clock of `time.monotonic`, or is now."""


Progress: TypeAlias = Literal["auto", "live", "plain", "none"]


def progress_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take `--progress`."""
    return click.option(
        "--progress",
        type=click.Choice(["auto", "live", "plain", "none"]),
        default="auto",
        show_default=True,
        help="What stderr shows: a tree that moves, every line that steps write, nothing; by itself the tree on "
        "terminals and lines elsewhere.",
    )(function)


def events_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take `--events`."""
    return click.option(
        "--events",
        "events_file",
        type=click.Path(dir_okay=False, allow_dash=False),
        metavar="FILE",
        help="Write everything that happens to this file as well, as lines of JSON.",
    )(function)


def is_live(progress: Progress) -> bool:
    """Tell whether a run is shown as a tree that moves."""
    return progress == "live" or (progress == "auto" and terminal.is_terminal(sys.stderr))


@contextlib.contextmanager
def watching(
    progress: Progress, events_file: str | Path | None = None, column: int = 0, *, is_ours: bool = True
) -> Iterator[Looker]:
    """Yield what a run's events are given to, each with its time on the clock of `time.monotonic`, or None for now.

    Args:
        progress: how they are shown.
        events_file: a file that they are written to as well.
        column: how wide the column of task names is where lines are written.
        is_ours: whether this process runs the run.

    Raises:
        OSError: the file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        lookers: list[Looker] = []
        if is_live(progress):
            from kfp.cli.runs.live import LiveView

            lookers.append(stack.enter_context(LiveView(is_ours=is_ours)))
        elif progress != "none":
            from kfp.cli.runs.stream import Stream

            lookers.append(Stream(column))
        if events_file is not None:
            from kfp.cli.runs.event_file import EventFile

            lookers.append(stack.enter_context(EventFile(events_file)))
        if len(lookers) == 1:
            yield lookers[0]
        else:
            yield lambda event, at=None: _tell(lookers, event, at)


def _tell(lookers: list[Looker], event: Event, at: float | None) -> None:
    for looker in lookers:
        looker(event, at)
