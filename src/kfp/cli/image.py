"""`kfp image`: the images on this machine."""

from __future__ import annotations

import click

from kfp.cli.command import Command, Group
from kfp.cli.settings import output_option


@click.group(cls=Group, name="image", no_args_is_help=True)
def image() -> None:
    """Look after the local image store, where base images and built images lie."""


@image.command("bootstrap", cls=Command, examples=("kfp image bootstrap localhost/python:3.11",))
@click.argument("name")
@output_option
def bootstrap(name: str) -> None:
    """Pack this Python interpreter into a base image called NAME.

    The image holds the interpreter, its standard library, the shared libraries they need, CA certificates and a
    shell. Nothing is downloaded, so machines without a network can build and run.
    """


@image.command("list", cls=Command, examples=("kfp image list", "kfp image list --output json"))
@output_option
def list_() -> None:
    """List the images in the store.

    A terminal that is too narrow for all columns is shown fewer.
    """


@image.command("inspect", cls=Command, examples=("kfp image inspect localhost/python:3.11",))
@click.argument("name")
def inspect(name: str) -> None:
    """Print what is known of the image NAME as JSON.

    Configuration, layers and labels, and where the blobs lie.
    """


@image.command(
    "save",
    cls=Command,
    examples=(
        "kfp image save localhost/python:3.11 -o python.tar",
        "kfp image save localhost/python:3.11 --format docker -o - | docker load",
    ),
)
@click.argument("name")
@click.option("-o", "--output", "path", required=True, metavar="FILE", help="Archive to write; - for stdout.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["oci", "docker"]),
    default="oci",
    show_default=True,
    help="OCI archive, or what `docker load` reads.",
)
def save(name: str, path: str, format_: str) -> None:
    """Write the image NAME into an archive."""


@image.command("load", cls=Command, examples=("kfp image load python.tar", "docker save NAME | kfp image load -"))
@click.argument("archive", required=False, metavar="[FILE]")
@click.option("-i", "--input", "input_", metavar="FILE", help="The same as FILE, as `docker load` has it.")
@output_option
def load(archive: str | None, input_: str | None) -> None:
    """Take the images of an archive into the store."""


@image.command("rm", cls=Command, examples=("kfp image rm localhost/python:3.11",))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def rm(names: tuple[str, ...]) -> None:
    """Remove images from the store.

    Blobs that no other image uses are deleted.
    """
