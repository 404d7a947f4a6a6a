"""What a step's container sees of this machine: the step's directories where they lie, and what it is given besides."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.engine.step import Mount

if TYPE_CHECKING:
    from kfp.engine.step import Step

_EVERYBODY = 0o777


def step_mounts(step: Step) -> list[Mount]:
    """Return the mounts of a step, without directories that lie inside another one of them."""
    wanted = [step.paths.directory, *(path if path.is_dir() else path.parent for path in step.shared)]
    outer: list[Path] = []
    for directory in sorted(set(wanted)):
        if directory.is_dir() and not any(each in directory.parents for each in outer):
            outer.append(directory)
    return [*(Mount(each, str(each)) for each in outer), *step.mounts]


def seen(step: Step, options: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the directories and files of this machine that a step's container has where they lie.

    Args:
        step: the step, before it starts: it may leave links in the place of its directories.
        options: of the container; its volumes count.
    """
    volumes = options.get("volumes") or {}
    pairs = (
        [(str(source), str(target.get("bind"))) for source, target in volumes.items()]
        if isinstance(volumes, Mapping)
        else [tuple(str(each).split(":")[:2]) for each in volumes]
    )
    mounts = [mount.source for mount in step_mounts(step) if str(mount.source) == mount.target]
    return (*mounts, *(Path(pair[0]) for pair in pairs if len(set(pair)) == 1))


def open_to_everybody(step: Step) -> None:
    """Let any user of the container write where the step writes: an image's user is mostly another than ours."""
    paths = step.paths
    for directory in (paths.directory, paths.scratch, paths.directory / "parameters", paths.artifacts):
        with contextlib.suppress(OSError):
            directory.chmod(_EVERYBODY)
