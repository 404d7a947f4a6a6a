"""Containers of steps, through the command line of docker or podman: ended and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.images.engine import find_engine

if TYPE_CHECKING:
    from kfp.images.engine import ContainerEngine

_OTHERWISE = "run Python components as processes (SubprocessRunner, --runner process)"


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


def remove(engine: ContainerEngine, container: str) -> None:
    """Remove a container, running or not; it may be gone already."""
    engine.ask(*removal(engine)[1:], container)
