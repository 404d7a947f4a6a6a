"""Which run and which task of it somebody means."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import click

    from kfp.engine.records.record import RunRecord, TaskRecord
    from kfp.engine.records.store import Store

LATEST = "latest"
_RUN_HELP = (
    "RUN_ID is a run's identifier, an unambiguous beginning of it, the run's name where only one run has it, or "
    f"`{LATEST}`."
)
_MOST_NAMED = 5
_MOST_OFFERED = 200


def takes_run(command: click.Command) -> click.Command:
    """Let a command's help say what RUN_ID may be."""
    command.help = f"{inspect.cleandoc(command.help or '')}\n\n{_RUN_HELP}"
    return command


@contextlib.contextmanager
def open_store() -> Iterator[Store]:
    """Yield the store of this machine's runs."""
    from kfp.engine.records.store import Store
    from kfp.home import kfp_home

    with contextlib.closing(Store(kfp_home())) as store:
        yield store


def find_run(store: Store, said: str) -> RunRecord:
    """Return the run that somebody means.

    Args:
        store: the runs.
        said: an identifier, the beginning of one, a name, or `latest`.

    Raises:
        RunError: there is none, or several.
    """
    if said == LATEST:
        newest = store.runs(limit=1)
        if not newest and store.runs(limit=1, archived=True):
            raise RunError("every run is archived", hint="`kfp run list --archived` shows them; name one by its RUN_ID")
        if not newest:
            raise RunError("there are no runs yet", hint="`kfp run create -f pipeline.yaml` makes one")
        return newest[0]
    named = store.named(said)
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(run.id[:8] for run in named[:_MOST_NAMED])
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        raise RunError(
            f"{len(named)} runs are called {said!r}: {ids}{more}",
            hint="say which by its identifier; the newest is first",
        )
    record = store.run(said)
    if record is None:
        raise RunError(f"there is no run {said}", hint="`kfp run list` shows the runs of this machine")
    return record


def find_tasks(tasks: Sequence[TaskRecord], said: str) -> list[TaskRecord]:
    """Return the task that somebody means, and all that is in it.

    Args:
        tasks: the tasks of a run.
        said: a task's path, or as much of its end as tells it from the others; its display name.

    Raises:
        RunError: there is none, or several.
    """
    said = said.strip("/")
    paths = [task.path for task in tasks if task.path == said]
    paths = paths or [task.path for task in tasks if task.path.endswith(f"/{said}")]
    paths = paths or [task.path for task in tasks if task.display_name == said and not _is_iteration(task)]
    paths = paths or [task.path for task in tasks if said in task.path.rpartition("/")[2]]
    if not paths:
        outermost = [task.path for task in tasks if "/" not in task.path]
        raise RunError(f"no task of the run is called {said!r}", hint=f"its tasks: {_listed(outermost)}")
    if len(paths) > 1:
        raise RunError(f"several tasks are called {said!r}: {_listed(paths)}", hint="give more of the path")
    (path,) = paths
    return [task for task in tasks if task.path == path or task.path.startswith(f"{path}/")]


def complete_run(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Return the runs that a shell offers: identifiers, or names where the beginning of one is there."""
    with contextlib.suppress(Exception), open_store() as store:
        runs = store.runs(limit=_MOST_OFFERED)
        ids = [run.id for run in runs if run.id.startswith(incomplete)]
        names = [run.name for run in runs if run.name.startswith(incomplete)] if incomplete else []
        return [*names, *ids, *([LATEST] if LATEST.startswith(incomplete) else [])]
    return []


def complete_task(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return the tasks of the run before it that a shell offers."""
    with contextlib.suppress(Exception), open_store() as store:
        tasks = store.tasks(find_run(store, ctx.params["run_id"]).id)
        return [task.path for task in tasks if task.path.startswith(incomplete)][:_MOST_OFFERED]
    return []


def _is_iteration(task: TaskRecord) -> bool:
    return task.path.rpartition("/")[2].isdecimal()


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return f"{', '.join(paths[:_MOST_NAMED])}{more}" if paths else "none has started"
