"""From a plan to images in the store and in the registry, and to the files beside the components."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.assembly import BuiltLayer, assemble, creation_time
from kfp.build.base import find_base
from kfp.build.component_files import component_files, write_files
from kfp.build.dockerfile import is_users_own
from kfp.build.files import check_writable
from kfp.build.layer_cache import LayerCache
from kfp.build.own_layers import runtime_layer, source_layer
from kfp.build.packages import package_layers
from kfp.build.source import METADATA_FOLDER
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.requirements import lock
from kfp.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.build.base import Base, BasePython
    from kfp.build.events import OnEvent
    from kfp.build.planning import ImagePlan, Plan
    from kfp.images.distribution.auth import Keychain
    from kfp.images.distribution.push import PushResult
    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from kfp.requirements import Lock


@dataclass(frozen=True)
class BuiltImage:
    """An image that is in the local store.

    Args:
        reference: its name.
        base: the image that it stands on.
        base_digest: digest of the base's manifest.
        id: digest of the configuration: the same for the same inputs, everywhere.
        digest: digest of the manifest.
        layers: what was put on the base, lowest first.
        packages: what was installed, `name==version`.
        seconds: how long building took, without the push.
        pushed: what the push did; None when there was none.
    """

    reference: Reference
    base: Reference
    base_digest: str
    id: str
    digest: str
    layers: tuple[BuiltLayer, ...]
    packages: tuple[str, ...]
    seconds: float
    pushed: PushResult | None = None


@dataclass(frozen=True)
class _Prepared:
    """An image whose base and packages are known."""

    plan: ImagePlan
    base: Image
    python: BasePython | None
    lock: Lock | None


def build(
    plan: Plan,
    *,
    store: Store,
    push: bool = True,
    keychain: Keychain | None = None,
    platform: Platform | None = None,
    upgrade: bool = False,
    on_event: OnEvent | None = None,
) -> list[BuiltImage]:
    """Builds every image of a plan, puts them into the store, writes the components' files, and pushes.

    All bases are found and all packages resolved before the first layer is built; the component directory is written
    after the last image is stored.

    Args:
        plan: from `kfp.build.plan`.
        store: the local image store.
        push: whether the images are pushed to the registries of their names.
        keychain: credentials; None is the user's own.
        platform: what the images will run on; None takes the platform of the base that suits this machine.
        upgrade: resolve the packages again; otherwise versions stay what they were when the same list was built first.
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
    if push:
        _check_can_be_pushed(plan)
    if is_users_own(plan.directory / "Dockerfile"):
        tell(events.DockerfileNotUsed(plan.directory / "Dockerfile"))
    texts = component_files(plan)
    bases = [find_base(image.base, platform, store=store, keychain=keychain) for image in plan.images]
    prepared = [_prepare(*each, upgrade=upgrade, tell=tell) for each in zip(plan.images, bases, strict=True)]
    built = [_build(plan, each, store, created, tell) for each in prepared]
    tell(events.FilesWritten(write_files(plan.directory, texts)))
    return [_push(image, store, keychain, tell) if push else image for image in built]


def _check_can_be_pushed(plan: Plan) -> None:
    for image in plan.images:
        if image.target.registry == "localhost":
            raise BuildError(
                f"{image.target.familiar} cannot be pushed: localhost without a port means the local image store",
                hint="add --no-push-image, or name the registry's port, as in localhost:5000/project/name:tag",
            )


def _prepare(image: ImagePlan, base: Base, *, upgrade: bool, tell: OnEvent) -> _Prepared:
    tell(events.BaseResolved(image.base, base.image.digest, image.target))
    if not image.requirements:
        return _Prepared(image, base.image, None, None)
    caches = kfp_home() / "cache"
    python = base.python(caches / "bases")
    target = python.target(base.image.platform)
    locked = lock(image.requirements, target, cache=caches / "locks", indexes=image.indexes, refresh=upgrade)
    tell(events.PackagesLocked(tuple(map(str, locked.packages)), image.target))
    return _Prepared(image, base.image, python, locked)


def _build(plan: Plan, prepared: _Prepared, store: Store, created: str, tell: OnEvent) -> BuiltImage:
    started = time.perf_counter()
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
    store.put(image, prepared.plan.target)
    tell(events.ImageStored(prepared.plan.target, image.id, image.digest))
    return BuiltImage(
        reference=prepared.plan.target,
        base=prepared.plan.base,
        base_digest=prepared.base.digest,
        id=image.id,
        digest=image.digest,
        layers=tuple(layers),
        packages=packages,
        seconds=time.perf_counter() - started,
    )


def _package_layers(prepared: _Prepared, cache: LayerCache, directory: Path) -> list[BuiltLayer]:
    if prepared.lock is None or prepared.python is None:
        return []
    where = prepared.python.layout
    made = package_layers(prepared.lock, where, cache=cache, indexes=prepared.plan.indexes, directory=directory)
    return [BuiltLayer("packages", ", ".join(each.packages), each.layer, each.cached) for each in made]


def _files(plan: Plan) -> str:
    count = len(plan.context.files)
    return f"{count} file{'s' if count != 1 else ''} of {plan.directory.name}"


def _push(built: BuiltImage, store: Store, keychain: Keychain | None, tell: OnEvent) -> BuiltImage:
    from kfp.images.distribution.push import push as push_image  # noqa: PLC0415 (start-up: a build alone needs no HTTP)

    image = store.get(built.reference)
    if image is None:
        raise BuildError(f"{built.reference.familiar} was removed from the local store while it was built")
    tell(events.PushStarted(built.reference))
    result = push_image(image, built.reference, keychain=keychain, progress=tell)
    tell(events.ImagePushed(built.reference, result.digest, result.pushed))
    return replace(built, pushed=result)
