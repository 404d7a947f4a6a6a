"""Shows a run while it goes on: its tree on a terminal, a line for each event elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from itertools import islice
from typing import TYPE_CHECKING

from kfp.cli import terminal
from kfp.cli.cells import Line, paint, plain
from kfp.cli.runs.lines import final, live
from kfp.cli.runs.live_region import Region
from kfp.cli.runs.log_tail import unfinished_line
from kfp.cli.runs.signs import Signs
from kfp.cli.runs.tree import Tree
from kfp.engine import events

if TYPE_CHECKING:
    from types import TracebackType

_SECONDS_BETWEEN_FRAMES = 0.1
_FRAMES_BETWEEN_LOOKS = 4
_MOST_LISTENED_TO = 16
_MOST_TIME_SPENT = 0.05  # the share of the time that drawing may take


class LiveView:
    """Draws a run at the bottom of the terminal behind stderr; at the end its tree stays there.

    It is called with the events and used as a context; several threads may call.

    Args:
        is_ours: whether this process runs the run.
    """

    def __init__(self, *, is_ours: bool = True) -> None:
        self._tree = Tree(is_ours=is_ours)
        self._lock = threading.Lock()
        self._region = Region(sys.stderr, colour=terminal.has_colour(sys.stderr))
        self._signs = Signs.for_encoding(sys.stderr.encoding)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw_on, name="kfp-view", daemon=True)
        self._stack = contextlib.ExitStack()
        self._noted = 0

    def __enter__(self) -> LiveView:
        """Return itself."""
        self._stack.enter_context(self._region.held())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Take the lines away; after a run the final tree takes their place."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        above = self._news()
        self._stack.close()
        columns, _lines = self._region.size()
        for line in [*above, *(final(self._tree, columns, self._signs) if error is None else [])]:
            terminal.log(paint(line, colour=True))

    def __call__(self, event: events.Event, at: float | None = None) -> None:
        """Take an event in.

        Args:
            event: what happened.
            at: when, in seconds of `time.monotonic`; None is now.
        """
        with self._lock:
            self._tree.take(event, time.monotonic() if at is None else at)
        if isinstance(event, events.RunStarted):
            terminal.log(f"run {event.run_id} of {event.pipeline}, experiment {event.experiment}")
            self._thread.start()

    def _draw_on(self) -> None:
        pause, frames = _SECONDS_BETWEEN_FRAMES, 0
        while not self._over.wait(pause):
            began = time.perf_counter()
            if frames % _FRAMES_BETWEEN_LOOKS == 0:
                self._listen()
            frames += 1
            columns, lines = self._region.size()
            with self._lock:
                above = self._news()
                frame = live(self._tree, time.monotonic(), columns, lines - 1, self._signs)
            self._region.draw(frame, above)
            spent = time.perf_counter() - began
            pause = max(_SECONDS_BETWEEN_FRAMES, spent / _MOST_TIME_SPENT)

    def _listen(self) -> None:
        """Let steps say what stands at the end of their logs: progress bars are lines that do not end."""
        with self._lock:
            running = list(islice(self._tree.running.values(), _MOST_LISTENED_TO))
        heard = [(node, unfinished_line(node.log)) for node in running if node.log is not None]
        with self._lock:
            for node, line in heard:
                if line and node.path in self._tree.running:
                    self._tree.say(node, line)

    def _news(self) -> list[Line]:
        """Return the notices that were not shown yet."""
        told = list(self._tree.notices)[self._noted :]
        self._noted += len(told)
        return [[("note", "cyan"), (f": {plain(text)}", "")] for text in told]
