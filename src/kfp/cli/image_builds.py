"""`kfp image sbom`, `explain` and `rebase`: what is in an image, why, and on which base."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

import click

from kfp.cli import terminal
from kfp.cli.command import Command
from kfp.cli.image_options import local_store, platform_of, platform_option
from kfp.cli.settings import current, output_option
from kfp.errors import ImageNotFound


@click.command(
    "sbom",
    cls=Command,
    examples=("kfp image sbom localhost:5000/team/app:v1", "kfp image sbom --provenance localhost:5000/team/app:v1"),
)
@click.argument("name")
@click.option("--provenance", is_flag=True, help="Print how the image came to be instead (SLSA, an in-toto statement).")
@platform_option
def sbom(*, name: str, provenance: bool, platform: str | None) -> None:
    """Print the bill of materials of the image NAME (CycloneDX, JSON).

    It is taken from the store if it was built here, else from the image's registry.
    """
    from kfp.cli import attached
    from kfp.images.reference import Reference

    kind = attached.PROVENANCE if provenance else attached.SBOM
    terminal.data(attached.read(Reference.parse(name), kind, platform_of(platform), local_store()).decode())


@click.command(
    "explain",
    cls=Command,
    examples=("kfp image explain localhost:5000/team/train:v1", "kfp image explain train:v1 --output json"),
)
@click.argument("name")
@output_option
def explain(name: str) -> None:
    """Tell which layers of NAME its last build changed, and why.

    Compares what went into the image with what went into it before: files that came, went or changed, packages from
    version to version, the base, the runtime, and settings such as the environment. The first build of a tag is
    compared with the last one of another tag.
    """
    from kfp.build.explain import explain as compare
    from kfp.build.history import History
    from kfp.cli import explain_report
    from kfp.home import kfp_home
    from kfp.images.reference import Reference

    reference = Reference.parse(name)
    history = History(kfp_home() / "cache" / "builds")
    builds = history.read(reference, 2)
    if not builds:
        raise ImageNotFound(
            f"no build of {reference.familiar} is recorded on this machine",
            hint="`kfp component build` records what goes into an image; images that were pulled or loaded have none",
        )
    other = history.before(reference) if len(builds) == 1 else None
    if other is not None:
        explanation = compare(builds[0], other[1], other[0].familiar)
    else:
        explanation = compare(builds[0], builds[1] if len(builds) > 1 else None)
    if current().json:
        terminal.data_json(explain_report.to_json(reference, explanation))
    else:
        explain_report.show(reference, explanation)


@click.command(
    "rebase",
    cls=Command,
    examples=(
        "kfp image rebase localhost:5000/team/train:v1 --base python:3.11-slim --push-image",
        "kfp image rebase train:v1 --base localhost/python:3.11 --tag train:v1-patched",
    ),
)
@click.argument("name")
@click.option("--base", required=True, metavar="IMAGE", help="The new base, in the store or in its registry.")
@click.option(
    "--tag", metavar="NAME[:TAG]", help="What the outcome is called.  [default: NAME, which is then the new image]"
)
@click.option(
    "--push-image/--no-push-image", default=False, show_default=True, help="Push the outcome to its registry as well."
)
@output_option
def rebase(*, name: str, base: str, tag: str | None, push_image: bool) -> None:
    """Swap the base under the image NAME without building it again.

    Packages, runtime and source stay the layers that they are; environment and the like come from the new base. That
    works for images of `kfp component build`, on every platform that they are for, where the new base has the same
    Python in the same place and a C library that is not older.
    """
    from kfp.cli import rebase_report
    from kfp.images.reference import Reference

    reference = Reference.parse(name)
    target = reference if tag is None else Reference.parse(tag)
    rebase_report.run(reference, Reference.parse(base), target, local_store(), push=push_image, as_json=current().json)
