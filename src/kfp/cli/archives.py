"""Image archives between the store and files or pipes."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kfp.cli import terminal, transfer
from kfp.errors import InvalidImage, SkiffError
from kfp.images import archive
from kfp.images.distribution import pull
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store

PIPE = "-"


def save(
    reference: Reference, target: str, format_: Literal["oci", "docker"], store: Store, platform: Platform | None = None
) -> None:
    """Write an image, fetching what of it is not on this machine.

    Args:
        reference: its name.
        target: a file, or `-` for stdout.
        format_: `oci` or `docker`.
        store: looked in first.
        platform: of an index, this image alone; None for all that are on this machine.

    Raises:
        UsageError: stdout is a terminal, or the target no file that can be replaced.
        SkiffError: the image cannot be found or written.
    """
    if target == PIPE and sys.stdout.isatty():
        raise click.UsageError("an archive is not written to a terminal; give a file with -o, or redirect stdout")
    if target != PIPE and Path(target).exists() and not Path(target).is_file():
        raise click.UsageError(f"'{target}' is not a regular file; `-o -` writes to stdout")
    image = _find(reference, platform, store)
    for each in image.images if isinstance(image, ImageIndex) else (image,):
        if not all(layer.foreign or store.blobs.has(layer.descriptor.digest) for layer in each.layers):
            with transfer.shown(f"pulling {reference.familiar}", "fetched") as view:
                pull.fetch_layers(each, store, progress=view)
    if target != PIPE:
        archive.save(image, reference, Path(target), format_)
    elif format_ == "docker" and not isinstance(image, ImageIndex):
        archive.write_docker_archive(image, reference, sys.stdout.buffer)
    else:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "image.tar")
            archive.save(image, reference, path, format_)
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
    if target != PIPE:
        terminal.log(f"saved {reference.familiar} to {target}")


def _find(reference: Reference, platform: Platform | None, store: Store) -> Image | ImageIndex:
    whole = None if platform is not None else store.get_whole(reference)
    if isinstance(whole, ImageIndex) and whole.images:
        return whole
    return pull.resolve(reference, platform, store=store)


def load(source: str, store: Store) -> list[Reference]:
    """Take the images of an archive into the store.

    Args:
        source: a file, or `-` for stdin.
        store: where they go.

    Returns:
        The names of the images.

    Raises:
        UsageError: stdin is a terminal.
        SkiffError: the archive cannot be read.
    """
    with _file(source) as path:
        try:
            return archive.load(path, store)
        except InvalidImage as error:
            what = "the archive on stdin" if source == PIPE else source
            raise InvalidImage(f"{what}: {error.message.replace(f'{path} ', '')}", hint=error.hint) from error


@contextlib.contextmanager
def _file(source: str) -> Iterator[Path]:
    if source != PIPE:
        if not Path(source).is_file():
            raise SkiffError(f"there is no file {source}")
        yield Path(source)
        return
    if sys.stdin.isatty():
        raise click.UsageError("missing argument 'FILE', or an archive on stdin")
    with tempfile.NamedTemporaryFile(prefix="kfp-image-", suffix=".tar") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Path(file.name)
