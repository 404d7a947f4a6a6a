"""The options that say how a run is done, which `create` and `retry` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOW = ["runner", "parallelism", "no_cache", "timeout", "any_python"]
WITH = ["secrets", "config_maps", "volume"]

_OPTIONS = (
    click.option(
        "--runner",
        type=click.Choice(["process", "container", "runc"]),
        help="Run steps as processes of this machine (what is done if nothing is said), in containers of docker or "
        "podman, or in containers without a daemon.",
    ),
    click.option(
        "-j",
        "--parallelism",
        type=click.IntRange(min=1),
        metavar="N",
        help="Most steps at the same time; else KFP_PARALLELISM, else one per processor.",
    ),
    click.option("--no-cache", is_flag=True, help="Run every step, whatever earlier runs have made."),
    click.option(
        "-t",
        "--timeout",
        type=click.IntRange(min=0),
        metavar="SECONDS",
        help="Cancel the run after this long; 0 is never.",
    ),
    click.option(
        "--any-python", is_flag=True, help="Let this Python run every step, whatever version the step's image has."
    ),
    click.option(
        "--secrets",
        type=click.Path(exists=True, path_type=Path),
        metavar="PATH",
        help="File or directory with the secrets that steps ask for; else what KFP_SECRETS names.",
    ),
    click.option(
        "--config-maps",
        type=click.Path(exists=True, path_type=Path),
        metavar="PATH",
        help="The same for ConfigMaps, and KFP_CONFIG_MAPS.",
    ),
    click.option(
        "--volume",
        multiple=True,
        metavar="CLAIM=DIRECTORY",
        help="Directory that stands for a volume claim; may be given several times.",
    ),
)


def how_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take these options; it hands them on to `settings_of`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `RunSettings` that options set, without those that were not given.

    Args:
        options: what the command was given for `how_options`.

    Raises:
        click.UsageError: a volume is not `CLAIM=DIRECTORY`.
    """
    volumes: dict[str, Path] = {}
    for said in options["volume"]:
        name, separator, directory = said.partition("=")
        if not (name and separator and directory):
            raise click.UsageError(f"'{said}' is not CLAIM=DIRECTORY")
        volumes[name] = Path(directory).absolute()
    timeout = options["timeout"]
    said_values = {
        "runner": options["runner"],
        "parallelism": options["parallelism"],
        "caching": False if options["no_cache"] else None,
        "any_python": True if options["any_python"] else None,
        "secrets": options["secrets"],
        "config_maps": options["config_maps"],
        "volumes": volumes or None,
    }
    found = {name: value for name, value in said_values.items() if value is not None}
    return found if timeout is None else {**found, "timeout": timeout or None}
