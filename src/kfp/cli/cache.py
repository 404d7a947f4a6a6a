"""`kfp cache`: what steps have left for later runs."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kfp.cli import tables, terminal
from kfp.cli.command import Command, Group
from kfp.cli.settings import current, output_option
from kfp.cli.values import Span
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kfp.engine.caching.database import StepDatabase
    from kfp.engine.caching.entry import Entry

_MOST = 100


@click.group(
    cls=Group,
    name="cache",
    no_args_is_help=True,
    examples=("kfp cache list", "kfp cache clear --older-than 30d"),
)
def cache() -> None:
    """Look after the outputs of steps that later runs take instead of running the step again.

    A step's key is made of its component, its command and image, and the content of its inputs. A run that meets the
    same key takes the outputs of the run that left them, while they are still there and unchanged: `kfp run get`
    tells for each task whether it did, and why not. `kfp run create --no-cache` runs every step.
    """


def _root_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--cache-root",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Another cache than that of `kfp run`: the cache_root of local.init, or the .kfp_cache in its "
        "pipeline_root.",
    )(function)


@cache.command(
    "list",
    cls=Command,
    examples=("kfp cache list", "kfp cache list --pipeline train", "kfp --output json cache list"),
)
@click.option("--pipeline", metavar="NAME", help="Only entries of this pipeline.")
@_root_option
@click.option(
    "-m", "--max-size", type=click.IntRange(min=1), default=_MOST, show_default=True, help="How many at most."
)
@output_option
def list_(*, pipeline: str | None, cache_root: Path | None, max_size: int) -> None:
    """List the steps whose outputs are kept.

    Those that were used last come first. SIZE is that of the output artifacts, which lie in the directory of the run
    that made them. HITS counts how many times a later run took them.
    """
    from kfp.cli import cache_report

    with _database(cache_root) as database:
        entries = [] if database is None else database.entries(pipeline, limit=max_size + 1)
    if current().json:
        terminal.data_json([cache_report.entry_json(entry) for entry in entries[:max_size]])
    else:
        tables.show(cache_report.ENTRIES, [cache_report.entry_row(entry) for entry in entries[:max_size]])
    if len(entries) > max_size:
        terminal.log(f"there are more: --max-size {max_size * 10}")


@cache.command(
    "clear",
    cls=Command,
    examples=(
        "kfp cache clear",
        "kfp cache clear --pipeline train --older-than 7d",
        "kfp cache clear 3f29c4d1a07b",
    ),
)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--pipeline", metavar="NAME", help="Only entries of this pipeline.")
@click.option(
    "--older-than",
    type=Span(),
    metavar="TIME",
    help="Only entries that nobody has used for this long, such as 12h or 30d.",
)
@_root_option
@click.option("--dry-run", is_flag=True, help="Tell what would be forgotten, and forget nothing.")
@output_option
def clear(
    *, keys: tuple[str, ...], pipeline: str | None, older_than: float | None, cache_root: Path | None, dry_run: bool
) -> None:
    """Forget steps, so that they run again.

    Without a KEY and without options all of them are forgotten. The beginning of a KEY is enough where no other key
    begins like that. The outputs stay in the directories of the runs that made them: `kfp run delete` removes those.
    """
    with _database(cache_root) as database:
        found = [] if database is None else database.entries(pipeline)
        if keys:
            found = [_named(key, found) for key in keys]
        if older_than is not None:
            found = [entry for entry in found if entry.used_at < time.time() - older_than]
        if database is not None and not dry_run:
            is_all = not keys and pipeline is None and older_than is None
            database.clear() if is_all else database.remove([entry.key for entry in found])
    if current().json:
        terminal.data_json({"dry_run": dry_run, "cleared": [entry.key for entry in found]})
    else:
        steps = f"{len(found)} step{'s' * (len(found) != 1)}"
        terminal.data(f"{'would forget' if dry_run else 'forgot'} {steps}")


@contextlib.contextmanager
def _database(root: Path | None) -> Iterator[StepDatabase | None]:
    """Yield the database, None where there is none yet: looking makes none."""
    from kfp.engine.caching.database import StepDatabase
    from kfp.home import kfp_home

    directory = root or kfp_home() / "cache" / "steps"
    if not StepDatabase.exists(directory):
        yield None
        return
    database = StepDatabase(directory)
    try:
        yield database
    finally:
        database.close()


def _named(key: str, entries: list[Entry]) -> Entry:
    found = [entry for entry in entries if entry.key.startswith(key)]
    if not found:
        raise RunError(f"the cache has no key {key}", hint="`kfp cache list` shows the keys")
    if len(found) > 1:
        raise RunError(f"several keys begin with {key}", hint="give more of the key")
    return found[0]
