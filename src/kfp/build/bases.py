"""The bases of all images of a plan, for every platform that is wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kfp.build.base import Base, find_base
from kfp.build.together import combined, together
from kfp.errors import ImageNotFound, SkiffError
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kfp.build.options import BuildOptions
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store


def find_bases(
    references: Iterable[Reference], options: BuildOptions, store: Store
) -> dict[Reference, tuple[Base, ...]]:
    """Finds images for all platforms that the options name: in the store, else in their registries, a few at a time.

    Returns:
        Name → a base for each platform, in the options' order, or in that of the image's own index.

    Raises:
        ImageNotFound: a base is nowhere, or lacks platforms; the message says which it has.
        RegistryError: a registry cannot be reached, refuses or fails.
        BuildError: several bases cannot be found, for different reasons.
    """
    names = tuple(dict.fromkeys(references))
    find = partial(find_base, store=store, keychain=options.keychain, insecure=options.insecure_registries)
    wanted: dict[Reference, Sequence[Platform | None]] = dict.fromkeys(names, options.platforms or (None,))  # type: ignore[arg-type]
    if options.platforms == "all":
        together([partial(find, name, None) for name in names])
        wanted = {name: _platforms(name, store) for name in names}
    pairs = [(name, platform) for name in names for platform in wanted[name]]
    found = together([partial(_attempt, partial(find, name, platform)) for name, platform in pairs])
    bases: dict[Reference, list[Base]] = {name: [] for name in names}
    failed: dict[Reference, list[tuple[Platform | None, ImageNotFound]]] = {}
    for (name, platform), base in zip(pairs, found, strict=True):
        if isinstance(base, Base):
            bases[name].append(base)
        else:
            failed.setdefault(name, []).append((platform, base))
    if failed:
        raise combined([_absent(name, attempts, options, store) for name, attempts in failed.items()])
    return {name: tuple(those) for name, those in bases.items()}


def _attempt(find: partial[Base]) -> Base | ImageNotFound:
    try:
        return find()
    except ImageNotFound as error:
        return error


def _absent(
    name: Reference,
    attempts: Sequence[tuple[Platform | None, ImageNotFound]],
    options: BuildOptions,
    store: Store,
) -> SkiffError:
    """Says which platforms a base lacks and which it has; where it has none at all, what the search said."""
    lacking = [str(platform) for platform, _ in attempts if platform is not None]
    try:
        find_base(name, None, store=store, keychain=options.keychain, insecure=options.insecure_registries)
        there = [str(platform) for platform in _platforms(name, store)]
    except SkiffError:
        there = []
    if not lacking or not there:
        return attempts[0][1]
    return ImageNotFound(
        f"the base image {name.familiar} is not for {' and '.join(lacking)}, only for {', '.join(there)}",
        hint="leave these platforms out of --platform, or choose another base_image",
    )


def _platforms(name: Reference, store: Store) -> tuple[Platform, ...]:
    """Gives the platforms of an image that the store has the manifest or the index of."""
    whole = store.get_whole(name)
    if whole is None:
        return ()
    if isinstance(whole, ImageIndex):
        return tuple(entry.platform for entry in whole.index.images if entry.platform is not None)
    return (whole.platform,)
