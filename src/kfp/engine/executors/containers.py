"""What runs the steps of a process runner that are no Python components: docker or podman, else the OCI runtime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kfp.engine.executors.container import ContainerExecutor
from kfp.errors import EngineUnavailable
from kfp.images.engine import CHOICE

if TYPE_CHECKING:
    from kfp.engine.executors.images import Images
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor


def container_executor(settings: RunSettings, images: Images, task: str) -> Executor:
    """Return what runs containers here.

    Args:
        settings: of the run.
        images: where images are looked up.
        task: a task that needs a container, for the error.

    Raises:
        EngineUnavailable: neither a container engine answers, nor can containers be made without one.
    """
    try:
        return ContainerExecutor(settings, images=images)
    except EngineUnavailable as error:
        from kfp.engine.executors.oci.executor import RuncExecutor  # noqa: PLC0415 - only where there is no engine
        from kfp.engine.executors.oci.machine import has_runtime  # noqa: PLC0415

        told = f"task {task!r} runs a command of its own in a container, and {error.message}"
        if CHOICE in os.environ or not has_runtime():
            raise EngineUnavailable(told, hint=error.hint) from error
        try:
            return RuncExecutor(settings, images=images)
        except EngineUnavailable as other:
            raise EngineUnavailable(f"{told}; {other.message}", hint=error.hint) from other
