"""Makes the executor that a run's settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.engine.artifacts.staging import StagingExecutor
from kfp.engine.caching.executor import CachingExecutor
from kfp.engine.executors.images import Images
from kfp.engine.platforms.executor import PlatformExecutor

if TYPE_CHECKING:
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor


def choose_executor(settings: RunSettings) -> Executor:
    """Return what runs the steps that the cache does not know.

    Raises:
        EngineUnavailable: steps are to run in containers, and no container engine answers, or the machine does not
            let this user make containers.
        RunError: a container option is unknown.
    """
    images = Images(settings.home)
    given = PlatformExecutor(_runner(settings, images), settings)
    staging = StagingExecutor(given, settings.home, processes=settings.runner == "process")
    return CachingExecutor(staging, settings, images)


def _runner(settings: RunSettings, images: Images) -> Executor:
    """Return what runs the steps.

    Raises:
        EngineUnavailable: steps are to run in containers, and no container engine answers, or the machine does not
            let this user make containers.
        RunError: a container option is unknown.
    """
    if settings.runner == "runc":
        from kfp.engine.executors.oci.executor import RuncExecutor  # noqa: PLC0415 - a run needs one of them

        return RuncExecutor(settings, images=images)
    if settings.runner == "container":
        from kfp.engine.executors.container import ContainerExecutor  # noqa: PLC0415 - a run needs one of them

        return ContainerExecutor(settings, images=images)
    from kfp.engine.executors.process import ProcessExecutor  # noqa: PLC0415

    return ProcessExecutor(settings, images=images)
