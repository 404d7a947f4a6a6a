"""Volumes for steps that are processes: a step starts in a mount namespace of its own, where the machine allows it."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kfp.engine.step import Step

_SYSTEM = ("/proc", "/sys", "/dev", "/bin", "/sbin", "/lib", "/lib64", "/usr/bin", "/usr/lib")
_OTHERWISE = "run the steps in containers: --runner container, DockerRunner"
_SECONDS = 20.0
_PROGRAM = Path(__file__).absolute().with_name("mounting.py")


@contextlib.contextmanager
def in_places(step: Step, command: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the command that runs a step's command with the step's mounts at their places.

    Raises:
        RunError: a mount hides one of the step's artifacts.
        OSError: the disk refuses.
    """
    if not step.mounts:
        yield command
        return
    _refuse_hidden(step.task, [each.target for each in step.mounts], step.shared)
    staging = step.paths.directory / "mounts"
    staging.mkdir(exist_ok=True)
    try:
        mounts = [[str(each.source), each.target, each.read_only] for each in step.mounts]
        yield [*_program(json.dumps({"mounts": mounts, "staging": str(staging)})), *command]
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def require_places(task: str, targets: Iterable[str], needed: Iterable[Path]) -> None:
    """Refuse volumes that a process cannot have here.

    Args:
        task: the task, for the error.
        targets: where it wants them.
        needed: what a step must see where it is.

    Raises:
        RunError: the machine lets this user mount nothing, or a volume would hide what the step needs.
    """
    _refuse_hidden(task, targets, [*needed, *map(Path, _SYSTEM)])
    said = _why_not()
    if said is not None:
        raise RunError(
            f"task {task!r} mounts a volume, and a process cannot have one on this machine: {said}", hint=_OTHERWISE
        )


def _refuse_hidden(task: str, targets: Iterable[str], needed: Sequence[Path]) -> None:
    for target in targets:
        hidden = next((each for each in needed if each.is_relative_to(target)), None)
        if hidden is not None:
            raise RunError(f"task {task!r} mounts a volume at {target}, which would hide {hidden}", hint=_OTHERWISE)


@functools.cache
def _why_not() -> str | None:
    """Return why processes cannot have mounts of their own here, None where they can."""
    if sys.platform != "linux":
        return "it takes Linux"
    with tempfile.TemporaryDirectory(prefix="kfp-") as directory:
        for name in ("source", "staging"):
            Path(directory, name).mkdir()
        mounts = [[f"{directory}/source", f"{directory}/target", True]]
        words = _program(json.dumps({"mounts": mounts, "staging": f"{directory}/staging"}))
        try:
            asked = subprocess.run(words, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    return None if asked.returncode == 0 else asked.stderr.strip().rpartition("\n")[2]


def _program(plan: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(_PROGRAM), plan]
