"""`kfp run create`: run a compiled pipeline on this machine."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kfp.cli.command import Command
from kfp.cli.run_watching import Progress, events_option, progress_option, watching
from kfp.cli.settings import current, output_option
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable


def how_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take the options that say how a run is done; each is None where it is not given."""
    for option in reversed(_HOW):
        function = option(function)
    return function


_HOW = (
    click.option(
        "--runner",
        type=click.Choice(["process", "container", "runc"]),
        help="Run steps as processes of this machine (as usual), in containers of docker or podman, or in containers "
        "without a daemon.",
    ),
    click.option(
        "-j",
        "--parallelism",
        type=click.IntRange(min=1),
        metavar="N",
        help="Most steps at the same time; one per processor if not given.",
    ),
    click.option("--no-cache", is_flag=True, help="Run every step, whatever earlier runs have made."),
    click.option(
        "-t", "--timeout", type=click.IntRange(min=0), metavar="SECONDS", help="Stop the run after this long."
    ),
)


@click.command(
    "create",
    cls=Command,
    sections={
        "The run": ["package_file", "experiment_name", "run_name", "pipeline_root"],
        "How it runs": ["runner", "parallelism", "no_cache", "timeout"],
        "What is shown": ["progress", "events_file", "output", "watch"],
        "A cluster's pipelines, not available yet": ["pipeline_id", "pipeline_name", "version"],
    },
    examples=(
        "kfp run create --package-file pipeline.yaml x=2 y=3",
        "kfp run create -f pipeline.yaml --runner container x=2 y=3",
        "kfp run create -f pipeline.yaml --progress plain 2>run.log",
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
    pipeline_root: str | None,
    runner: Literal["process", "container", "runc"] | None,
    parallelism: int | None,
    no_cache: bool,
    timeout: int | None,
    progress: Progress,
    events_file: str | None,
    watch: bool,
    pipeline_id: str | None,
    pipeline_name: str | None,
    version: str | None,
    args: tuple[str, ...],
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

    from kfp.cli.run_outcome import conclude
    from kfp.cli.run_stream import column_for
    from kfp.engine import run as engine
    from kfp.engine.settings import RunSettings
    from kfp.ir import arguments, files

    document = files.read(package)
    given = arguments.parse(document.spec, args)
    chosen = {"runner": runner, "parallelism": parallelism, "pipeline_root": pipeline_root, "timeout": timeout or None}
    settings = replace(
        RunSettings(experiment=experiment_name, run_name=run_name, caching=not no_cache),
        **{name: value for name, value in chosen.items() if value is not None},
    )
    started = time.monotonic()
    with watching(progress, events_file, column_for(document.spec)) as on_event:
        result = engine.run(document, given, settings=settings, on_event=on_event)
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
