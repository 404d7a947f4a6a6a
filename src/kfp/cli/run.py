"""`kfp run`: pipelines on this machine's engine."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kfp.cli import tables, terminal
from kfp.cli.command import Command, Group
from kfp.cli.settings import current, output_option
from kfp.errors import RunError
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.records import RunRecord
    from kfp.engine.store import Store

CLUSTER = "it needs the client of a KFP cluster, which this version does not have"

NEWEST_FIRST = "created_at desc"
_POLL_SECONDS = 0.5


@click.group(
    cls=Group,
    name="run",
    no_args_is_help=True,
    later=dict.fromkeys(("archive", "delete", "unarchive"), CLUSTER),
)
def run() -> None:
    """Run pipelines on this machine and look at the runs."""


@run.command(
    "create",
    cls=Command,
    sections={
        "The run": ["package_file", "experiment_name", "run_name"],
        "How it runs": ["runner", "timeout", "watch"],
        "A cluster's pipelines, not available yet": ["pipeline_id", "pipeline_name", "version"],
    },
    examples=(
        "kfp run create --package-file pipeline.yaml x=2 y=3",
        "kfp run create -f pipeline.yaml --runner container x=2 y=3",
    ),
)
@click.option(
    "-f",
    "--package-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compiled pipeline, .yaml or .json.",
)
@click.option(
    "-e", "--experiment-name", default="Default", show_default=True, metavar="NAME", help="Experiment of the run."
)
@click.option("-r", "--run-name", metavar="NAME", help="Name of the run; made up if not given.")
@click.option(
    "--runner",
    type=click.Choice(["process", "container"]),
    default="process",
    show_default=True,
    help="Run steps as processes of this machine, or in containers by docker or podman.",
)
@click.option("-t", "--timeout", type=click.IntRange(min=0), metavar="SECONDS", help="Stop the run after this long.")
@click.option("-w", "--watch", is_flag=True, help="Kept for KFP's sake; a run on this machine is always watched.")
@click.option("-p", "--pipeline-id", metavar="ID", help="Uploaded pipeline, by its ID.")
@click.option("-n", "--pipeline-name", metavar="NAME", help="Uploaded pipeline, by its name.")
@click.option("-v", "--version", metavar="ID", help="Version of the uploaded pipeline.")
@click.argument("args", nargs=-1, metavar="[NAME=VALUE]...")
@output_option
def create(
    *,
    package_file: Path | None,
    experiment_name: str,
    run_name: str | None,
    runner: Literal["process", "container"],
    timeout: int | None,
    watch: bool,
    pipeline_id: str | None,
    pipeline_name: str | None,
    version: str | None,
    args: tuple[str, ...],
) -> int:
    """Run a compiled pipeline with the arguments NAME=VALUE.

    What happens is streamed to stderr; the outputs are printed at the end. The exit code is 0 only if the run
    succeeded.
    """
    settings = current()
    settings.require_embedded()
    if pipeline_id or pipeline_name or version:
        raise RunError(
            "uploaded pipelines are not available yet: they need a KFP cluster",
            hint="give the compiled pipeline with --package-file",
        )
    if package_file is None:
        files_given = [text for text in args if "=" not in text and Path(text).is_file()]
        meant = f"; did you mean `-f {files_given[0]}`?" if files_given else ""
        raise click.UsageError(f"missing option '-f' / '--package-file'{meant}")
    if package_file.suffix == ".py":
        raise RunError(
            f"{package_file} is not compiled",
            hint=f"kfp dsl compile --py {package_file} --output {package_file.with_suffix('.yaml').name}",
        )

    from kfp.cli import run_report
    from kfp.cli.run_stream import Stream, state
    from kfp.engine import run as engine
    from kfp.engine.settings import RunSettings
    from kfp.engine.states import State
    from kfp.ir import arguments, files

    document = files.read(package_file)
    given = arguments.parse(document.spec, args)
    started = time.monotonic()
    result = engine.run(
        document,
        given,
        settings=RunSettings(runner=runner, experiment=experiment_name, run_name=run_name, timeout=timeout or None),
        on_event=Stream(list(document.spec.root.dag.tasks) if document.spec.root.dag is not None else ()),
    )
    ended = f"run {result.run_id} {state(result.state)} in {duration(time.monotonic() - started)}"
    if settings.json:
        terminal.data_json(run_report.result_json(result))
    else:
        run_report.show_outputs(result.outputs)
    terminal.log(ended)
    if result.state is State.SUCCEEDED:
        return 0
    if result.state is State.FAILED:
        short = run_report.short(result.run_id)
        terminal.error(run_report.reason(result), f"`kfp run get {short}` lists tasks and logs")
        return 1
    return 1 if result.signal is None else 128 + result.signal


@run.command("list", cls=Command, examples=("kfp run list", "kfp --output json run list"))
@click.option("-e", "--experiment-id", metavar="NAME", help="Only runs of this experiment.")
@click.option("--page-token", default="", help="Where the last page ended.")
@click.option("-m", "--max-size", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@click.option("--sort-by", default=NEWEST_FIRST, show_default=True, help="Field, and asc or desc.")
@click.option("--filter", "filter_", metavar="JSON", help="Filter of KFP's API. Not available yet.")
@output_option
def list_(*, experiment_id: str | None, page_token: str, max_size: int, sort_by: str, filter_: str | None) -> None:
    """List the runs of this machine, the newest first."""
    settings = current()
    settings.require_embedded()
    if filter_ is not None:
        raise RunError("--filter is not available yet", hint="`kfp --output json run list` gives everything to filter")
    if sort_by != NEWEST_FIRST:
        raise RunError(f"runs of this machine are sorted by '{NEWEST_FIRST}' only, not by '{sort_by}'")
    if page_token and not page_token.isdecimal():
        raise click.UsageError(f"'{page_token}' is no page token")

    from kfp.cli import run_report

    offset = int(page_token or 0)
    with _store() as store:
        runs = store.runs(experiment_id, limit=max_size + 1, offset=offset)
    if settings.json:
        terminal.data_json([run_report.run_json(run) for run in runs[:max_size]])
    else:
        tables.show(run_report.RUNS, [run_report.run_row(run) for run in runs[:max_size]])
    if len(runs) > max_size:
        terminal.log(f"there are more: --page-token {offset + max_size}")


@run.command("get", cls=Command, examples=("kfp run get RUN_ID", "kfp run get --detail RUN_ID"))
@click.argument("run_id")
@click.option("-w", "--watch", is_flag=True, help="Wait until the run has ended.")
@click.option("-d", "--detail", is_flag=True, help="Everything that is known, as JSON.")
@output_option
def get(*, run_id: str, watch: bool, detail: bool) -> None:
    """Show a run: its state, arguments, outputs and tasks.

    The beginning of the RUN_ID is enough where no other run begins like that.
    """
    settings = current()
    settings.require_embedded()

    from kfp.cli import run_report

    with _store() as store:
        record = _find(store, run_id)
        while watch and not record.state.ended:
            time.sleep(_POLL_SECONDS)
            record = _find(store, run_id)
        tasks = store.tasks(record.id)
    if settings.json or detail:
        terminal.data_json(run_report.run_json(record, tasks))
    else:
        run_report.show_run(record, tasks)


@contextlib.contextmanager
def _store() -> Iterator[Store]:
    from kfp.engine.store import Store
    from kfp.home import kfp_home

    store = Store(kfp_home())
    try:
        yield store
    finally:
        store.close()


def _find(store: Store, run_id: str) -> RunRecord:
    record = store.run(run_id)
    if record is None:
        raise RunError(f"there is no run {run_id}", hint="`kfp run list` shows the runs of this machine")
    return record
