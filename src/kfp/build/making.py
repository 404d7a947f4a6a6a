"""Layers on a base: the images of one target, for each platform, in the store."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.assembly import BASE_DIGEST, BASE_NAME, BuiltLayer, assemble
from kfp.build.attesting import attest
from kfp.build.built import BuiltImage, BuiltPlatform
from kfp.build.history import BuildRecord, History, platform_record
from kfp.build.inventory import Inventory
from kfp.build.layer_cache import LayerCache
from kfp.build.materials import Materials
from kfp.build.own_layers import runtime_layer, source_layer
from kfp.build.packages import package_layers
from kfp.build.together import Turns
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.images.config import timestamp
from kfp.images.image_index import ImageIndex
from kfp.requirements import requirement_name
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kfp.build.events import OnEvent
    from kfp.build.grouping import ImagePlan
    from kfp.build.options import BuildOptions
    from kfp.build.planning import Plan
    from kfp.build.preparing import Prepared
    from kfp.build.recipe import LayerRecipe
    from kfp.build.revision import Revision
    from kfp.images.artifact import Artifact
    from kfp.images.image import Image
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from kfp.requirements import Lock


@dataclass(frozen=True)
class MadeImage:
    """An image for one platform, whose layers are in the store, what is told of it, and what is attached to it."""

    image: Image
    built: BuiltPlatform
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class Maker:
    """Makes the images of one build; threads share it.

    Args:
        plan: the directory.
        store: where layers and images go.
        options: how they are built.
        created: the time that the images say they were made at.
        tell: called from several threads, but never at the same time.
        revision: the commit of the source, where it is known.
    """

    plan: Plan
    store: Store
    options: BuildOptions
    created: str
    tell: OnEvent
    revision: Revision | None = None
    turns: Turns = field(default_factory=Turns)

    def make(self, prepared: Prepared) -> MadeImage:
        """Builds what one platform lacks and puts it on the base.

        Raises:
            BuildError: the base's image format has no layers with the compression that is asked for.
            RequirementsError: packages cannot be installed.
            ImageError: a layer cannot be built, or the store cannot be written.
        """
        started = time.perf_counter()
        _check_compression(self.options, prepared)
        target, platform = prepared.plan.target, prepared.base.platform
        self.tell(events.PhaseStarted("layers", target, platform))
        cache = LayerCache(kfp_home() / "cache" / "layers", self.store.blobs, self.options.compressor)
        layers = [
            *self._packages(prepared, cache),
            self._own(runtime_layer(self.plan.runtime), cache),
            self._own(source_layer(self.plan.context, prepared.plan.components), cache),
        ]
        for each in layers:
            size = each.layer.descriptor.size
            self.tell(events.LayerBuilt(each.kind, each.summary, size, each.cached, target, platform))
        packages = tuple(map(str, prepared.lock.packages)) if prepared.lock else ()
        local = [str(package) for package in prepared.lock.packages if package.local] if prepared.lock else []
        image = assemble(prepared.base, prepared.plan, layers, packages, self.created, local=local)
        if self.revision is not None:
            image = image.with_annotations(self.revision.annotations)
        artifacts = self._attest(prepared, image, layers) if self.options.sbom else ()
        self.tell(events.PlatformBuilt(target, platform))
        built = BuiltPlatform(
            platform=image.platform,
            base_digest=prepared.base.digest,
            id=image.id,
            digest=image.digest,
            layers=tuple(layers),
            packages=packages,
            seconds=time.perf_counter() - started,
        )
        return MadeImage(image, built, artifacts)

    def keep(self, prepared: Sequence[Prepared], made: Sequence[MadeImage]) -> BuiltImage:
        """Names the images of one target in the store: the only one itself, several under an index.

        Raises:
            StoreError: the store cannot be written.
            InvalidImage: no index can hold these images together.
        """
        plan = prepared[0].plan
        images = tuple(each.image for each in made)
        whole = as_one(images, plan.base, self.store)
        self.store.put(whole, plan.target)
        for each in made:
            self.store.attachments.set(each.image.digest, each.artifacts)
        self.tell(events.ImageStored(plan.target, images[0].id, whole.digest))
        platforms = tuple(each.built for each in made)
        self._remember(plan, whole.digest, made)
        seconds = max(platform.seconds for platform in platforms)
        return BuiltImage(plan.target, plan.base, whole.digest, platforms, seconds)

    def _remember(self, plan: ImagePlan, digest: str, made: Sequence[MadeImage]) -> None:
        records = (platform_record(each.image, each.built.base_digest, each.built.layers) for each in made)
        now = timestamp(int(time.time()))
        where = str(self.plan.directory)
        record = BuildRecord(now, now, 1, __version__, where, plan.base.familiar, digest, tuple(records))
        History(kfp_home() / "cache" / "builds").add(plan.target, record)

    def _attest(self, prepared: Prepared, image: Image, layers: Sequence[BuiltLayer]) -> tuple[Artifact, ...]:
        lock, notes = prepared.lock, {}
        if lock is not None:
            inventory = Inventory(kfp_home() / "cache" / "packages" / "notes")
            notes = inventory.notes(lock, [each.layer for each in layers if each.kind == "packages"])
        packages = lock.packages if lock is not None else ()
        return attest(Materials(image, prepared.plan, prepared.base, packages, notes, self.revision, self.created))

    def _own(self, recipe: LayerRecipe, cache: LayerCache) -> BuiltLayer:
        with self.turns(recipe.key):
            layer, cached = cache.build(recipe.key, recipe.entries)
        return BuiltLayer(recipe.kind, recipe.summary, layer, cached, recipe.inputs)

    def _packages(self, prepared: Prepared, cache: LayerCache) -> list[BuiltLayer]:
        if prepared.lock is None or prepared.python is None:
            return []
        where, directory = prepared.python.layout, kfp_home() / "cache" / "packages"
        with self.turns(prepared.lock.target, where):  # images of a platform share most of their wheels
            made = package_layers(prepared.lock, where, cache=cache, indexes=prepared.plan.indexes, directory=directory)
        known = locked_inputs(prepared.lock)
        return [
            BuiltLayer(
                "packages",
                ", ".join(each.packages),
                each.layer,
                each.cached,
                {name: known[name] for name in map(requirement_name, each.packages) if name},
            )
            for each in made
        ]


def as_one(images: Sequence[Image], base: Reference, store: Store) -> Image | ImageIndex:
    """Gives the only image itself, or an index of several.

    Raises:
        InvalidImage: no index can hold these images together.
    """
    return images[0] if len(images) == 1 else ImageIndex.of(images, _annotations(base, images, store))


def _annotations(base: Reference, images: Sequence[Image], store: Store) -> Mapping[str, str]:
    """Gives what an index says of itself: what all its images say, and the index of their base."""
    first, *others = (image.manifest.annotations for image in images)
    common = {key: value for key, value in first.items() if all(each.get(key) == value for each in others)}
    below = store.get_whole(base)
    if BASE_NAME in common and isinstance(below, ImageIndex):
        common[BASE_DIGEST] = below.digest
    return common


def _check_compression(options: BuildOptions, prepared: Prepared) -> None:
    if options.compressor == "fast":
        return
    from kfp.images import compression  # noqa: PLC0415 (start-up: the default works everywhere)

    compression.check(options.compressor)
    if options.compression not in prepared.base.manifest.family.layers:
        raise BuildError(
            f"the base {prepared.plan.base.familiar} is an image of Docker's own format, which has no layers in zstd",
            hint="choose a base in the OCI format, or --compression gzip",
        )


def locked_inputs(lock: Lock) -> dict[str, str]:
    """Gives the version of each package, and a digest of the files that the lock allows for it."""
    return {
        package.name: f"{package.version} sha256:{hashlib.sha256(chr(0).join(package.hashes).encode()).hexdigest()}"
        for package in lock.packages
    }
