"""`kfp image`: the images on this machine."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from kfp import units
from kfp.cli import tables, terminal
from kfp.cli.command import Command, Group
from kfp.cli.image_builds import explain, rebase, sbom
from kfp.cli.image_options import local_store, platform_of, platform_option
from kfp.cli.settings import current, output_option
from kfp.cli.values import Size
from kfp.errors import ImageNotFound

if TYPE_CHECKING:
    from kfp.images.reference import Reference
    from kfp.images.store import Store


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
    from kfp.build.bootstrap import bootstrap as pack

    store = local_store()
    packed = pack(name, store=store)
    if current().json:
        terminal.data_json(
            {
                "name": packed.reference.familiar,
                "id": packed.id,
                "digest": packed.digest,
                "python": packed.python_version,
                "size": packed.size,
                "seconds": round(packed.seconds, 3),
                "store": str(store.root),
            }
        )
        return
    tables.show_fields(
        packed.reference.familiar,
        [
            ("python", packed.python_version),
            ("image ID", packed.id),
            ("digest", packed.digest),
            ("size", units.size(packed.size)),
            ("stored", str(store.root)),
        ],
    )
    terminal.log(f"packed in {units.duration(packed.seconds)}")


@image.command("list", cls=Command, examples=("kfp image list", "kfp image list --output json"))
@output_option
def list_() -> None:
    """List the images in the store.

    A terminal that is too narrow for all columns shows fewer.
    """
    from kfp.cli import image_report

    images = local_store().list()
    if current().json:
        terminal.data_json([image_report.summary(stored) for stored in images])
    else:
        tables.show(image_report.COLUMNS, [image_report.row(stored) for stored in images])


@image.command(
    "inspect",
    cls=Command,
    examples=(
        "kfp image inspect localhost/python:3.11",
        "kfp image inspect localhost:5000/team/train:v1 --platform linux/arm64",
    ),
)
@click.argument("name")
@platform_option
def inspect(*, name: str, platform: str | None) -> None:
    """Print what is known of the image NAME as JSON.

    Configuration, layers and labels, and where the blobs lie; of an image for several platforms that of this machine,
    and which others there are.
    """
    from kfp.cli import image_report
    from kfp.images.reference import Reference

    store = local_store()
    reference = Reference.parse(name)
    found = store.get(reference, platform_of(platform))
    if found is None and store.get(reference) is not None:
        raise _other_platform(reference, str(platform), store)
    if found is None:
        raise _absent([reference.familiar], store)
    terminal.data_json(image_report.details(found, reference, store))


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
@platform_option
def save(*, name: str, path: str, format_: Literal["oci", "docker"], platform: str | None) -> None:
    """Write the image NAME into an archive.

    Layers that are not on this machine are fetched first, and an image that is not in the store is pulled. Of an
    image for several platforms an OCI archive has all that are on this machine, the other format this machine's.
    """
    from kfp.cli import archives
    from kfp.images.reference import Reference

    archives.save(Reference.parse(name), path, format_, local_store(), platform_of(platform))


@image.command("load", cls=Command, examples=("kfp image load python.tar", "docker save NAME | kfp image load -"))
@click.argument("archive", required=False, metavar="[FILE]")
@click.option("-i", "--input", "input_", metavar="FILE", help="The same as FILE, as `docker load` has it.")
@output_option
def load(archive: str | None, input_: str | None) -> None:
    """Take the images of an archive into the store."""
    from kfp.cli import archives

    if archive is not None and input_ is not None:
        raise click.UsageError("give FILE or --input, not both")
    names = [reference.familiar for reference in archives.load(archive or input_ or "-", local_store())]
    if current().json:
        terminal.data_json(names)
    else:
        terminal.data("\n".join(names))


@image.command("rm", cls=Command, examples=("kfp image rm localhost/python:3.11",))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def rm(names: tuple[str, ...]) -> None:
    """Remove images from the store by name.

    All of the names are removed, or none if one is not there. Blobs stay, since other images may share them:
    `kfp image gc` deletes those that none does.
    """
    from kfp.images.reference import Reference

    store = local_store()
    there = {stored.reference for stored in store.list()}
    references = [Reference.parse(name) for name in names]
    absent = [reference.familiar for reference in references if reference not in there]
    if absent:
        raise _absent(absent, store)
    for reference in references:
        store.remove(reference)
        terminal.log(f"removed {reference.familiar}")


@image.command(
    "gc",
    cls=Command,
    examples=("kfp image gc", "kfp image gc --max-size 10GB", "kfp image gc --max-size 10GB --dry-run"),
)
@click.option(
    "--max-size",
    type=Size(),
    metavar="SIZE",
    default=0,
    help="Keep cached layers and wheels that builds have used lately, as long as all together is no larger than this, "
    "such as 10GB.  [default: keep none]",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be deleted, and delete nothing.")
@output_option
def gc(*, max_size: int, dry_run: bool) -> None:
    """Delete what no image in the store needs.

    That is what images left that were removed or built anew, and layers and wheels that are cached for the next
    build. What an image under a name needs always stays. Builds that are running are waited for.
    """
    from kfp.build.sweeping import sweep
    from kfp.home import kfp_home

    store = local_store()
    waiting = "waiting for what is being built or loaded"
    swept = sweep(
        store, kfp_home() / "cache", max_size=max_size, dry_run=dry_run, on_wait=lambda: terminal.log(waiting)
    )
    if current().json:
        terminal.data_json(
            {
                "dry_run": dry_run,
                "freed": swept.freed,
                "files": swept.files,
                "kept": swept.kept,
                "needed": swept.needed,
                "store": str(store.root),
            }
        )
        return
    size = units.size
    files = f"{swept.files} file{'s' * (swept.files != 1)}"
    terminal.data(f"{'would free' if dry_run else 'freed'} {size(swept.freed)} in {files}")
    terminal.data(f"kept {size(swept.kept)}, of which images need {size(swept.needed)}")
    if 0 < max_size < swept.needed:
        terminal.note(f"images alone need more than {size(max_size)}; `kfp image rm` removes their names")


for command in (sbom, explain, rebase):
    image.add_command(command)


def _other_platform(reference: Reference, platform: str, store: Store) -> ImageNotFound:
    there = [str(stored.platform) for stored in store.list() if stored.reference == reference]
    return ImageNotFound(
        f"{reference.familiar} is in the local store for {', '.join(there)}, not for {platform}",
        hint="choose one of these with --platform",
    )


def _absent(names: list[str], store: Store) -> ImageNotFound:
    there = sorted({stored.reference.familiar for stored in store.list()})
    return ImageNotFound(
        f"the local store has no image {', '.join(names)}",
        hint=f"it has {', '.join(there[:10])}" if there else "it is empty; `kfp image bootstrap` makes a first one",
    )
