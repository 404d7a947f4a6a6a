"""From a plan to images in the store and in the registry, and to the files beside the components."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.assembly import BuiltLayer, assemble, creation_time
from kfp.build.built import BuiltImage, BuiltPlatform
from kfp.build.component_files import component_files, write_files
from kfp.build.dockerfile import is_users_own
from kfp.build.files import check_writable
from kfp.build.layer_cache import LayerCache
from kfp.build.options import BuildOptions
from kfp.build.own_layers import runtime_layer, source_layer
from kfp.build.packages import package_layers
from kfp.build.preparing import Prepared, prepare
from kfp.build.source import METADATA_FOLDER
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.images.image_index import ImageIndex
from kfp.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.build.events import OnEvent
    from kfp.build.planning import Plan
    from kfp.images.image import Image
    from kfp.images.store import Store

DEFAULTS = BuildOptions()


def build(
    plan: Plan, *, store: Store, options: BuildOptions = DEFAULTS, on_event: OnEvent | None = None
) -> list[BuiltImage]:
    """Builds every image of a plan, puts them into the store, writes the components' files, and pushes.

    All bases are found and all packages resolved before the first layer is built; the component directory is written
    after the last image is stored.

    Args:
        plan: from `kfp.build.plan`.
        store: the local image store.
        options: everything else.
        on_event: called with what happens, during a push from several threads but never at the same time.

    Raises:
        BuildError: the directory cannot be written, or a base has no Python for packages.
        RequirementsError: packages cannot be resolved or installed.
        ImageError: a base cannot be found, the store cannot be written, or a registry fails.
    """
    tell = on_event or (lambda _: None)
    created = creation_time(os.environ)
    for directory in (store.root, plan.directory / METADATA_FOLDER):
        check_writable(directory)
    if options.push:
        _check_can_be_pushed(plan)
    if is_users_own(plan.directory / "Dockerfile"):
        tell(events.DockerfileNotUsed(plan.directory / "Dockerfile"))
    texts = component_files(plan)
    built = [_build(plan, each, store, created, tell) for each in prepare(plan, options, store, tell)]
    tell(events.FilesWritten(write_files(plan.directory, texts)))
    return [_push(image, store, options, tell) if options.push else image for image in built]


def _check_can_be_pushed(plan: Plan) -> None:
    for image in plan.images:
        if image.target.registry == "localhost":
            raise BuildError(
                f"{image.target.familiar} cannot be pushed: localhost without a port means the local image store",
                hint="add --no-push-image, or name the registry's port, as in localhost:5000/project/name:tag",
            )


def _build(plan: Plan, prepared: tuple[Prepared, ...], store: Store, created: str, tell: OnEvent) -> BuiltImage:
    started = time.perf_counter()
    made = [_build_platform(plan, each, store, created, tell) for each in prepared]
    image_plan = prepared[0].plan
    images = tuple(image for image, _ in made)
    whole = images[0] if len(images) == 1 else ImageIndex.of(images)
    store.put(whole, image_plan.target)
    platforms = tuple(platform for _, platform in made)
    tell(events.ImageStored(image_plan.target, platforms[0].id, whole.digest))
    seconds = time.perf_counter() - started
    return BuiltImage(image_plan.target, image_plan.base, whole.digest, platforms, seconds)


def _build_platform(
    plan: Plan, prepared: Prepared, store: Store, created: str, tell: OnEvent
) -> tuple[Image, BuiltPlatform]:
    caches = kfp_home() / "cache"
    cache = LayerCache(caches / "layers", store.blobs)
    layers = [
        *_package_layers(prepared, cache, caches / "packages"),
        BuiltLayer("runtime", f"kfp {__version__}", *runtime_layer(cache)),
        BuiltLayer("source", _files(plan), *source_layer(plan.context, prepared.plan.components, cache)),
    ]
    packages = tuple(map(str, prepared.lock.packages)) if prepared.lock else ()
    for each in layers:
        tell(events.LayerBuilt(each.kind, each.summary, each.layer.descriptor.size, each.cached, prepared.plan.target))
    image = assemble(prepared.base, prepared.plan, layers, packages, created)
    built = BuiltPlatform(
        platform=image.platform,
        base_digest=prepared.base.digest,
        id=image.id,
        digest=image.digest,
        layers=tuple(layers),
        packages=packages,
    )
    return image, built


def _package_layers(prepared: Prepared, cache: LayerCache, directory: Path) -> list[BuiltLayer]:
    if prepared.lock is None or prepared.python is None:
        return []
    where = prepared.python.layout
    made = package_layers(prepared.lock, where, cache=cache, indexes=prepared.plan.indexes, directory=directory)
    return [BuiltLayer("packages", ", ".join(each.packages), each.layer, each.cached) for each in made]


def _files(plan: Plan) -> str:
    count = len(plan.context.files)
    return f"{count} file{'s' if count != 1 else ''} of {plan.directory.name}"


def _push(built: BuiltImage, store: Store, options: BuildOptions, tell: OnEvent) -> BuiltImage:
    from kfp.images.distribution.push import push as push_image  # noqa: PLC0415 (start-up: a build alone needs no HTTP)

    whole = store.get_whole(built.reference)
    if whole is None:
        raise BuildError(f"{built.reference.familiar} was removed from the local store while it was built")
    tell(events.PushStarted(built.reference))
    result = push_image(whole, built.reference, keychain=options.keychain, progress=tell)
    tell(events.ImagePushed(built.reference, result.digest, result.pushed))
    return replace(built, pushed=result)
