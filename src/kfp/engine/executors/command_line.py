"""The command of a step in a container: what replaces the image's own, what fits into no argument; and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.layout import path_name
from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.engine.step import Step

_LONGEST = 128 * 1024 - 1  # bytes of one argument or variable, in Linux (MAX_ARG_STRLEN)
_LONG = 100_000
_PLACEHOLDER = "{{$}}"


def container_name(step: Step) -> str:
    """Return the name of a step's container: no two attempts that run at the same time share one."""
    return f"kfp-{step.run_id[:8]}-{path_name(step.task).replace('~', '-')}-{step.attempt}"


def step_args(step: Step) -> list[str]:
    """Return a step's arguments.

    Raises:
        RunError: one of them is longer than the system takes.
    """
    if step.python is None:
        args = list(step.args)
    else:
        # A long text does not fit into an argument; our own runtime reads it from the mounted file.
        is_long = len(step.executor_input.encode()) > _LONG
        told = f"@{step.paths.executor_input}" if is_long else step.executor_input
        args = [told if argument == _PLACEHOLDER else argument for argument in step.args]
    words = {**dict.fromkeys([*step.command, *args], "an argument")}
    words.update({f"{key}={value}": f"the variable {key}" for key, value in step.environment.items()})
    for word, what in words.items():
        if len(word) > _LONGEST // 4 and len(word.encode("utf-8", "surrogateescape")) > _LONGEST:
            raise RunError(
                f"{what} of task {step.task!r} has more than the 128 KiB that a command can take",
                hint="pass large values as artifacts",
            )
    return args
