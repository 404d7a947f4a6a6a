"""Has settings for Kubernetes come true: an executor around the one that runs the steps."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kfp.engine.durable import durably, sync_changes
from kfp.engine.platforms.claims import Claims, ClaimStep, is_claim_step
from kfp.engine.step import StepEnd
from kfp.errors import SkiffError

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kfp.engine.executors.guard import Guard
    from kfp.engine.planning.plan import Task
    from kfp.engine.platforms.named import Named
    from kfp.engine.platforms.reading import Kind, Settings
    from kfp.engine.settings import RunSettings
    from kfp.engine.step import Executor, Handle, Report, Step


class PlatformExecutor:
    """Gives steps their variables, volumes and limits of time, and makes and deletes volume claims itself.

    Args:
        inner: runs the steps.
        settings: of the run.
    """

    def __init__(self, inner: Executor, settings: RunSettings) -> None:
        self._inner, self._settings = inner, settings
        self._claims = Claims(settings.home / "volumes", settings.volumes)
        self._lock = threading.Lock()
        self._named: Mapping[Kind, Named] | None = None
        self._guard: Guard | None = None

    def check(self, tasks: Iterable[Task]) -> Sequence[str] | None:
        """Refuse tasks whose secrets or ConfigMaps are not there, as far as their names are known.

        Raises:
            RunError: a value is missing; or as the executor inside says.
        """
        steps = [task for task in tasks if task.container is None or not is_claim_step(task.container.image)]
        for task in steps:
            if task.platform is not None:
                from kfp.engine.platforms.giving import require  # noqa: PLC0415 - few runs have such settings
                from kfp.engine.platforms.passing import own_settings  # noqa: PLC0415

                require(own_settings(task, task.platform), self._values(), task.name)
        return self._inner.check(steps)

    def start(self, step: Step, report: Report) -> Handle:
        """Start a step and return at once."""
        if is_claim_step(step.image):
            claim = ClaimStep(self._claims)
            claim.start(step, report)
            return claim
        if step.platform is None:
            return self._inner.start(step, report)
        try:
            return self._start(step, step.platform, report)
        except (SkiffError, OSError) as error:
            report.ended(StepEnd(error=str(error), final=True))
            return _Over()

    def close(self) -> None:
        """Let go of what is held."""
        if self._guard is not None:
            self._guard.close()
        self._inner.close()

    def _start(self, step: Step, settings: Settings, report: Report) -> Handle:
        from kfp.engine.platforms.giving import give  # noqa: PLC0415 - few runs have such settings

        given = give(settings, self._values(), step.task, step.id)
        step = replace(
            step,
            environment={**step.environment, **given.environment},
            secrets=given.secrets,
            user=settings.user,
            timeout=settings.timeout or step.timeout,
        )
        if not settings.has_volumes:
            return self._inner.start(step, report)
        from kfp.engine.platforms.volumes import make_volumes  # noqa: PLC0415

        volumes = make_volumes(settings, step, self._values(), self._claims, self._guarding())
        with volumes.away as away:
            step = replace(step, mounts=(*step.mounts, *volumes.mounts))
            return self._inner.start(step, _Settling(report, volumes.lasting, away.pop_all()))

    def _values(self) -> Mapping[Kind, Named]:
        from kfp.engine.platforms.named import Named  # noqa: PLC0415

        with self._lock:
            if self._named is None:
                given = self._settings
                self._named = {
                    "secret": Named("secret", given.secrets),
                    "configMap": Named("configMap", given.config_maps),
                }
            return self._named

    def _guarding(self) -> Guard:
        from kfp.engine.executors.guard import Guard  # noqa: PLC0415

        with self._lock:
            if self._guard is None:
                self._guard = Guard()
            return self._guard


class _Over:
    def cancel(self, *, force: bool = False) -> None:
        """Nothing runs."""


class _Settling:
    """Before the end of an attempt is told, takes its own volumes away and has those that last on the disk."""

    def __init__(self, report: Report, lasting: Sequence[Path], away: contextlib.ExitStack) -> None:
        self._report, self._lasting, self._away = report, lasting, away
        self._since = time.time()

    def line(self, text: str) -> None:
        self._report.line(text)

    def ended(self, end: StepEnd) -> None:
        self._away.close()
        self._report.ended(durably(end, "the step's volumes", self._sync))

    def _sync(self) -> None:
        for directory in self._lasting:
            sync_changes(directory, self._since)
