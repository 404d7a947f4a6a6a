"""All that must be known before the first layer is built: the bases, their Pythons, the exact packages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.bases import find_bases
from kfp.build.together import Turns, together
from kfp.home import kfp_home
from kfp.requirements import Indexes, lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build.base import Base, BasePython
    from kfp.build.events import OnEvent
    from kfp.build.grouping import ImagePlan
    from kfp.build.options import BuildOptions
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


def prepare(
    images: Sequence[ImagePlan], options: BuildOptions, store: Store, tell: OnEvent
) -> list[tuple[Prepared, ...]]:
    """Finds all bases, then resolves all packages: one tuple for each image, with a value for each platform.

    Args:
        images: none of them stands on another.
        options: platforms and credentials.
        store: where bases are looked for first.
        tell: called from several threads, but never at the same time.

    Raises:
        BuildError: a base has no Python for packages, or there are several errors.
        RequirementsError: packages cannot be resolved.
        ImageError: a base cannot be found.
    """
    bases = find_bases((image.base for image in images), options, store)
    turns = Turns()
    jobs = [
        partial(_prepare, _with_links(image, options), base, upgrade=options.upgrade, tell=tell, turns=turns)
        for image in images
        for base in bases[image.base]
    ]
    made = iter(together(jobs))
    return [tuple(next(made) for _ in bases[image.base]) for image in images]


def _with_links(image: ImagePlan, options: BuildOptions) -> ImagePlan:
    return replace(image, indexes=image.indexes.with_more(Indexes(find_links=options.find_links)))


def _prepare(image: ImagePlan, base: Base, *, upgrade: bool, tell: OnEvent, turns: Turns) -> Prepared:
    platform = base.image.platform
    tell(events.BaseResolved(image.base, base.image.digest, image.target, platform))
    if not image.needs_packages:
        return Prepared(image, base.image, None, None)
    caches = kfp_home() / "cache"
    tell(events.PhaseStarted("packages", image.target, platform))
    with turns(image.base, platform):
        python = base.python(caches / "bases")
    target = python.target(platform)
    with turns(image.requirements, image.indexes, target):
        locked = lock(
            image.wanted,
            target,
            cache=caches / "locks",
            indexes=image.indexes,
            declared=image.declared,
            refresh=upgrade,
        )
    tell(events.PackagesLocked(tuple(map(str, locked.packages)), image.target, platform))
    return Prepared(image, base.image, python, locked)
