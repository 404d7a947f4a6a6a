"""The volumes of one attempt of a step: directories made for it and gone with it, and those of claims."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kfp.engine.layout import path_name
from kfp.engine.step import Mount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.engine.executors.guard import Guard
    from kfp.engine.platforms.claims import Claims
    from kfp.engine.platforms.named import Named
    from kfp.engine.platforms.reading import Kind, Settings
    from kfp.engine.step import Step

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it, which others cannot enter
_SHARED = 0o777
_READ_ONLY_FILE, _READ_ONLY_DIRECTORY = 0o444, 0o755


class Volumes(NamedTuple):
    """The volumes of one attempt.

    Attributes:
        mounts: where the step sees them.
        lasting: the directories that outlive it.
        away: takes those away that are the attempt's own.
    """

    mounts: tuple[Mount, ...]
    lasting: tuple[Path, ...]
    away: contextlib.ExitStack


def make_volumes(settings: Settings, step: Step, named: Mapping[Kind, Named], claims: Claims, guard: Guard) -> Volumes:
    """Make the volumes of a step.

    Args:
        settings: says which.
        step: the attempt.
        named: the values of secrets and ConfigMaps.
        claims: the directories of claims.
        guard: takes secrets away where this process cannot.

    Raises:
        RunError: a volume cannot be had.
        OSError: the disk refuses.
    """
    with contextlib.ExitStack() as stack:
        mounts: list[Mount] = []
        for number, each in enumerate(settings.files):
            values = named[each.kind].all(each.name.text or "") or {}
            directory = _private(stack, guard) / str(number)
            _fill(directory, values)
            mounts.append(Mount(directory, each.path, read_only=True))
        for number, scratch in enumerate(settings.scratch):
            if scratch.in_memory:
                directory = _private(stack, guard) / path_name(scratch.name)
            else:
                own = step.paths.directory / "volumes"
                stack.callback(shutil.rmtree, own, ignore_errors=True)
                directory = own / f"{number}-{path_name(scratch.name)}"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            directory.chmod(_SHARED)
            mounts.append(Mount(directory, scratch.path))
        claimed = [Mount(claims.directory(it.name.text or "", it.sub_path), it.path) for it in settings.claims]
        return Volumes((*mounts, *claimed), tuple(each.source for each in claimed), stack.pop_all())


def _private(stack: contextlib.ExitStack, guard: Guard) -> Path:
    """Make a directory that nobody else enters, in memory where the machine has such."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    made = Path(tempfile.mkdtemp(prefix="kfp-", dir=where))
    stack.callback(shutil.rmtree, made, ignore_errors=True)
    stack.enter_context(guard.directory(made))
    return made


def _fill(directory: Path, values: Mapping[str, bytes]) -> None:
    """Write a file for each key; keys are names of files (Kubernetes allows letters, digits, `-`, `_` and `.`)."""
    directory.mkdir()
    for key, value in values.items():
        if "/" in key or "\0" in key or key in ("", ".", ".."):
            continue
        file = directory / key
        file.write_bytes(value)
        file.chmod(_READ_ONLY_FILE)
    directory.chmod(_READ_ONLY_DIRECTORY)
