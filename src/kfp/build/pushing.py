"""The last step of a build: further names, in the store and in registries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.build.built import BuiltTag
from kfp.errors import BuildError, InvalidReference
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.build.built import BuiltImage
    from kfp.build.events import OnEvent
    from kfp.build.options import BuildOptions
    from kfp.images.image import Image
    from kfp.images.image_index import ImageIndex
    from kfp.images.store import Store


def further_names(targets: Sequence[Reference], options: BuildOptions) -> dict[Reference, tuple[Reference, ...]]:
    """Reads the tags of a build.

    Args:
        targets: the names of the images.
        options: its tags are `:TAG`, another tag of every target, or `NAME[:TAG]`, another name of the only one.

    Returns:
        The further names of each target.

    Raises:
        BuildError: a name is malformed, names one of several images, or is for the local store while images are pushed.
    """
    names = {target: tuple(dict.fromkeys(_name(tag, target) for tag in options.tags)) for target in targets}
    whole = [tag for tag in options.tags if not tag.startswith(":")]
    if whole and len(targets) > 1:
        raise BuildError(
            f"--tag {whole[0]} names one image, and {len(targets)} are built",
            hint="build one of them with --select, or give only a tag, as in --tag :v2, for each of them",
        )
    if options.push:
        for name in (*targets, *(name for further in names.values() for name in further)):
            if name.registry == "localhost":
                raise BuildError(
                    f"{name.familiar} cannot be pushed: localhost without a port means the local image store",
                    hint="add --no-push-image, or name the registry's port, as in localhost:5000/project/name:tag",
                )
    return {target: tuple(name for name in further if name != target) for target, further in names.items()}


def distribute(
    built: BuiltImage, names: Sequence[Reference], store: Store, options: BuildOptions, tell: OnEvent
) -> BuiltImage:
    """Gives an image of the store its further names, and pushes all of them if that is wanted.

    Args:
        built: the image.
        names: its further names.
        store: where it is.
        options: of the build.
        tell: is told about the push.

    Returns:
        The image with what the push did.

    Raises:
        ImageError: a registry fails, or the store cannot be written.
        BuildError: another process removed the image from the store.
    """
    if not names and not options.push:
        return built
    whole = store.get_whole(built.reference)
    if whole is None:
        raise BuildError(f"{built.reference.familiar} was removed from the local store while it was built")
    for name in names:
        store.put(whole, name)
    if not options.push:
        return replace(built, tags=tuple(BuiltTag(name) for name in names))
    return _push(built, whole, names, store=store, options=options, tell=tell)


def _push(
    built: BuiltImage,
    whole: Image | ImageIndex,
    names: Sequence[Reference],
    *,
    store: Store,
    options: BuildOptions,
    tell: OnEvent,
) -> BuiltImage:
    from kfp.images.distribution.push import push_all  # noqa: PLC0415 (start-up: a build alone needs no HTTP)
    from kfp.images.distribution.registry import RegistryOptions  # noqa: PLC0415

    tell(events.PushStarted(built.reference))
    registries = RegistryOptions(options.keychain, insecure_hosts=options.insecure_registries)
    artifacts = store.attachments.about(whole)
    everywhere = (built.reference, *names)
    first, *others = push_all(whole, everywhere, options=registries, progress=tell, artifacts=artifacts)
    for name, result in zip(everywhere, (first, *others), strict=True):
        if result.refused:
            tell(events.ArtifactsRefused(name, result.refused))
    tell(events.ImagePushed(built.reference, first.digest, first.pushed or any(other.pushed for other in others)))
    tags = tuple(BuiltTag(name, result) for name, result in zip(names, others, strict=True))
    return replace(built, pushed=first, tags=tags)


def _name(tag: str, target: Reference) -> Reference:
    try:
        name = target.with_tag(tag[1:]) if tag.startswith(":") else Reference.parse(tag)
    except InvalidReference as error:
        raise BuildError(f"--tag {tag}: {error.message}", hint="it is NAME[:TAG], or :TAG for another tag") from error
    if name.digest is not None:
        raise BuildError(f"--tag {tag}: a name that is given cannot have a digest", hint=f"leave out @{name.digest}")
    return name
