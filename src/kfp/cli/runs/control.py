"""`kfp run terminate`, `retry`, `archive`, `unarchive`, `delete`: what is done to runs that there are."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
import sys
import time

import click

from kfp.cli import terminal
from kfp.cli.command import Command
from kfp.cli.runs.choice import complete_run, find_run, open_store, takes_run
from kfp.cli.runs.options import HOW, WITH, how_options, settings_of
from kfp.cli.runs.watching import Progress, events_option, progress_option, watching
from kfp.cli.settings import current, output_option
from kfp.errors import RunError

_SHOWN_ID = 8
_MOST_SHOWN = 5
_POLL_SECONDS = 0.1


@takes_run
@click.command(
    "retry",
    cls=Command,
    sections={
        "How it goes on, else as before": HOW,
        "What steps have": WITH,
        "What is shown": ["progress", "events_file", "output"],
    },
    examples=("kfp run retry latest", "kfp run retry RUN_ID --runner container -j 4"),
)
@click.argument("run_id", shell_complete=complete_run)
@how_options
@progress_option
@events_option
@output_option
def retry(*, run_id: str, progress: Progress, events_file: str | None, **how: object) -> int:
    """Continue a run that failed, was canceled or was killed: what had succeeded stays, the rest is done.

    The run keeps its identifier; logs of new attempts lie beside those of the old ones. The exit code is 0 only if the
    run succeeded.
    """
    current().require_embedded()

    from kfp.cli.runs.outcome import conclude
    from kfp.cli.runs.outline import document_column
    from kfp.engine import resume

    with open_store() as store:
        record = find_run(store, run_id)
    started = time.monotonic()
    with watching(progress, events_file, document_column(record.directory)) as on_event:
        result = resume.retry(record.id, overrides=settings_of(how), on_event=on_event)
    return conclude(result, time.monotonic() - started)


@takes_run
@click.command("terminate", cls=Command, examples=("kfp run terminate latest", "kfp run terminate RUN_ID --force"))
@click.argument("run_id", shell_complete=complete_run)
@click.option("--force", is_flag=True, help="Give its steps no time to end by themselves.")
@click.option("--no-wait", is_flag=True, help="Return at once instead of when the run has ended.")
def terminate(*, run_id: str, force: bool, no_wait: bool) -> None:
    """Stop a run, whichever process runs it; `kfp run retry` continues it."""
    current().require_embedded()

    from kfp.engine.terminate import terminate as stop

    with open_store() as store:
        record = stop(find_run(store, run_id).id, force=force)
        while not (no_wait or record.state.ended):
            time.sleep(_POLL_SECONDS)
            record = find_run(store, record.id)
    terminal.log(f"run {record.id} is {record.state}")


_RUN_IDS = click.argument("run_ids", metavar="RUN_ID...", nargs=-1, required=True, shell_complete=complete_run)


@takes_run
@click.command("archive", cls=Command, examples=("kfp run archive RUN_ID",))
@_RUN_IDS
def archive(*, run_ids: tuple[str, ...]) -> None:
    """Put runs out of the way: lists leave them out; `kfp run list --archived` shows them."""
    _archive(run_ids, archived=True)


@takes_run
@click.command("unarchive", cls=Command, examples=("kfp run unarchive RUN_ID",))
@_RUN_IDS
def unarchive(*, run_ids: tuple[str, ...]) -> None:
    """Take runs back into lists."""
    _archive(run_ids, archived=False)


def _archive(run_ids: tuple[str, ...], *, archived: bool) -> None:
    current().require_embedded()
    with open_store() as store:
        for record in [find_run(store, run_id) for run_id in run_ids]:
            store.archive(record.id, archived)
            terminal.log(f"run {record.id} is {'' if archived else 'no longer '}archived")


@takes_run
@click.command("delete", cls=Command, examples=("kfp run delete RUN_ID", "kfp run delete --yes RUN_ID"))
@_RUN_IDS
@click.option("--artifacts", is_flag=True, help="Delete also what the runs have in object stores.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def delete(*, run_ids: tuple[str, ...], artifacts: bool, yes: bool) -> None:
    """Delete runs with their logs and artifacts; what lies in object stores stays, unless --artifacts is given.

    A run that is running is refused: terminate it first.
    """
    current().require_embedded()
    with open_store() as store:
        records = {record.id: record for record in (find_run(store, run_id) for run_id in run_ids)}
        for record in records.values():
            if not record.state.ended:
                raise RunError(
                    f"run {record.id} is running", hint=f"`kfp run terminate {record.id[:_SHOWN_ID]}` stops it"
                )
        for record in records.values():
            _tell_takers(record.name, [run_id for run_id in store.takers(record.id) if run_id not in records])
        if not yes:
            _ask([f"{record.name} ({record.id[:_SHOWN_ID]})" for record in records.values()])
        for record in records.values():
            if artifacts and "://" in record.artifacts:
                from kfp.engine.artifacts.taking import delete_artifacts

                count = delete_artifacts(record.artifacts, terminal.log)
                terminal.log(f"deleted {count} objects of {record.name}")
            store.delete(record.id)
            terminal.log(f"deleted {record.name}, {record.id}")


def _tell_takers(name: str, takers: list[str]) -> None:
    """Tell which runs lose artifacts with another one."""
    if takers:
        shown = ", ".join(run_id[:_SHOWN_ID] for run_id in takers[:_MOST_SHOWN])
        more = f" and {len(takers) - _MOST_SHOWN} more" if len(takers) > _MOST_SHOWN else ""
        terminal.note(f"outputs of {name} are those of run {shown}{more}, too, which took them from the cache")


def _ask(runs: list[str]) -> None:
    """Ask whether runs are to be deleted, and stop the command if not."""
    if not sys.stdin.isatty():
        raise RunError("deleting runs has to be confirmed, and nobody is there to ask", hint="give --yes")
    with contextlib.suppress(click.Abort):
        if click.confirm(f"delete {', '.join(runs)} with logs and artifacts?", err=True):
            return
    raise RunError("nothing was deleted")
