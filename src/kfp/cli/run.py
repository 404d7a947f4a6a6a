"""`kfp run`: pipelines on this machine's engine."""

from __future__ import annotations

from pathlib import Path

import click

from kfp.cli.command import Command, Group
from kfp.cli.settings import current, output_option
from kfp.errors import RunError

CLUSTER = "it needs the client of a KFP cluster, which this version does not have"


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
    runner: str,
    timeout: int | None,
    watch: bool,
    pipeline_id: str | None,
    pipeline_name: str | None,
    version: str | None,
    args: tuple[str, ...],
) -> None:
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
        raise click.UsageError("missing option '-f' / '--package-file'")


@run.command("list", cls=Command, examples=("kfp run list", "kfp --output json run list"))
@click.option("-e", "--experiment-id", metavar="NAME", help="Only runs of this experiment.")
@click.option("--page-token", default="", help="Where the last page ended.")
@click.option("-m", "--max-size", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@click.option("--sort-by", default="created_at desc", show_default=True, help="Field, and asc or desc.")
@click.option("--filter", "filter_", metavar="JSON", help="Filter of KFP's API. Not available yet.")
@output_option
def list_(*, experiment_id: str | None, page_token: str, max_size: int, sort_by: str, filter_: str | None) -> None:
    """List the runs of this machine, the newest first."""
    current().require_embedded()


@run.command("get", cls=Command, examples=("kfp run get RUN_ID", "kfp run get --detail RUN_ID"))
@click.argument("run_id")
@click.option("-w", "--watch", is_flag=True, help="Wait until the run has ended.")
@click.option("-d", "--detail", is_flag=True, help="Everything that is known, as JSON.")
@output_option
def get(run_id: str, watch: bool, detail: bool) -> None:
    """Show a run: its state, arguments, outputs and tasks."""
    current().require_embedded()
