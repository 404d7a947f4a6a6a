"""One go of a run: what is done, with what, where its files lie, and what earlier goes of it have finished."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from kfp.engine.addresses import is_store
from kfp.engine.continuing.earlier import Earlier
from kfp.engine.flow.references import RunConstants
from kfp.engine.flow.values import Values, root_values
from kfp.engine.layout import RunPaths
from kfp.engine.planning.plan import Dag, Plan, Task, tasks_within
from kfp.engine.platforms.unread import unread_notice
from kfp.engine.records.record import RunRecord
from kfp.engine.running.interrupts import interrupts
from kfp.engine.running.loop import Loop
from kfp.engine.settings import RunSettings
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kfp.engine.events import Event
    from kfp.engine.records.recorder import Recorder
    from kfp.engine.result import RunResult
    from kfp.engine.step import Executor


class Job(msgspec.Struct, frozen=True):
    """A run that is about to be done.

    Args:
        plan: what is done.
        inputs: the root's.
        settings: how it is done.
        record: what the store knows of it.
        paths: its directories.
        constants: what placeholders that are names on their own stand for.
        notices: what its user should know of the whole of it.
        earlier: what earlier goes of it have finished; None where this is the first.
    """

    plan: Plan
    inputs: Values
    settings: RunSettings
    record: RunRecord
    paths: RunPaths
    constants: RunConstants
    notices: tuple[str, ...] = ()
    earlier: Earlier | None = None

    @classmethod
    def of(
        cls,
        plan: Plan,
        settings: RunSettings,
        record: RunRecord,
        paths: RunPaths,
        *,
        notices: Iterable[str] = (),
        earlier: Earlier | None = None,
    ) -> Job:
        """Put together a job; see the class.

        Raises:
            RunError: an artifact argument is none.
        """
        inputs = root_values(plan.root.component, record.arguments)
        created = f"{datetime.fromtimestamp(record.created_at, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        workspace = settings.workspace
        if workspace is None and plan.config.workspace is not None:
            workspace = paths.directory / "workspace"
        times = [seconds for seconds in (settings.timeout, plan.config.active_deadline_seconds) if seconds]
        settings = replace(settings, timeout=min(times, default=None))
        constants = RunConstants(record.id, record.name, created, paths.uri, workspace)
        unread = unread_notice(steps_of(plan.root), plan.config, in_containers=settings.runner != "process")
        told = (*((unread,) if unread is not None else ()), *notices)
        return cls(plan, inputs, settings, record, paths, constants, told, earlier)

    def check_places(self) -> None:
        """Refuse what no step could reach: an object store without its client, a pipeline root that takes nothing.

        Raises:
            RunError: there is such a place.
        """
        uris = [self.paths.root, *(each.uri for group in self.inputs.artifacts.values() for each in group)]
        uris += [str(task.importer.artifact_uri.constant) for task in tasks_within(self.plan.root) if task.importer]
        if any(map(is_store, uris)):
            from kfp.engine.artifacts.reach import check_reach  # noqa: PLC0415 - few runs have artifacts elsewhere

            check_reach(uris, self.paths.root)

    def make_places(self) -> None:
        """Make its directories, and those that steps share.

        Raises:
            RunError: the disk refuses.
        """
        try:
            self.paths.directory.mkdir(parents=True, exist_ok=True)
            self.paths.artifacts.mkdir(parents=True, exist_ok=True)
            if self.constants.workspace is not None:
                self.constants.workspace.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = f"the run's directory cannot be made: {error}"
            raise RunError(told, hint="check the disk and its rights, or set KFP_HOME") from error

    def do(self, executor: Executor, recorder: Recorder, on_event: Callable[[Event], None] | None) -> RunResult:
        """Do it to the end; the caller holds the run's lock.

        Args:
            executor: runs the steps.
            recorder: where records go.
            on_event: is told what happens.
        """
        loop = Loop(self, executor, on_event or _silent, recorder)
        with interrupts(lambda number: loop.stop("the run was canceled", number)):
            return loop.execute()


def steps_of(dag: Dag) -> Iterator[Task]:
    """Yield the tasks that run a container's command, those of each DAG component once."""
    return (task for task in tasks_within(dag) if task.container is not None)


def _silent(_: Event) -> None:
    """Tell nobody."""
