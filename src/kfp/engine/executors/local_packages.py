"""Packages that only an image has: projects of the machine that built it, unpacked for steps that run without it."""

from __future__ import annotations

import csv
import hashlib
import os
import posixpath
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kfp.images.image import Image
    from kfp.images.layer import Layer

_STEP = "kfp component build: packages "


def unpack_packages(image: Image, packages: Sequence[str], root: Path) -> Path:
    """Unpacks packages of an image, once for each content.

    Only their own files are taken: what else lies in the same layers may be for another machine.

    Args:
        image: one that `kfp component build` built.
        packages: `name==version`, pure Python.
        root: where directories of this kind are kept.

    Returns:
        The directory to import them from.

    Raises:
        RunError: the image lacks one of them.
        ImageError: a layer is damaged, or cannot be fetched.
    """
    layers = tuple(_layers_of(image, packages))
    key = hashlib.sha256("\0".join((*packages, *(layer.diff_id for layer in layers))).encode()).hexdigest()
    place = root / f"packages-{key[:32]}"
    if place.is_dir():
        return place
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".packages-") as directory:
        staging, taken = Path(directory), Path(directory, "taken")
        taken.mkdir()
        found = {
            name for number, layer in enumerate(layers) for name in _take(layer, packages, staging / str(number), taken)
        }
        if missing := [package for package in packages if package not in found]:
            raise RunError(f"the image says that it has {', '.join(missing)}, and has not", hint="build it again")
        try:
            taken.rename(place)
        except OSError:
            if not place.is_dir():  # else another process was faster
                raise
    return place


def _layers_of(image: Image, packages: Sequence[str]) -> Iterator[Layer]:
    """Finds the layers that hold packages, by what the image's history tells of them."""
    steps = [step.created_by for step in image.config.history if not step.empty_layer]
    for layer, step in zip(image.layers, steps, strict=False):
        if step.startswith(_STEP) and set(step.removeprefix(_STEP).split(", ")) & set(packages):
            yield layer


def _take(layer: Layer, packages: Sequence[str], staging: Path, into: Path) -> Iterator[str]:
    from kfp.images.extract import extract_layer  # noqa: PLC0415 - few images have such packages

    extract_layer(layer, staging)
    records = {_label(path.parent.name): path for path in staging.glob("**/*.dist-info/RECORD")}
    for package in packages:
        record = records.get(_normal(package))
        if record is None:
            continue
        site = record.parent.parent
        for path, *_ in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            # Scripts and data lie beside the packages and are nothing to import.
            if not posixpath.normpath(path).startswith(("..", "/")) and (site / path).is_file():
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(site / path, into / path)
        yield package
    shutil.rmtree(staging, ignore_errors=True)


def _label(folder: str) -> str:
    name, _, version = os.path.splitext(folder)[0].partition("-")  # noqa: PTH122 (a version has dots, too)
    return _normal(f"{name}=={version}")


def _normal(package: str) -> str:
    name, _, version = package.partition("==")
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}"
