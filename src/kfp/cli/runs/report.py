"""`kfp run report`: a run as one HTML page."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kfp.cli import terminal
from kfp.cli.command import Command
from kfp.cli.runs.choice import complete_run, find_run, open_store, takes_run
from kfp.cli.settings import current
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from kfp.ir.spec import Document


@takes_run
@click.command(
    "report",
    cls=Command,
    examples=(
        "kfp run report latest",
        "kfp run report RUN_ID -o report.html",
        "kfp run report RUN_ID -o - | gzip > r.gz",
    ),
)
@click.argument("run_id", shell_complete=complete_run)
@click.option(
    "-o",
    "--output-file",
    metavar="FILE",
    help="Where to write the page, - for stdout.  [default: run-RUN_ID.html]",
)
def report(*, run_id: str, output_file: str | None) -> None:
    """Write one HTML page that tells a run: graph, times, values, logs, metrics drawn.

    The page stands alone: it fetches nothing, and can be sent to somebody. What steps wrote comes in as text; HTML
    artifacts stand in frames that reach nothing of the page, and fetch what they name. A run that is not over yet is
    told as far as it is.
    """
    current().require_embedded()

    from kfp.report import report as page

    with open_store() as store:
        run = find_run(store, run_id)
        tasks = store.tasks(run.id)
    text = page(run, tasks, _document(run.directory))
    if output_file == "-":
        sys.stdout.write(text)
        return
    target = Path(output_file or f"run-{run.id[:8]}.html")
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror}", hint="give another file with -o") from None
    terminal.data(str(target))


def _document(directory: Path) -> Document | None:
    """Return a run's pipeline, None where an earlier version ran it, which kept none."""
    from kfp.engine.continuing.run_files import read_document

    try:
        return read_document(directory)
    except SkiffError:
        return None
