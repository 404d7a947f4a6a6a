"""What a build would do, without doing it: nothing is written but caches.

Bases are found and packages locked as for a build. A base that has to be asked of its registry is kept in a directory
that is deleted afterwards: the store does not learn of it.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kfp.build.assembly import creation_time
from kfp.build.component_files import component_files
from kfp.build.dockerfile import users_own
from kfp.build.explain import Difference, compare
from kfp.build.history import History
from kfp.build.layer_cache import LayerCache
from kfp.build.making import locked_inputs
from kfp.build.own_layers import runtime_layer, source_layer
from kfp.build.packages import known_layers
from kfp.build.preparing import prepare
from kfp.build.pushing import further_names
from kfp.build.together import serialised
from kfp.errors import BlobAbsent
from kfp.home import kfp_home
from kfp.images.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kfp.build.events import LayerKind, OnEvent
    from kfp.build.grouping import ImagePlan, PlannedComponent
    from kfp.build.history import PlatformRecord
    from kfp.build.options import BuildOptions
    from kfp.build.planning import Plan
    from kfp.build.preparing import Prepared
    from kfp.images.descriptor import Descriptor
    from kfp.images.image import Image
    from kfp.images.image_index import ImageIndex
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference


@dataclass(frozen=True)
class ForecastLayers:
    """Layers of one kind.

    Args:
        kind: whose they are.
        summary: what they hold, for people.
        cached: whether they are in the store already.
        size: bytes of the blobs; None where they are to be built.
        differences: from what went into the last build under this name; empty where there is no record.
    """

    kind: LayerKind
    summary: str
    cached: bool
    size: int | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class ForecastPlatform:
    """An image for one platform.

    Args:
        platform: what it is for.
        base_digest: digest of the base's manifest; None where the same build makes the base.
        base_size: bytes of the base's layers; None likewise.
        packages: what would be installed, `name==version`.
        layers: lowest first.
    """

    platform: Platform
    base_digest: str | None
    base_size: int | None
    packages: tuple[str, ...]
    layers: tuple[ForecastLayers, ...]


@dataclass(frozen=True)
class ForecastImage:
    """An image that a build would make.

    Args:
        reference: its name.
        base: what it stands on.
        components: sorted by function name.
        platforms: several give an index; none where an engine builds it.
        names: further names that it would get.
        dockerfile: the user's own, which an engine would build it from.
    """

    reference: Reference
    base: Reference
    components: tuple[PlannedComponent, ...]
    platforms: tuple[ForecastPlatform, ...]
    names: tuple[Reference, ...] = ()
    dockerfile: Path | None = None


def forecast(
    plan: Plan, *, store: Store, options: BuildOptions, on_event: OnEvent | None = None
) -> list[ForecastImage]:
    """Finds out what `kfp.build.build` would do.

    Args:
        plan: from `kfp.build.plan`.
        store: the local image store; it is only read.
        options: those of the build.
        on_event: called with what is found.

    Raises:
        BuildError, RequirementsError, ImageError, AuthoringError: what the build would find wrong before it builds.
    """
    creation_time(os.environ)
    names = further_names([image.target for image in plan.images], options)
    component_files(plan)
    dockerfile = users_own(plan.directory)
    if dockerfile is not None and not options.overwrite_dockerfile:
        return [
            ForecastImage(image.target, image.base, image.components, (), names.get(image.target, ()), dockerfile)
            for image in plan.images
        ]
    forecaster = _Forecaster(plan, store, options, {image.target: image for image in plan.images})
    with tempfile.TemporaryDirectory(prefix="kfp-plan-") as directory:
        roots = [replace(image, base=forecaster.root(image)) for image in plan.images]
        prepared = prepare(roots, options, _Overlay(store, Path(directory)), serialised(on_event))
        return [
            ForecastImage(
                image.target,
                image.base,
                image.components,
                tuple(forecaster.platform(image, each) for each in those),
                names.get(image.target, ()),
            )
            for image, those in zip(plan.images, prepared, strict=True)
        ]


@dataclass(frozen=True)
class _Forecaster:
    plan: Plan
    store: Store
    options: BuildOptions
    targets: Mapping[Reference, ImagePlan]

    def root(self, image: ImagePlan) -> Reference:
        """Gives the image below all those that the same build makes; it has the Python that they have."""
        while image.base in self.targets:
            image = self.targets[image.base]
        return image.base

    def platform(self, image: ImagePlan, prepared: Prepared) -> ForecastPlatform:
        caches = kfp_home() / "cache"
        cache = LayerCache(caches / "layers", self.store.blobs, self.options.compressor)
        former = _former(History(caches / "builds"), image.target, prepared.base.platform)
        layers = []
        if prepared.lock is not None and prepared.python is not None and prepared.lock.packages:
            known = known_layers(prepared.lock, prepared.python.layout, cache=cache, directory=caches / "packages")
            count = len(prepared.lock.packages)
            layers.append(
                ForecastLayers(
                    "packages",
                    f"{count} package{'s' * (count != 1)}",
                    known is not None,
                    None if known is None else sum(each.layer.descriptor.size for each in known),
                    _differences("packages", former, locked_inputs(prepared.lock)),
                )
            )
        for recipe in (runtime_layer(self.plan.runtime), source_layer(self.plan.context, image.components)):
            layer = cache.get(recipe.key)
            size = None if layer is None else layer.descriptor.size
            why = _differences(recipe.kind, former, recipe.inputs)
            layers.append(ForecastLayers(recipe.kind, recipe.summary, layer is not None, size, why))
        from_here = image.base in self.targets
        return ForecastPlatform(
            platform=prepared.base.platform,
            base_digest=None if from_here else prepared.base.digest,
            base_size=None if from_here else sum(layer.descriptor.size for layer in prepared.base.layers),
            packages=tuple(map(str, prepared.lock.packages)) if prepared.lock else (),
            layers=tuple(layers),
        )


def _former(history: History, reference: Reference, platform: Platform) -> PlatformRecord | None:
    builds = history.read(reference, 1)
    return next((each for build in builds for each in build.platforms if each.platform == str(platform)), None)


def _differences(kind: str, former: PlatformRecord | None, inputs: Mapping[str, str]) -> tuple[Difference, ...]:
    if former is None:
        return ()
    layers: Sequence[Mapping[str, str]] = [layer.inputs for layer in former.layers if layer.kind == kind]
    return compare({name: value for each in layers for name, value in each.items()}, inputs)


class _Overlay(Store):
    """Reads one store, writes another."""

    def __init__(self, below: Store, root: Path) -> None:
        super().__init__(root)
        self._below = below

    def get(self, reference: Reference, platform: Platform | None = None) -> Image | None:
        return self._below.get(reference, platform) or super().get(reference, platform)

    def get_whole(self, reference: Reference) -> Image | ImageIndex | None:
        return super().get_whole(reference) or self._below.get_whole(reference)

    def open(self, descriptor: Descriptor) -> BinaryIO:
        try:
            return self._below.open(descriptor)
        except BlobAbsent:
            return super().open(descriptor)

    def origin(self, digest: str) -> Reference | None:
        return super().origin(digest) or self._below.origin(digest)
