"""Where images go besides the store and registries: into a container engine, into an archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kfp.build import events
from kfp.errors import BuildError
from kfp.images.image_index import ImageIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kfp.build.built import BuiltImage
    from kfp.build.events import OnEvent
    from kfp.build.options import BuildOptions
    from kfp.images.engine import ContainerEngine
    from kfp.images.image import Image
    from kfp.images.reference import Reference
    from kfp.images.store import Store

_ENGINES = ("docker", "podman")


@dataclass(frozen=True)
class Outputs:
    """What else is wanted of a build; found out before anything is built.

    Args:
        options: of the build.
        engine: what the images are given to; None where none is wanted.
    """

    options: BuildOptions
    engine: ContainerEngine | None = None

    @classmethod
    def of(cls, options: BuildOptions) -> Outputs:
        """Makes sure that everything can be written where it is wanted.

        Raises:
            EngineUnavailable: no engine answers.
            BuildError: the archive's directory is not there.
        """
        if options.archive is not None and (not options.archive.parent.is_dir() or options.archive.is_dir()):
            raise BuildError(f"no archive {options.archive} can be written: it is a directory, or its directory absent")
        if not options.load:
            return cls(options)
        from kfp.images.engine import find_engine  # noqa: PLC0415 (start-up: only some builds need an engine)

        chosen = options.engine if options.engine in _ENGINES else None
        return cls(options, find_engine(chosen, otherwise="leave out --load"))

    def hand_over(self, built: Sequence[BuiltImage], store: Store, tell: OnEvent) -> None:
        """Gives images of the store, under all their names, to whoever else shall have them.

        Raises:
            ImageError: a base layer cannot be fetched, the engine refuses an image, or the archive cannot be written.
            BuildError: another process removed an image from the store.
        """
        if self.engine is None and self.options.archive is None:
            return
        named = list(_named(built, store))
        if self.engine is not None:
            for whole, reference in named:
                tell(events.OutputStarted(reference, self.engine.program))
                image = whole.choose() if isinstance(whole, ImageIndex) else whole
                given = image is not None and self.engine.load(_whole(image, store, self.options), reference)
                tell(events.EngineLoaded(reference, self.engine.program, given))
        if self.options.archive is not None:
            self._write(named, store, tell)

    def _write(self, named: Sequence[tuple[Image | ImageIndex, Reference]], store: Store, tell: OnEvent) -> None:
        from kfp.images.archive import save_all  # noqa: PLC0415 (start-up: only some builds write archives)

        path, form = self.options.archive, self.options.archive_format
        if path is None:
            return
        wanted: list[tuple[Image | ImageIndex, Reference]] = []
        for whole, reference in named:
            tell(events.OutputStarted(reference, path.name))
            if not isinstance(whole, ImageIndex):
                wanted.append((_whole(whole, store, self.options), reference))
            elif form == "oci":
                members = tuple(_whole(image, store, self.options) for image in whole.images)
                wanted.append((replace(whole, images=members), reference))
            elif (image := whole.choose()) is not None:
                wanted.append((_whole(image, store, self.options), reference))
        save_all(wanted, path, form)
        tell(events.ArchiveWritten(path))


def _named(built: Sequence[BuiltImage], store: Store) -> Iterator[tuple[Image | ImageIndex, Reference]]:
    for each in built:
        whole = store.get_whole(each.reference)
        if whole is None:
            raise BuildError(f"{each.reference.familiar} was removed from the local store while it was built")
        yield whole, each.reference
        yield from ((whole, tag.reference) for tag in each.tags)


def _whole(image: Image, store: Store, options: BuildOptions) -> Image:
    """Fetches what of an image was never downloaded: the layers of its base."""
    if any(not layer.foreign and not store.blobs.has(layer.descriptor.digest) for layer in image.layers):
        from kfp.images.distribution.pull import fetch_layers  # noqa: PLC0415 (start-up: once for each base)
        from kfp.images.distribution.registry import RegistryOptions  # noqa: PLC0415

        registries = RegistryOptions(options.keychain, insecure_hosts=options.insecure_registries)
        fetch_layers(image, store, options=registries)
    return image
