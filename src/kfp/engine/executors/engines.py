"""Containers of steps, through the command line of docker or podman: looked at, ended and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.executors.run_command import RUN_LABEL
from kfp.errors import EngineUnavailable
from kfp.images.engine import find_engine

if TYPE_CHECKING:
    from kfp.images.engine import ContainerEngine

_OTHERWISE = (
    "run steps in containers without a daemon (RuncRunner, --runner runc), or Python components as processes "
    "(SubprocessRunner, --runner process)"
)


def engine_for_steps() -> ContainerEngine:
    """Return the container engine of this machine.

    Raises:
        EngineUnavailable: there is none, or none answers.
    """
    return find_engine(otherwise=_OTHERWISE)


def removal(engine: ContainerEngine) -> tuple[str, ...]:
    """Return the command that removes the container whose name is added to it, running or not."""
    # Podman would first ask the container to stop, for ten seconds; docker does not know the option.
    return (engine.program, "rm", "--force", *(["--time", "0"] if engine.is_podman else []))


def stop(engine: ContainerEngine, container: str, seconds: float) -> None:
    """Have a container stop; it may be gone already."""
    engine.ask("stop", "--time", str(max(0, round(seconds))), container)


def remove(engine: ContainerEngine, *containers: str) -> None:
    """Remove containers, running or not; they may be gone already."""
    if containers:
        engine.ask(*removal(engine)[1:], *containers)


def image_user(engine: ContainerEngine, image: str) -> str:
    """Return the user that an image runs as, "" for root, or where the engine does not have it yet."""
    answer = engine.ask("image", "inspect", "--format", "{{.Config.User}}", image)
    return answer.stdout.strip() if answer.returncode == 0 else ""


def end_containers(run_id: str) -> int:
    """Remove the containers that a run has left with the machine's container engine.

    Args:
        run_id: the run, whose engine is dead.

    Returns:
        How many there were; 0 where no container engine answers.
    """
    try:
        engine = engine_for_steps()
    except EngineUnavailable:
        return 0
    left = engine.ask("ps", "--all", "--quiet", "--filter", f"label={RUN_LABEL}={run_id}").stdout.split()
    remove(engine, *left)
    return len(left)
