"""The images of a run's steps: found once, in the local store or in a registry, and read for what their labels say."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kfp.images.image import Image
    from kfp.images.store import Store

SOURCE_LABEL = "skiff.source"
PACKAGES_LABEL = "skiff.packages"
LOCAL_PACKAGES_LABEL = "skiff.local-packages"
INDEXES_LABEL = "skiff.index-urls"
_COMPONENTS = "usr/local/src/kfp/components"


class Sources(msgspec.Struct, frozen=True):
    """The code of a built component: its directory on this machine, and the packages that it was built with.

    Args:
        directory: the component's own files.
        requirements: packages that an index has.
        index_urls: the indexes.
        import_path: directories of packages that no index has, unpacked from the image.
    """

    directory: Path
    requirements: tuple[str, ...]
    index_urls: tuple[str, ...]
    import_path: tuple[Path, ...] = ()


class Images:
    """Looks images up by name, each one once.

    Args:
        home: the home directory, with the image store and the caches.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._found: dict[str, Image] = {}
        self._sources: dict[str, Sources] = {}
        self._lock = threading.Lock()

    @property
    def store(self) -> Store:
        """The local image store."""
        from kfp.images.store import Store  # noqa: PLC0415 - most runs need no image

        return Store(self._home / "images")

    def find(self, name: str) -> Image:
        """Return an image: the local store's, else the registry's.

        Raises:
            InvalidReference: the name is malformed.
            ImageError: it is nowhere, or cannot be read.
        """
        from kfp.images.distribution.pull import resolve  # noqa: PLC0415 - most runs need no image
        from kfp.images.reference import Reference  # noqa: PLC0415

        with self._lock:
            if name not in self._found:
                self._found[name] = resolve(Reference.parse(name), store=self.store)
            return self._found[name]

    def stored(self, name: str) -> Image | None:
        """Return an image that was found before or lies in the local store; no registry is asked.

        Raises:
            InvalidReference: the name is malformed.
            ImageError: the store cannot be read.
        """
        from kfp.images.reference import Reference  # noqa: PLC0415 - most runs need no image

        with self._lock:
            return self._found.get(name) or self.store.get(Reference.parse(name))

    def sources(self, name: str) -> Sources:
        """Return the code of the component that was built into an image; it is unpacked once for each content.

        Raises:
            RunError: the image was not built by `kfp component build`.
            ImageError: it is nowhere, or damaged.
        """
        image = self.find(name)
        with self._lock:
            if name not in self._sources:
                self._sources[name] = self._unpack(name, image)
            return self._sources[name]

    def _unpack(self, name: str, image: Image) -> Sources:
        from kfp.images.extract import extract_layer  # noqa: PLC0415 - most runs need no image

        labels = image.config.labels
        diff_id = labels.get(SOURCE_LABEL)
        layer = next((layer for layer in image.layers if layer.diff_id == diff_id), None)
        if diff_id is None or layer is None:
            raise RunError(
                f"image {name} holds no component source that is known as such: it was not built by "
                "`kfp component build`, or from a Dockerfile of your own",
                hint="run the pipeline in containers (DockerRunner, or --runner container), or build the image again",
            )
        directory = self._home / "cache" / "sources" / diff_id.replace(":", "-")
        if not directory.is_dir():
            extract_layer(layer, directory, prefix=_COMPONENTS)
        local = _lines(labels, LOCAL_PACKAGES_LABEL)
        packages = tuple(line for line in _lines(labels, PACKAGES_LABEL) if line not in local)
        import_path: tuple[Path, ...] = ()
        if local:
            from kfp.engine.executors.local_packages import unpack_packages  # noqa: PLC0415 - few images have any

            import_path = (unpack_packages(image, local, self._home / "cache" / "sources"),)
        return Sources(directory, packages, _lines(labels, INDEXES_LABEL), import_path)


def _lines(labels: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(line for line in labels.get(name, "").splitlines() if line.strip())
