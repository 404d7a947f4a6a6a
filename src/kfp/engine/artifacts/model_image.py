"""Models in images (`oci:`): what lies in an image's `/models`, as KServe's Modelcars have it."""

from __future__ import annotations

import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kfp.errors import RunError

if TYPE_CHECKING:
    from kfp.engine.artifacts.transfer import Transfer
    from kfp.images.image import Image
    from kfp.images.layer import Layer

_MODELS: Final = "models"
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"


def find_image(uri: str, home: Path, *, refresh: bool) -> Image:
    """Return the image that an `oci:` URI names, from the store or its registry; layers come when they are read.

    Args:
        uri: `oci://registry/name:tag` or `…@digest`.
        home: has the image store.
        refresh: ask the registry what the name means now.

    Raises:
        ImageError: it is nowhere, or no image's name.
    """
    from kfp.images.distribution.pull import resolve  # noqa: PLC0415 - few runs need one
    from kfp.images.reference import Reference  # noqa: PLC0415
    from kfp.images.store import Store  # noqa: PLC0415

    reference = Reference.parse(uri.partition("://")[2])
    return resolve(reference, store=Store(home / "images"), refresh=refresh)


def unpack_models(image: Image, uri: str, transfer: Transfer, into: Path) -> None:
    """Write an image's `/models`, layer upon layer.

    Args:
        image: has it.
        uri: how an error calls the image.
        transfer: is told, and may be given up.
        into: a directory that is not there yet.

    Raises:
        Canceled: it was given up.
        RunError: the image has no such directory.
        ImageError: a layer cannot be fetched, or is damaged.
        OSError: the disk refuses.
    """
    from kfp.images.extract import extract_layer  # noqa: PLC0415 - few runs need it

    transfer.begin(f"unpacking {uri}", 0)
    for number, layer in enumerate(image.layers):
        transfer.check()
        has_models, hidden = _scan(layer)
        for path in hidden:
            _remove(into, path)
        if has_models:
            stage = into.with_name(f"{into.name}.layer-{number}")
            extract_layer(layer, stage, prefix=_MODELS)
            _lay(stage, into)
        transfer.moved(layer.descriptor.size)
    if not into.is_dir():
        raise RunError(f"the image {uri} has no directory /{_MODELS}", hint="a model's image holds its files there")


def _scan(layer: Layer) -> tuple[bool, list[str]]:
    """Return whether a layer has the directory, and what it hides in it of the layers below."""
    from kfp.images.untar import members, plain_path  # noqa: PLC0415 - few runs need it

    found, hidden = False, []
    with layer.uncompressed() as stream:
        for member, _ in members(stream):
            if _MODELS not in member.name:
                continue
            parent, name = posixpath.split(plain_path(member.name))
            is_below = parent == _MODELS or parent.startswith(f"{_MODELS}/")
            if name == _OPAQUE and is_below:
                hidden.append(parent[len(_MODELS) + 1 :])
            elif name == f"{_WHITEOUT}{_MODELS}" and not parent:
                hidden.append("")
            elif name.startswith(_WHITEOUT) and is_below:
                hidden.append(posixpath.join(parent[len(_MODELS) + 1 :], name[len(_WHITEOUT) :]))
            else:
                found = found or is_below or (name == _MODELS and not parent)
    return found, hidden


def _remove(root: Path, path: str) -> None:
    """Remove what a layer hides; no link is followed on the way to it."""
    if ".." in path.split("/"):
        return
    here = root
    for part in filter(None, path.split("/")):
        if here.is_symlink():
            return
        here /= part
    if here.is_symlink() or here.is_file():
        here.unlink()
    elif here.is_dir():
        shutil.rmtree(here)


def _lay(source: Path, into: Path) -> None:
    """Move a layer's files over those of the layers below."""
    if into.is_symlink() or not into.is_dir():
        into.unlink(missing_ok=True)
        source.rename(into)
        return
    for each in source.iterdir():
        target = into / each.name
        if each.is_dir() and not each.is_symlink():
            _lay(each, target)
            continue
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        each.replace(target)
    shutil.rmtree(source, ignore_errors=True)
