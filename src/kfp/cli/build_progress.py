"""A build as it goes on: a line for each event, and on terminals what is going on for which image and platform."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.cli import terminal, transfer
from kfp.cli.activity import Activity
from kfp.cli.pipeline_file import shown
from kfp.images.distribution.progress import TransferEvent
from kfp.units import size

if TYPE_CHECKING:
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference

_PHASES = {"packages": "choosing packages", "layers": "building layers"}


class Progress:
    """Writes the events of a build to stderr, a line each; on a terminal, rows and bars below them move.

    Args:
        several_platforms: whether lines have to say which platform they are about.

    Attributes:
        stored: the names of the images that are built so far.
    """

    def __init__(self, *, several_platforms: bool = False) -> None:
        self._several_platforms = several_platforms
        self._targets: set[Reference] = set()
        self._stack = contextlib.ExitStack()
        self._activity = Activity() if terminal.is_terminal(sys.stderr) else None
        self._view: transfer.View | None = None
        self.stored: list[str] = []

    def __enter__(self) -> Progress:
        """Return itself; leaving takes what moves from the terminal."""
        return self

    def __exit__(self, *_: object) -> None:
        self._still()

    def __call__(self, event: events.BuildEvent) -> None:
        """Write one event."""
        if isinstance(event, TransferEvent):
            if self._view is not None:
                self._view(event)
        elif isinstance(event, events.ImageStored):
            self.stored.append(event.reference.familiar)
        elif isinstance(event, events.PushStarted):
            self._still()
            self._view = self._stack.enter_context(transfer.shown(f"pushing {event.reference.familiar}", "sent"))
        elif isinstance(event, (events.ImagePushed, events.FilesWritten)):
            self._still()
        else:
            self._move(event)
            self._tell(event)

    def _still(self) -> None:
        self._stack.close()
        self._view = None
        if self._activity is not None:
            self._activity.close()

    def _move(self, event: events.BuildEvent) -> None:
        """Let the row of an image and platform say what it is at."""
        if self._activity is None:
            return
        if isinstance(event, events.PhaseStarted):
            self._activity.show(self._row(event.target, event.platform), _PHASES[event.phase])
        elif isinstance(event, events.PlatformBuilt):
            self._activity.show(self._row(event.target, event.platform), "built", done=True)

    def _row(self, target: Reference, platform: Platform) -> str:
        return f"{target.familiar}  {platform}" if self._several_platforms else target.familiar

    def _about(self, target: Reference, platform: Platform) -> str:
        """Say what a line is about, where it could be about something else."""
        words = [
            *([target.familiar] if len(self._targets) > 1 else []),
            *([str(platform)] if self._several_platforms else []),
        ]
        return f"  ({', '.join(words)})" if words else ""

    def _tell(self, event: events.BuildEvent) -> None:
        log = terminal.log if self._activity is None else self._activity.log
        if isinstance(event, events.ComponentFound):
            self._targets.add(event.target)
            log(f"component {event.function_name} ({shown(event.path)}) for {event.target.familiar}")
        elif isinstance(event, events.PackagesLocked):
            log(f"packages {', '.join(event.packages)}{self._about(event.target, event.platform)}")
        elif isinstance(event, events.LayerBuilt):
            if event.kind == "packages" and not event.cached:
                log(f"layer {event.summary} ({size(event.size)}){self._about(event.target, event.platform)}")
        elif isinstance(event, events.EngineSaid):
            if event.line:
                log(f"  {event.line}")
        else:
            _remark(event)


def _remark(event: events.BuildEvent) -> None:
    """Write what is told at the beginning, if it has to be."""
    if isinstance(event, events.FilesLeftOut):
        terminal.note(
            f"left out of the image, since they look like secrets: {', '.join(event.paths)}; "
            f"a line in .dockerignore takes one in: !{event.paths[0].rstrip('/')}"
        )
    elif isinstance(event, events.SecretsExposed):
        terminal.warn(
            f"look like secrets, and the Dockerfile may copy them: {', '.join(event.paths)}; "
            "name them in .dockerignore to leave them out"
        )
    elif isinstance(event, events.PackagesDeclared):
        others = f"; {' and '.join(event.passed_over)} beside it does not count" if event.passed_over else ""
        terminal.log(f"packages from {shown(event.path)}{others}")
    elif isinstance(event, events.EngineStarted):
        terminal.log(f"building {event.target.familiar} from {shown(event.dockerfile)} with {event.engine}")
    else:
        _conclude(event)


def _conclude(event: events.BuildEvent) -> None:
    """Write what is told at the end: where images went besides."""
    if isinstance(event, events.OutputStarted):
        terminal.log(f"{event.reference.familiar} goes to {event.goal}")
    elif isinstance(event, events.EngineLoaded):
        terminal.log(f"{event.engine} {'has' if event.given else 'had'} {event.reference.familiar}")
    elif isinstance(event, events.ArchiveWritten):
        terminal.log(f"wrote {shown(event.path)}")
    elif isinstance(event, events.ArtifactsRefused):
        terminal.warn(f"{event.reference.familiar} was pushed without bill of materials and provenance: {event.reason}")
