"""The interpreter that a step runs on: one of the version that its image has."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.engine.executors.image_python import configured_version, named_version
from kfp.engine.executors.interpreters import THIS, find_interpreter
from kfp.errors import ImageError, RunError

if TYPE_CHECKING:
    from kfp.engine.executors.image_python import Version
    from kfp.engine.executors.images import Images
    from kfp.engine.settings import RunSettings

DEFAULT_IMAGE = "python:3.11"
"""The image of components that choose none; so it says little about what they need."""

_OLDEST: Version = (3, 7)


class StepPython:
    """Chooses interpreters, each image's once.

    Args:
        settings: of the run.
        images: tell the version of an image whose name does not.
    """

    def __init__(self, settings: RunSettings, images: Images) -> None:
        self._settings, self._images = settings, images
        self._cache = settings.home / "cache" / "interpreters.json"
        self._lock = threading.Lock()
        self._chosen: dict[str, Path] = {}
        self.notices: dict[str, None] = {}

    def of(self, image: str, task: str) -> Path:
        """Return the interpreter for an image: this one where nothing says otherwise.

        Args:
            image: the image's name.
            task: the task that runs in it, for the error.

        Raises:
            RunError: there is no interpreter of its version, or it is too old for any step.
        """
        if self._settings.reuse_interpreter or self._settings.any_python:
            return Path(sys.executable)
        with self._lock:
            if image not in self._chosen:
                self._chosen[image] = self._choose(image, task)
            return self._chosen[image]

    def _choose(self, image: str, task: str) -> Path:
        version = named_version(image) or self._known_version(image)
        if version is None:
            return Path(sys.executable)
        told, this = (".".join(map(str, each)) for each in (version, THIS))
        if version < _OLDEST:
            raise RunError(
                f"task {task!r} runs in image {image}, and no step runs on Python {told}: it takes 3.7 or later",
                hint="choose another base_image",
            )
        found = find_interpreter(version, self._cache)
        if found is not None:
            return found
        if image == DEFAULT_IMAGE:
            self.notices[
                f"steps whose image is {image}, the one of components that choose none, run on Python {this}: "
                f"this machine has no Python {told} (`uv python install {told}` gets one)"
            ] = None
            return Path(sys.executable)
        raise RunError(
            f"task {task!r} runs in image {image}, and this machine has no Python {told}",
            hint=f"`uv python install {told}`, or run the steps in containers (--runner container, DockerRunner), or "
            f"have this Python {this} run them (--any-python, SubprocessRunner(use_venv=False))",
        )

    def _known_version(self, image: str) -> Version | None:
        """Return the version that an image of the local store tells; a registry is not asked for that."""
        if not (self._settings.home / "images" / "index.json").exists():
            return None
        try:
            stored = self._images.stored(image)
        except ImageError:
            return None
        return configured_version(stored.config.env) if stored is not None else None
