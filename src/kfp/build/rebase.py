"""An image on another base, without building: its own layers are taken over, the base's settings come from the new one.

    image = old base + packages + runtime + source   ──rebase──▶   new base + packages + runtime + source

The outcome is what a build on the new base would give, as long as the packages fit it: the same Python, the same
places, the same C library or a newer one. Where they do not, the image has to be built again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kfp.build import layout
from kfp.build.assembly import BASE_DIGEST, BASE_NAME, BuiltLayer, put_on, read_step
from kfp.build.base import Base, find_base, stated_python
from kfp.build.bases import find_bases
from kfp.build.history import BuildRecord, History, platform_record
from kfp.build.making import as_one
from kfp.build.options import BuildOptions
from kfp.build.reattesting import reattest
from kfp.build.together import together
from kfp.errors import BuildError
from kfp.home import kfp_home
from kfp.images.config import timestamp
from kfp.images.image_index import ImageIndex
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kfp.build.base import BasePython
    from kfp.build.events import LayerKind
    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store
    from kfp.requirements import Target

_KINDS: dict[str, LayerKind] = {"packages": "packages", "runtime": "runtime", "source": "source"}


@dataclass(frozen=True)
class RebasedPlatform:
    """An image for one platform on its new base.

    Args:
        platform: what it is for.
        former_base: digest of the manifest that it stood on; "" where the image does not say.
        base: digest of the manifest that it stands on.
        id: digest of the configuration.
        digest: digest of the manifest.
    """

    platform: Platform
    former_base: str
    base: str
    id: str
    digest: str


@dataclass(frozen=True)
class Rebased:
    """An image, or an index of images, on its new base, in the local store.

    Args:
        reference: its name.
        former_base: what it stood on; "" where the image does not say.
        base: what it stands on.
        digest: of the manifest, or of the index.
        platforms: an image for each.
        changed: whether it is another image than before.
    """

    reference: Reference
    former_base: str
    base: Reference
    digest: str
    platforms: tuple[RebasedPlatform, ...]
    changed: bool


def rebase(
    reference: Reference,
    base: Reference,
    *,
    store: Store,
    name: Reference | None = None,
    options: BuildOptions | None = None,
) -> Rebased:
    """Puts an image that was built here, or by the same program elsewhere, on another base.

    Args:
        reference: the image, in the store or in its registry.
        base: the new base, likewise.
        store: where both are looked for, and where the outcome goes.
        name: what the outcome is called; by default what the image is called, which then is the new one.
        options: credentials and insecure registries.

    Raises:
        BuildError: the image was not built by this program, or its packages do not fit the new base.
        ImageNotFound: there is no such image, or the base is not for one of its platforms.
        ImageError: a registry fails, or the store cannot be written.
    """
    chosen = options or BuildOptions()
    with store.in_use():
        former = _former(reference, chosen, store)
        wanted = replace(chosen, platforms=tuple(each.image.platform for each in former))
        bases = find_bases([base], wanted, store)[base]
        made = together([partial(_put_on, *pair) for pair in zip(former, bases, strict=True)])
        target = name or reference
        before = store.get_whole(target)
        whole = as_one(made, base, store)
        store.put(whole, target)
        for image, old, new in zip(made, former, bases, strict=True):
            if not store.attachments.of(image.digest):
                known = store.attachments.of(old.image.digest)
                told = reattest(known, (reference, old.image), (base, new.image), (target, image))
                store.attachments.set(image.digest, told)
    _remember(target, base, whole.digest, list(zip(made, former, bases, strict=True)))
    return Rebased(
        target,
        former[0].image.manifest.annotations.get(BASE_NAME, ""),
        base,
        whole.digest,
        tuple(
            RebasedPlatform(
                image.platform,
                old.image.manifest.annotations.get(BASE_DIGEST, ""),
                new.image.digest,
                image.id,
                image.digest,
            )
            for image, old, new in zip(made, former, bases, strict=True)
        ),
        before is None or before.digest != whole.digest,
    )


def _former(reference: Reference, options: BuildOptions, store: Store) -> list[Base]:
    """Finds the image for each of its platforms, all of which have to be there."""
    find = partial(find_base, reference, store=store, keychain=options.keychain, insecure=options.insecure_registries)
    only = find(None)
    whole = store.get_whole(reference)
    if not isinstance(whole, ImageIndex):
        return [only]
    return [find(entry.platform) for entry in whole.index.images]


def _put_on(former: Base, base: Base) -> Image:
    image = former.image
    own = own_layers(former)
    _check_fits(former, base, own)
    packages = [package for each in own if each.kind == "packages" for package in each.summary.split(", ")]
    labels = image.config.labels
    kept = {key: labels[key] for key in (layout.INDEX_URLS_LABEL,) if key in labels}
    local = [each for each in labels.get(layout.LOCAL_PACKAGES_LABEL, "").splitlines() if each in packages]
    return put_on(
        base.image,
        base.reference,
        own,
        sorted(packages, key=lambda package: package.partition("==")[0]),
        local=local,
        labels=kept,
        annotations=image.manifest.annotations,
        created=image.config.created,
    )


def own_layers(image: Base) -> list[BuiltLayer]:
    """Gives the layers that a build put on the base of an image, lowest first.

    Raises:
        BuildError: the image was built in another way.
    """
    steps = [read_step(step.created_by) for step in image.image.config.history if not step.empty_layer]
    layers = image.image.layers
    own: list[BuiltLayer] = []
    if len(steps) == len(layers):
        # A base that was built here has such layers, too: each image has one source, and its packages lowest.
        for step, layer in zip(reversed(steps), reversed(layers), strict=True):
            expected = ("source", "runtime")[len(own) : len(own) + 1] or ("packages",)
            if step is None or step[0] not in expected:
                break
            own.insert(0, BuiltLayer(_KINDS[step[0]], step[1], layer, cached=True))
    if len(own) < 2:  # noqa: PLR2004 (runtime and source)
        raise BuildError(
            f"{image.reference.familiar} was not built by `kfp component build`: its layers do not say what they are",
            hint="build it again, with the new base_image",
        )
    return own


def _check_fits(former: Base, base: Base, own: Sequence[BuiltLayer]) -> None:
    """Refuses a base for which a build might choose other packages, or put them elsewhere."""
    has_packages = any(each.kind == "packages" for each in own)
    caches = kfp_home() / "cache" / "bases"
    old = former.python(caches) if has_packages else stated_python(former.image)
    new = base.python(caches) if has_packages else stated_python(base.image)
    if old is None or new is None:
        return  # no packages, and a Python that can only be found by reading the layers
    reasons = list(_misfits(old, new, base.image.platform)) if has_packages else list(_versions(old, new))
    if reasons:
        raise BuildError(
            f"{former.reference.familiar} cannot stand on {base.reference.familiar} "
            f"({base.image.platform}): {'; '.join(reasons)}",
            hint="build it again, with base_image set to the new base: then packages are chosen that fit",
        )


def _versions(old: BasePython, new: BasePython) -> Iterator[str]:
    if old.version != new.version:
        yield f"it was built for Python {old.version}, and the base has Python {new.version}"


def _misfits(old: BasePython, new: BasePython, platform: Platform) -> Iterator[str]:
    yield from _versions(old, new)
    if old.version == new.version and old.layout != new.layout:
        yield (
            f"its packages are in /{old.site_packages} for {old.interpreter}, "
            f"and the base looks for them in /{new.site_packages} with {new.interpreter}"
        )
    before, after = old.target(platform), new.target(platform)
    if before.libc.family != after.libc.family:
        yield f"its packages are for {before.libc.family}, and the base has {after.libc.family}"
    elif _newest_wheels(before) > _newest_wheels(after):
        yield f"its packages are for {before.libc}, and the base has the older {after.libc}"


def _newest_wheels(target: Target) -> tuple[int, int]:
    """Gives the newest C library that wheels for a target may need; a musl of unknown version is any."""
    if target.libc.family == "glibc" and target.architecture != "riscv64":
        return target.manylinux
    return target.libc.version or (1, 2)


def _remember(name: Reference, base: Reference, digest: str, made: Sequence[tuple[Image, Base, Base]]) -> None:
    """Records what came of it for `kfp image explain`; the inputs of the layers are those of their own build."""
    history = History(kfp_home() / "cache" / "builds")
    known = {
        layer.diff_id: layer
        for reference in {name, made[0][1].reference}
        for build in history.read(reference)
        for platform in build.platforms
        for layer in platform.layers
    }
    records = []
    for image, former, below in made:
        record = platform_record(image, below.image.digest, own_layers(former))
        records.append(replace(record, layers=tuple(known.get(layer.diff_id, layer) for layer in record.layers)))
    now = timestamp(int(time.time()))
    told = f"{made[0][1].reference.familiar}, rebased"
    history.add(name, BuildRecord(now, now, 1, __version__, told, base.familiar, digest, tuple(records)))
