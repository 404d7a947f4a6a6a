"""The command `docker run` or `podman run` of a step, and the environment of that client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from kfp.engine.executors.command_line import step_args
from kfp.engine.executors.leftovers import STEP_ID
from kfp.engine.executors.mounts import step_mounts
from kfp.engine.executors.options import entrypoint, run_options
from kfp.engine.executors.variables import inherited_variables, refuse_strange
from kfp.engine.scheduling.capacity import machine
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.engine.planning.limits import Limits
    from kfp.engine.scheduling.resources import Request
    from kfp.engine.step import Mount, Step
    from kfp.images.engine import ContainerEngine
    from kfp.ir.spec import Json

RUN_LABEL = "skiff.run"
"""The label of a step's container: its run."""

_SMALLEST_MEMORY = 6 * 1024**2  # docker takes no less
_SMALLEST_CPU = 0.01
_CLIENT = ("DOCKER_", "BUILDKIT_", "CONTAINER", "PODMAN_", "XDG_", "LD_", "GO", "SSL_", "http", "HTTP", "NO_PROXY")
_SECRETS = "secrets.env"


class RunCommand(msgspec.Struct, frozen=True):
    """How a step's container is run.

    Args:
        words: the client's command line; no secret stands in it.
        environment: the client's environment.
        file: the secret variables that the client reads from a file, whose content this is.
    """

    words: tuple[str, ...]
    environment: Mapping[str, str]
    file: str = ""

    def write(self, directory: Path) -> Path | None:
        """Write the file with the secret variables, for this user alone; None where there is none."""
        if not self.file:
            return None
        path = directory / _SECRETS
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(self.file)
        return path


def run_command(
    engine: ContainerEngine,
    step: Step,
    options: Mapping[str, Json],
    *,
    name: str,
    image: str,
    has: Request | None = None,
) -> RunCommand:
    """Return the command of a step's container.

    Args:
        engine: docker or podman.
        step: what runs in it.
        options: of the run, by docker-py's names; they win over what the step's limits say.
        name: the container's.
        image: the name by which the engine knows the image.
        has: what the machine has; None asks it.

    Raises:
        RunError: an argument or a variable is nothing that a process can be given.
    """
    refuse_strange({**step.environment, **step.secrets}, step.task)
    args = step_args(step)
    words = [engine.program, "run", "--rm", "--name", name, "--label", f"{RUN_LABEL}={step.run_id}"]
    for mount in step_mounts(step):
        words += ["--mount", _mount(mount)]
    words += ["--user", step.user] if step.user else []
    words += [*limit_options(step.limits, has or machine(), podman=engine.is_podman), *run_options(options)]
    for key, value in {**step.environment, STEP_ID: step.id}.items():
        if key not in step.secrets:
            words += ["--env", f"{key}={value}"]
    environment, lines = {**inherited_variables(), STEP_ID: step.id}, []
    for key, value in step.secrets.items():
        if key in environment or key.startswith(_CLIENT):  # it would change what the client itself does
            lines.append(_line(key, value))
        else:
            words += ["--env", key]
            environment[key] = value
    if lines:
        words += ["--env-file", str(step.paths.directory / _SECRETS)]
    start = entrypoint(options)
    command = [*start, *step.command]
    if command:
        words += ["--entrypoint", command[0]]
    return RunCommand((*words, image, *command[1:], *args), environment, "".join(lines))


def limit_options(limits: Limits, has: Request, *, podman: bool) -> list[str]:
    """Return the options for a step's limits, as far as the machine has what they say.

    Args:
        limits: of the step.
        has: what the machine has.
        podman: whether podman is told, not docker.
    """
    words: list[str] = []
    if limits.cpu:
        words += ["--cpus", f"{max(_SMALLEST_CPU, min(limits.cpu, has.cpu / 1000)):g}"]
    memory = max(limits.memory, _SMALLEST_MEMORY) if limits.memory else 0
    if memory:
        words += ["--memory", str(memory)]
    if limits.cpu_request:
        words += ["--cpu-shares", str(max(2, round(limits.cpu_request * 1024)))]
    if limits.memory_request:
        reserved = max(limits.memory_request, _SMALLEST_MEMORY)
        words += ["--memory-reservation", str(min(reserved, memory) if memory else reserved)]
    accelerators = min(limits.accelerators, has.accelerators)
    if accelerators and podman:
        words += [word for number in range(accelerators) for word in ("--device", f"nvidia.com/gpu={number}")]
    elif accelerators:
        words += ["--gpus", str(accelerators)]
    return words


def _mount(mount: Mount) -> str:
    """Return `--mount`'s comma-separated value, quoted as CSV where a path holds a comma or a quote."""
    parts = ["type=bind", f"source={mount.source}", f"target={mount.target}"]
    parts += ["readonly"] if mount.read_only else []
    return ",".join('"' + part.replace('"', '""') + '"' if set(part) & {",", '"', "\n"} else part for part in parts)


def _line(key: str, value: str) -> str:
    if "\n" in value or "\r" in value or key.startswith("#") or key != key.strip():
        raise RunError(
            f"the secret variable {key!r} has several lines, which no container can be given under this name",
            hint="give the variable another name, or mount the secret as a file",
        )
    return f"{key}={value}\n"
