"""`kfp run list` and `kfp run get`: look at the runs of this machine."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from kfp.cli import tables, terminal
from kfp.cli.command import Command
from kfp.cli.runs.choice import complete_run, complete_task, find_run, find_tasks, open_store, takes_run
from kfp.cli.runs.watching import Progress, is_live, progress_option, watching
from kfp.cli.settings import current, output_option
from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.engine.records.record import RunRecord
    from kfp.engine.records.store import Store

NEWEST_FIRST = "created_at desc"
STATES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING", "CANCELED")
_ALIASES = {"created": "created_at", "finished": "finished_at", "display_name": "name", "pipeline_name": "pipeline"}


@click.command(
    "list",
    cls=Command,
    sections={
        "Which": ["state", "pipeline", "experiment_id", "archived", "all_", "filter_"],
        "How": ["sort_by", "max_size", "page_token", "output"],
    },
    examples=(
        "kfp run list",
        "kfp run list --state failed --pipeline training",
        "kfp run list --sort-by 'duration desc' --max-size 10",
        "kfp --output json run list",
    ),
)
@click.option(
    "-s",
    "--state",
    multiple=True,
    type=click.Choice(STATES, case_sensitive=False),
    metavar="STATE",
    help=f"Only runs in this state: {', '.join(STATES).lower()}; may be given several times.",
)
@click.option("--pipeline", metavar="NAME", help="Only runs of this pipeline.")
@click.option("-e", "--experiment-id", "--experiment", metavar="NAME", help="Only runs of this experiment.")
@click.option("--archived", is_flag=True, help="The archived runs instead of the others.")
@click.option("-a", "--all", "all_", is_flag=True, help="The archived runs as well.")
@click.option("--filter", "filter_", metavar="JSON", help="Filter of KFP's API. Not available yet.")
@click.option("--sort-by", default=NEWEST_FIRST, show_default=True, help="Field, and asc or desc.")
@click.option("-m", "--max-size", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@click.option("--page-token", default="", metavar="TOKEN", help="Where the last page ended.")
@output_option
def list_(
    *,
    state: tuple[str, ...],
    pipeline: str | None,
    experiment_id: str | None,
    archived: bool,
    all_: bool,
    filter_: str | None,
    sort_by: str,
    max_size: int,
    page_token: str,
) -> None:
    """List the runs of this machine, the newest first."""
    settings = current()
    settings.require_embedded()
    if filter_ is not None:
        raise RunError("--filter is not available yet", hint="--state, --pipeline and --experiment choose runs")
    if page_token and not page_token.isdecimal():
        raise click.UsageError(f"'{page_token}' is no page token")

    from kfp.cli.runs import records
    from kfp.engine.records.query import RunQuery
    from kfp.engine.states import State

    offset = int(page_token or 0)
    order, descending = _order(sort_by)
    query = RunQuery(
        experiment=experiment_id,
        pipeline=pipeline,
        states=tuple(State(each.upper()) for each in state),
        archived=None if all_ else archived,
        order=order,
        descending=descending,
        limit=max_size + 1,
        offset=offset,
    )
    with open_store() as store:
        runs = store.find(query)
    if settings.json:
        terminal.data_json([records.run_json(run) for run in runs[:max_size]])
    else:
        tables.show(records.RUNS, [records.run_row(run) for run in runs[:max_size]])
    if len(runs) > max_size:
        terminal.log(f"there are more: --page-token {offset + max_size}")


def _order(said: str) -> tuple[str, bool]:
    """Return the field that runs are sorted by, and whether the greatest comes first."""
    from kfp.engine.records.query import ORDERS

    field, _, direction = said.strip().lower().partition(" ")
    field = _ALIASES.get(field, field)
    if field not in ORDERS or direction.strip() not in ("", "asc", "desc"):
        raise RunError(
            f"runs cannot be sorted by '{said}'", hint=f"a field, then asc or desc; the fields: {', '.join(ORDERS)}"
        )
    return field, direction.strip() == "desc"


@takes_run
@click.command(
    "get",
    cls=Command,
    examples=(
        "kfp run get latest",
        "kfp run get RUN_ID train",
        "kfp run get --watch RUN_ID",
        "kfp run get --detail RUN_ID",
    ),
)
@click.argument("run_id", shell_complete=complete_run)
@click.argument("task", required=False, shell_complete=complete_task)
@click.option("-w", "--watch", is_flag=True, help="Show the run while it goes on, until it has ended.")
@click.option("-d", "--detail", is_flag=True, help="Everything that is known, as JSON.")
@click.option("-a", "--all", "all_", is_flag=True, help="Every iteration of loops.")
@progress_option
@output_option
def get(*, run_id: str, task: str | None, watch: bool, detail: bool, all_: bool, progress: Progress) -> int:
    """Show a run and its tasks, or one TASK with its inputs and outputs."""
    settings = current()
    settings.require_embedded()

    from kfp.cli.runs import records, task_tree
    from kfp.cli.runs.outcome import conclude_watch

    with open_store() as store:
        record = find_run(store, run_id)
        if watch and not record.state.ended:
            record = _watch(store, record, progress)
            if task is None and not (detail or settings.json) and is_live(progress):
                return conclude_watch(record)
        tasks = store.tasks(record.id)
    chosen = tasks if task is None else find_tasks(tasks, task)
    if settings.json or detail:
        terminal.data_json(
            records.run_json(record, tasks) if task is None else [records.task_json(each) for each in chosen]
        )
    elif task is not None:
        records.show_task(chosen[0])
        task_tree.show(record, chosen, below=chosen[0].path, every=all_)
    else:
        records.show_run(record)
        if not task_tree.show(record, tasks, every=all_) and record.error:
            terminal.data(f"\n{record.error}")
    return 1 if watch and record.state.value != "SUCCEEDED" else 0


def _watch(store: Store, record: RunRecord, progress: Progress) -> RunRecord:
    """Show a run until it has ended, and return how it did."""
    from kfp.cli.runs.follow import follow

    ahead = time.time() - time.monotonic()
    try:
        with watching(progress, is_ours=False) as look:
            for event, at in follow(store, record):
                look(event, at - ahead)
    except KeyboardInterrupt:
        terminal.note(f"the run goes on; `kfp run terminate {record.id[:8]}` stops it")
        raise
    return find_run(store, record.id)
