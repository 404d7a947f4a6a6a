"""`kfp run create`: run a compiled pipeline on this machine."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import time
from pathlib import Path

import click

from kfp.cli.command import Command
from kfp.cli.runs.options import HOW, WITH, how_options, settings_of
from kfp.cli.runs.watching import Progress, events_option, progress_option, watching
from kfp.cli.settings import current, output_option
from kfp.errors import RunError


@click.command(
    "create",
    cls=Command,
    sections={
        "The run": ["package_file", "experiment_name", "run_name", "resume"],
        "How it runs": HOW,
        "What steps have": ["pipeline_root", *WITH],
        "What is shown": ["progress", "events_file", "output", "watch"],
        "A cluster's pipelines, not available yet": ["pipeline_id", "pipeline_name", "version"],
    },
    examples=(
        "kfp run create --package-file pipeline.yaml x=2 y=3",
        "kfp run create -f pipeline.yaml --runner container x=2 y=3",
        "kfp run create -f pipeline.yaml --resume -j 4",
        "kfp run create -f pipeline.yaml --pipeline-root s3://bucket/runs",
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
    "--resume",
    is_flag=True,
    help="Continue the last run of this pipeline with these arguments if it did not succeed; else begin one.",
)
@click.option(
    "--pipeline-root",
    metavar="DIRECTORY|URI",
    help="Where artifacts go: a directory, s3://, gs://, az://, minio://. What the pipeline says, if not given.",
)
@how_options
@progress_option
@events_option
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
    resume: bool,
    pipeline_root: str | None,
    progress: Progress,
    events_file: str | None,
    watch: bool,
    pipeline_id: str | None,
    pipeline_name: str | None,
    version: str | None,
    args: tuple[str, ...],
    **how: object,
) -> int:
    """Run a compiled pipeline with the arguments NAME=VALUE.

    On a terminal its tasks are shown while they run, elsewhere every line that they write; the outputs are printed at
    the end. Ctrl-C cancels the run. The exit code is 0 only if the run succeeded.
    """
    current().require_embedded()
    if pipeline_id or pipeline_name or version:
        raise RunError(
            "uploaded pipelines are not available yet: they need a KFP cluster",
            hint="give the compiled pipeline with --package-file",
        )
    package = _package(package_file, args)

    from msgspec.structs import replace

    from kfp.cli.runs.outcome import conclude
    from kfp.cli.runs.paths import column_for
    from kfp.engine import run as engine
    from kfp.engine.settings import RunSettings
    from kfp.ir import arguments, files

    document = files.read(package)
    given = arguments.parse(document.spec, args)
    settings = replace(
        RunSettings(experiment=experiment_name, run_name=run_name, pipeline_root=pipeline_root), **settings_of(how)
    )
    started = time.monotonic()
    with watching(progress, events_file, column_for(document.spec)) as on_event:
        result = engine.run(document, given, settings=settings, on_event=on_event, resume=resume)
    return conclude(result, time.monotonic() - started)


def _package(given: Path | None, args: tuple[str, ...]) -> Path:
    """Return the compiled pipeline, or say what was meant."""
    if given is None:
        files_given = [text for text in args if "=" not in text and Path(text).is_file()]
        meant = f"; did you mean `-f {files_given[0]}`?" if files_given else ""
        raise click.UsageError(f"missing option '-f' / '--package-file'{meant}")
    if given.suffix == ".py":
        raise RunError(
            f"{given} is not compiled",
            hint=f"kfp dsl compile --py {given} --output {given.with_suffix('.yaml').name}",
        )
    return given
