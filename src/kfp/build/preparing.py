"""All that must be known before the first layer is built: the bases, their Pythons, the exact packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.base import find_base
from kfp.home import kfp_home
from kfp.requirements import lock

if TYPE_CHECKING:
    from kfp.build.base import Base, BasePython
    from kfp.build.events import OnEvent
    from kfp.build.options import BuildOptions
    from kfp.build.planning import ImagePlan, Plan
    from kfp.images.image import Image
    from kfp.images.store import Store
    from kfp.requirements import Lock


@dataclass(frozen=True)
class Prepared:
    """An image for one platform, whose base and packages are known.

    Args:
        plan: what it is for.
        base: the base image, for the platform.
        python: where the base keeps packages; None where the image wants none.
        lock: the packages; None likewise.
    """

    plan: ImagePlan
    base: Image
    python: BasePython | None
    lock: Lock | None


def prepare(plan: Plan, options: BuildOptions, store: Store, tell: OnEvent) -> list[tuple[Prepared, ...]]:
    """Finds all bases, then resolves all packages: one tuple for each image of the plan, with a value a platform.

    Raises:
        BuildError: a base has no Python for packages.
        RequirementsError: packages cannot be resolved.
        ImageError: a base cannot be found.
    """
    platforms = options.platforms or (None,)
    bases = [
        [find_base(image.base, platform, store=store, keychain=options.keychain) for platform in platforms]
        for image in plan.images
    ]
    return [
        tuple(_prepare(image, base, upgrade=options.upgrade, tell=tell) for base in found)
        for image, found in zip(plan.images, bases, strict=True)
    ]


def _prepare(image: ImagePlan, base: Base, *, upgrade: bool, tell: OnEvent) -> Prepared:
    tell(events.BaseResolved(image.base, base.image.digest, image.target))
    if not image.requirements:
        return Prepared(image, base.image, None, None)
    caches = kfp_home() / "cache"
    python = base.python(caches / "bases")
    target = python.target(base.image.platform)
    locked = lock(image.requirements, target, cache=caches / "locks", indexes=image.indexes, refresh=upgrade)
    tell(events.PackagesLocked(tuple(map(str, locked.packages)), image.target))
    return Prepared(image, base.image, python, locked)
