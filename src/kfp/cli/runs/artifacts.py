"""`kfp run artifacts`: what the tasks of a run have made, and where it is."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kfp import units
from kfp.cli import tables, terminal
from kfp.cli.command import Command, Group
from kfp.cli.runs.choice import complete_run, find_run, open_store, takes_run
from kfp.cli.settings import current, output_option
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.artifacts.fetch import Depot
    from kfp.engine.artifacts.made import Made

_COLUMNS = (
    tables.Column("TASK"),
    tables.Column("NAME"),
    tables.Column("TYPE", weight=1),
    tables.Column("SIZE", weight=2, right=True),
    tables.Column("URI", weight=0),
)


class _Artifacts(Group):
    """A group whose `list` needs no name: `kfp run artifacts RUN_ID`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no subcommand for a run."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            return "list", self.commands["list"], args
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Artifacts,
    name="artifacts",
    no_args_is_help=True,
    subcommand_metavar="[COMMAND] RUN_ID ...",
    examples=(
        "kfp run artifacts latest",
        "kfp run artifacts path latest train/model",
        "kfp run artifacts download latest train/model -o models",
    ),
)
def artifacts() -> None:
    """List the artifacts of a run, say where one lies, download them.

    Without COMMAND they are listed.
    """


@takes_run
@artifacts.command("list", cls=Command, examples=("kfp run artifacts list latest",))
@click.argument("run_id", shell_complete=complete_run)
@output_option
def list_(*, run_id: str) -> None:
    """List what the tasks of a run have made."""
    from kfp.engine.addresses import redacted
    from kfp.engine.artifacts.made import size

    found = _of_run(run_id)
    with _depot() as depot:
        sizes = [size(each.artifact, depot) for each in found]
    if current().json:
        terminal.data_json([{**_json(each), "size": bytes_} for each, bytes_ in zip(found, sizes, strict=True)])
        return
    rows = [
        (
            each.task,
            each.name,
            each.artifact.schema_title,
            "-" if bytes_ is None else units.size(bytes_),
            redacted(each.artifact.uri),
        )
        for each, bytes_ in zip(found, sizes, strict=True)
    ]
    tables.show(_COLUMNS, rows)


@takes_run
@artifacts.command("path", cls=Command, examples=("kfp run artifacts path latest train/model",))
@click.argument("run_id", shell_complete=complete_run)
@click.argument("artifact", metavar="TASK/NAME")
@output_option
def path(*, run_id: str, artifact: str) -> None:
    """Print where an artifact lies on this machine.

    TASK/NAME is its task's path and the output's name, or as much of the end as tells it from the others.
    """
    from kfp.engine.addresses import is_elsewhere, redacted
    from kfp.engine.artifacts.made import find
    from kfp.engine.artifacts.taking import absence

    found = find(_of_run(run_id), artifact)
    if not Path(found.artifact.path).exists():
        is_far = is_elsewhere(found.artifact.uri)
        told = "it does not lie on this machine" if is_far else absence(found.artifact)
        hint = f"kfp run artifacts download {run_id} {found.reference}" if is_far else None
        raise RunError(f"artifact {found.reference} is {redacted(found.artifact.uri)}: {told}", hint=hint)
    if current().json:
        terminal.data_json({**_json(found), "path": found.artifact.path})
    else:
        terminal.data(found.artifact.path)


@takes_run
@artifacts.command(
    "download",
    cls=Command,
    examples=("kfp run artifacts download latest train/model -o models", "kfp run artifacts download RUN_ID -o all"),
)
@click.argument("run_id", shell_complete=complete_run)
@click.argument("chosen", metavar="[TASK/NAME]...", nargs=-1)
@click.option(
    "-o",
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where they go; the current directory if not given.",
)
@output_option
def download(*, run_id: str, chosen: tuple[str, ...], output_dir: Path) -> None:
    """Copy artifacts to a directory, wherever they lie: all of a run, or those that are named.

    TASK/NAME is the task's path and the output's name, or as much of the end as tells it from the others. Where more
    than one is downloaded, each goes to a directory with the name of its task.
    """
    from kfp.engine.artifacts.made import find
    from kfp.engine.artifacts.taking import take
    from kfp.engine.artifacts.transfer import Transfer

    found = _of_run(run_id)
    wanted = [find(found, said) for said in chosen] if chosen else found
    transfer = Transfer(terminal.log, threading.Event())
    told: list[dict[str, object]] = []
    with _depot() as depot:
        for each in wanted:
            into = output_dir.joinpath(*_directories(each.task)) if len(wanted) > 1 or not chosen else output_dir
            try:
                target = take(each.artifact, into, depot, transfer)
            except OSError as error:
                raise RunError(f"artifact {each.reference} cannot be copied: {error}") from error
            except RunError as error:
                if chosen:
                    raise
                terminal.note(f"{each.reference}: {error.message}")  # such as metrics, which are metadata alone
                continue
            told.append({**_json(each), "path": str(target.absolute())})
            if not current().json:
                terminal.data(str(target))
    if current().json:
        terminal.data_json(told)


def _of_run(run_id: str) -> list[Made]:
    from kfp.engine.artifacts.made import made

    current().require_embedded()
    with open_store() as store:
        return made(store.tasks(find_run(store, run_id).id))


def _directories(task: str) -> list[str]:
    from kfp.engine.layout import path_name

    return [path_name(part) for part in task.split("/")]


def _json(made: Made) -> dict[str, object]:
    told = made.artifact.to_json()
    return {
        "task": made.task,
        "name": made.name,
        "type": told["type"]["schemaTitle"],
        "uri": told["uri"],
        "metadata": told["metadata"],
    }


@contextlib.contextmanager
def _depot() -> Iterator[Depot]:
    from kfp.engine.artifacts.fetch import Depot
    from kfp.home import kfp_home

    depot = Depot(kfp_home(), os.environ)
    try:
        yield depot
    finally:
        depot.close()
