"""`kfp component`: components into container images."""

# ruff: noqa: PLC0415 -- what a command needs is loaded when it runs: start-up time

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kfp.cli.command import Command, Group
from kfp.cli.settings import current, output_option
from kfp.cli.values import PlatformList

if TYPE_CHECKING:
    from kfp.images.platform import Platform


@click.group(cls=Group, name="component", no_args_is_help=True)
def component() -> None:
    """Build components into container images, without Docker."""


@component.command(
    "build",
    cls=Command,
    sections={
        "What to build": ["component_filepattern", "select", "platforms", "dry_run"],
        "Packages": ["find_links", "upgrade"],
        "Layers": ["compression", "portable"],
        "Where it goes": [
            *("push_image", "tags", "insecure_registries"),
            *("load", "output_archive", "archive_format"),
        ],
        "What is said of it": ["pin", "sbom"],
        "With a Dockerfile": ["build_image", "overwrite_dockerfile", "kfp_package_path", "engine", "engine_options"],
    },
    examples=(
        "kfp component build src/   # every *.py below src/, pushed to the registries of their target images",
        "kfp component build src/ --component-filepattern my_component.py --no-push-image",
        "kfp component build src/ --dry-run   # what would be built, and what has changed since the last build",
        "kfp component build src/ --select train --platform linux/amd64,linux/arm64   # one image, two platforms",
        "kfp component build src/ --tag :latest --pin   # another tag; pipelines run exactly this image",
        "kfp component build src/ --no-push-image --load   # for docker or podman on this machine",
    ),
)
@click.argument("components_directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--component-filepattern",
    default="**/*.py",
    show_default=True,
    metavar="PATTERN",
    help="Which files below the directory hold components.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="NAME",
    help="Build only the images of this component or with this target image; may be repeated, and hold * and ?.",
)
@click.option(
    "--engine",
    default=None,
    metavar="NAME",
    help="What builds from a Dockerfile of your own: docker, podman or buildah.  [default: the first that answers]",
)
@click.option(
    "--engine-option",
    "engine_options",
    multiple=True,
    metavar="OPTION",
    help="For the engine's build command, such as --engine-option=--network=host; may be repeated.",
)
@click.option(
    "--kfp-package-path",
    type=click.Path(path_type=Path),
    default=None,
    metavar="PATH",
    help="Directory or wheel of kfp to put into the image instead of the runtime.",
)
@click.option(
    "--overwrite-dockerfile",
    is_flag=True,
    help="Write the Dockerfile again, even one of your own, and build without it.",
)
@click.option(
    "--build-image/--no-build-image",
    default=True,
    show_default=True,
    help="Build the image, or only write the Dockerfile and the files that belong to it.",
)
@click.option(
    "--platform",
    "platforms",
    type=PlatformList(),
    metavar="OS/ARCH[,…]",
    help="What the images will run on; several give an image index, each with packages of its own; `all` means all "
    "of the base.  [default: what this machine is, if the base is for it, else linux/amd64]",
)
@click.option(
    "--push-image/--no-push-image",
    default=True,
    show_default=True,
    help="Push to the registry of the target image, or leave the image in the local store.",
)
@click.option(
    "--find-links",
    multiple=True,
    metavar="DIR",
    help="Look for wheels in this directory (or on this page), too; may be repeated.",
)
@click.option(
    "--upgrade",
    is_flag=True,
    help="Resolve packages again; otherwise each keeps the version of the first build with the same list.",
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="NAME[:TAG]",
    help="A further name for the image, pushed as well; :TAG is another tag of each target image; may be repeated.",
)
@click.option(
    "--insecure-registry",
    "insecure_registries",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Speak to this registry over plain HTTP, or with a certificate that is not trusted; may be repeated.",
)
@click.option(
    "--compression",
    type=click.Choice(["gzip", "zstd"]),
    default="gzip",
    show_default=True,
    help="Of the layers on top of the base; zstd is smaller, and needs `pip install 'kfp-skiff[zstd]'`.",
)
@click.option(
    "--portable",
    is_flag=True,
    help="Compress layers in a way that is the same everywhere, and slower: not the image's ID alone, its manifest's "
    "digest too depends on nothing but what goes in.",
)
@click.option("--load", is_flag=True, help="Give the image to docker or podman as well, unless it has it.")
@click.option(
    "--output-archive",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Write the images to an archive as well.",
)
@click.option(
    "--archive-format",
    type=click.Choice(["oci", "docker"]),
    default="oci",
    show_default=True,
    help="OCI archive, with all platforms, or what `docker load` reads, with this machine's.",
)
@click.option(
    "--pin",
    is_flag=True,
    help="Name the image by its digest in component_metadata/NAME.yaml: pipelines that load it run exactly this image.",
)
@click.option(
    "--sbom/--no-sbom",
    default=True,
    show_default=True,
    help="Attach a bill of materials (CycloneDX) and the provenance (SLSA) to the image.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Tell what would be built, of what, and where it would be pushed; write nothing.",
)
@output_option
def build(
    *,
    components_directory: Path,
    component_filepattern: str,
    select: tuple[str, ...],
    engine: str | None,
    engine_options: tuple[str, ...],
    kfp_package_path: Path | None,
    overwrite_dockerfile: bool,
    build_image: bool,
    platforms: tuple[Platform, ...] | Literal["all"] | None,
    push_image: bool,
    dry_run: bool,
    load: bool,
    output_archive: Path | None,
    archive_format: Literal["oci", "docker"],
    pin: bool,
    sbom: bool,
    compression: Literal["gzip", "zstd"],
    portable: bool,
    find_links: tuple[str, ...],
    upgrade: bool,
    tags: tuple[str, ...],
    insecure_registries: tuple[str, ...],
) -> None:
    """Build the images of the components in COMPONENTS_DIRECTORY.

    One image per target_image is built from its base_image: packages, then the component's source. Beside the
    sources stay component_metadata/NAME.yaml, to load each component from, and the files that upstream's
    build leaves there. A Dockerfile of your own in the directory is built by docker, podman or buildah.

    Packages are those of the components' packages_to_install and of one file of the directory, the first that
    is there: pylock.toml, uv.lock (with pyproject.toml), requirements.txt, pyproject.toml with a [project].
    A lock is installed exactly as it is.
    """
    settings = current()
    from kfp.cli import component_build

    if dry_run and not build_image:
        raise click.UsageError("--dry-run tells what a build would do; leave out --no-build-image")
    if build_image:
        from kfp.build import BuildOptions

        options = BuildOptions(
            platforms=platforms or (),
            push=push_image,
            upgrade=upgrade,
            find_links=tuple(each if "://" in each else str(Path(each).absolute()) for each in find_links),
            overwrite_dockerfile=overwrite_dockerfile,
            engine=engine,
            engine_options=engine_options,
            compression=compression,
            portable=portable,
            load=load,
            archive=output_archive,
            archive_format=archive_format,
            pin=pin,
            sbom=sbom,
            tags=tags,
            insecure_registries=frozenset(insecure_registries),
        )
        work = component_build.show_plan if dry_run else component_build.build_images
        work(
            components_directory,
            component_filepattern,
            options,
            select=select,
            kfp_package=kfp_package_path,
            as_json=settings.json,
        )
    else:
        component_build.write_docker_files(
            components_directory,
            component_filepattern,
            select=select,
            overwrite=overwrite_dockerfile,
            kfp_package=kfp_package_path,
            as_json=settings.json,
        )
