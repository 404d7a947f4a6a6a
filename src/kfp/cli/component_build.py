"""The work of `kfp component build`: plan, build or write a Dockerfile, tell."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from kfp import build
from kfp.cli import build_report, terminal
from kfp.cli.build_progress import Progress
from kfp.errors import BuildError, SkiffError
from kfp.home import kfp_home
from kfp.images.image_index import ImageIndex
from kfp.images.store import Store
from kfp.units import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kfp.build.kfp_package import Runtime
    from kfp.images.image import Image


def build_images(
    directory: Path,
    pattern: str,
    options: build.BuildOptions,
    *,
    select: Sequence[str] = (),
    kfp_package: Path | None = None,
    as_json: bool,
) -> None:
    """Build the images of a component directory.

    Args:
        directory: holds the components.
        pattern: which files.
        options: how they are built.
        select: names of components or target images; all where there is none.
        kfp_package: what the images get as their kfp, None for the runtime.
        as_json: whether stdout is for a machine.

    Raises:
        SkiffError: see `kfp.build`.
    """
    started = time.monotonic()
    store = Store(kfp_home() / "images")
    with _telling(options) as progress:
        runtime = _runtime(kfp_package)
        plan = build.plan(directory, pattern, select=select, runtime=runtime, on_event=progress)
        built = build.build(plan, store=store, options=options, on_event=progress)
        if options.overwrite_dockerfile:
            package = None if kfp_package is None else str(kfp_package)
            build.write_docker_files(plan, overwrite=True, kfp_package=package)
    if options.engine is not None and not options.load and not any(image.engine for image in built):
        terminal.note("--engine was not needed: without a Dockerfile of your own, images are built without an engine")
    images = [(each, _stored(each, store)) for each in built]
    if as_json:
        terminal.data_json([build_report.to_json(each, image, store.root, plan) for each, image in images])
    else:
        for number, (each, image) in enumerate(images):
            if number:
                terminal.data("")
            build_report.show(each, image, store.root)
    count = f"{len(built)} image{'s' * (len(built) != 1)}"
    terminal.log(f"built {count}{' and pushed' if options.push else ''} in {duration(time.monotonic() - started)}")


def _runtime(kfp_package: Path | None) -> Runtime | None:
    if kfp_package is None:
        return None
    from kfp.build.kfp_package import read_runtime  # noqa: PLC0415 (start-up: hardly any build has one)

    return read_runtime(str(kfp_package))


def show_plan(
    directory: Path,
    pattern: str,
    options: build.BuildOptions,
    *,
    select: Sequence[str] = (),
    kfp_package: Path | None = None,
    as_json: bool,
) -> None:
    """Print what `build_images` would do, and do none of it.

    Args:
        directory: holds the components.
        pattern: which files.
        options: how they would be built.
        select: names of components or target images; all where there is none.
        kfp_package: what the images would get as their kfp, None for the runtime.
        as_json: whether stdout is for a machine.

    Raises:
        SkiffError: see `kfp.build`.
    """
    from kfp.build.forecast import forecast  # noqa: PLC0415 (start-up: a build does not need it)
    from kfp.cli import forecast_report  # noqa: PLC0415 (as above)

    started = time.monotonic()
    with _without_bytecode(), _progress(options) as progress:
        plan = build.plan(directory, pattern, select=select, runtime=_runtime(kfp_package), on_event=progress)
        images = forecast(plan, store=Store(kfp_home() / "images"), options=options, on_event=progress)
    if as_json:
        terminal.data_json([forecast_report.to_json(image, options) for image in images])
    else:
        for number, image in enumerate(images):
            if number:
                terminal.data("")
            forecast_report.show(image, options)
    count = f"{len(images)} image{'s' * (len(images) != 1)}"
    terminal.log(f"planned {count} in {duration(time.monotonic() - started)}; nothing was written")


@contextlib.contextmanager
def _without_bytecode() -> Iterator[None]:
    """Keep imports from writing `__pycache__` into the component directory."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def write_docker_files(
    directory: Path,
    pattern: str,
    *,
    select: Sequence[str] = (),
    overwrite: bool,
    kfp_package: Path | None,
    as_json: bool,
) -> None:
    """Write what `docker build` needs, and no image.

    Args:
        directory: holds the components.
        pattern: which files.
        select: names of components or target images; all where there is none.
        overwrite: whether a Dockerfile that is there is written again.
        kfp_package: what the Dockerfile installs as kfp, None for the runtime.
        as_json: whether stdout is for a machine.

    Raises:
        SkiffError: see `kfp.build`.
    """
    with Progress() as progress:
        plan = build.plan(directory, pattern, select=select, on_event=progress)
        package = None if kfp_package is None else str(kfp_package)
        written = build.write_docker_files(plan, overwrite=overwrite, kfp_package=package)
    if as_json:
        terminal.data_json({"files": [str(path) for path in written]})
        return
    build_report.show_files(written, plan.directory)
    terminal.log(f"wrote {len(written)} files" if written else "everything was there already")


def _progress(options: build.BuildOptions) -> Progress:
    return Progress(several_platforms=options.platforms == "all" or len(options.platforms) > 1)


@contextlib.contextmanager
def _telling(options: build.BuildOptions) -> Iterator[Progress]:
    progress = _progress(options)
    try:
        with progress:
            yield progress
    except SkiffError:
        if options.push and progress.stored:
            terminal.note(f"built, and in the local store: {', '.join(progress.stored)}")
        raise


def _stored(built: build.BuiltImage, store: Store) -> tuple[Image, ...]:
    whole = store.get_whole(built.reference)
    if whole is None:
        raise BuildError(f"{built.reference.familiar} was removed from the local store while it was built")
    return whole.images if isinstance(whole, ImageIndex) else (whole,)
