"""What changed between two builds, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from kfp import units
from kfp.cli import terminal

if TYPE_CHECKING:
    from kfp.build.explain import Change, Explanation
    from kfp.images.reference import Reference

_SHOWN = 12
"""Differences of one part that people get to see; JSON has all of them."""


def show(reference: Reference, explanation: Explanation) -> None:
    """Print to stdout why an image is not what its last build but one made it.

    Args:
        reference: its name.
        explanation: of the newest build.
    """
    build, before = explanation.build, explanation.before
    terminal.data(click.style(reference.familiar, bold=True))
    terminal.data(f"  built      {_when(build.last)}, from {build.directory}")
    if build.count > 1:
        times = "the last build" if build.count == 2 else f"the last {build.count - 1} builds"  # noqa: PLR2004 (one more)
        terminal.data(f"  unchanged  by {times}: the image is that of {_when(build.first)}")
    if before is None:
        terminal.data("  no other image was built under this name before, as far as is recorded")
        return
    what = explanation.name or "the build before that"
    terminal.data(f"  compared   with {what}, {_when(before.last)}")
    for platform in explanation.platforms:
        if len(explanation.platforms) > 1 or platform.new or explanation.gone:
            terminal.data(f"  {click.style(platform.platform, bold=True)}{' (new)' if platform.new else ''}")
        for change in platform.parts:
            _show_part(change)
    for name in explanation.gone:
        terminal.data(f"  {name} is gone")


def _show_part(change: Change) -> None:
    label = click.style(change.part.ljust(9), dim=True)
    if not change.changed:
        terminal.data(f"    {label}  same")
        return
    layers = ""
    if change.layers:
        layers = f"{change.new_layers} of {change.layers} layer{'s' * (change.layers > 1)} new"
        layers += f" ({units.size(change.size)})" if change.new_layers else ""
    lines = [str(difference) for difference in change.differences[:_SHOWN]]
    hidden = len(change.differences) - len(lines)
    lines += [f"and {hidden} more"] if hidden else []
    first, *others = [text for text in (layers, *lines) if text]
    terminal.data(f"    {label}  {first}")
    for line in others:
        terminal.data(f"    {'':9}  {line}")


def to_json(reference: Reference, explanation: Explanation) -> dict[str, Any]:
    """Return what `show` prints, with every difference."""
    build, before = explanation.build, explanation.before
    return {
        "name": reference.familiar,
        "built": build.last,
        "directory": build.directory,
        "digest": build.digest,
        "unchanged_builds": build.count - 1,
        "unchanged_since": build.first,
        "before": None
        if before is None
        else {
            "name": explanation.name or reference.familiar,
            "built": before.last,
            "digest": before.digest,
            "base": before.base,
        },
        "platforms": [
            {
                "platform": platform.platform,
                "new": platform.new,
                "changes": [_part_json(change) for change in platform.parts if change.changed],
            }
            for platform in explanation.platforms
        ]
        if before is not None
        else [],
        "gone": list(explanation.gone),
    }


def _part_json(change: Change) -> dict[str, Any]:
    return {
        "part": change.part,
        "layers": change.layers,
        "new_layers": change.new_layers,
        "size": change.size,
        "differences": [asdict(difference) for difference in change.differences],
    }


def _when(text: str) -> str:
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S} ({units.age(when)})"
