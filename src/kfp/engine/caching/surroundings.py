"""What a step finds besides its inputs: the content of its image, or of the directory with its code."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.engine.caching.contents import content_of

if TYPE_CHECKING:
    from kfp.engine.caching.contents import Memory, Watch
    from kfp.engine.executors.images import Images
    from kfp.engine.settings import RunSettings, Source
    from kfp.engine.step import Step

_LEFT_OUT = frozenset({"__pycache__", "node_modules"})


class Surroundings:
    """Looks at what the steps of a run find.

    Args:
        settings: of the run.
        images: where images are looked up.
        memory: remembers the content of directories.
    """

    def __init__(self, settings: RunSettings, images: Images, memory: Memory) -> None:
        self._settings, self._images, self._memory = settings, images, memory
        own = (settings.home, settings.artifacts, settings.cache_root, settings.workspace)
        self._own = frozenset(str(each.absolute()) for each in own if isinstance(each, Path))
        self._ids: dict[str, str | None] = {}

    def of(self, step: Step, watch: Watch) -> dict[str, Any]:
        """Return JSON values for the key of a step, by the names of its parts.

        A volume that outlives the run is told by its name: a step may leave something there for those after it.

        Args:
            step: the step.
            watch: who waits for it.

        Raises:
            Interrupted: it was stopped.
            SkiffError: the image cannot be read, or the directory changes all the time.
            OSError: the directory cannot be read.
        """
        found = self._code(step, watch)
        if step.platform is not None and step.platform.claims:
            claims = [[each.name.text or "", each.sub_path, each.path] for each in step.platform.claims]
            found["volumes"] = claims
        return found

    def _code(self, step: Step, watch: Watch) -> dict[str, Any]:
        python = step.python
        source = self._settings.sources.get((step.image, python.function)) if python is not None else None
        if python is not None and python.source is None and source is not None:
            return self._source(source, python.function, watch)
        is_process = python is not None and self._settings.runner == "process"
        if is_process and python is not None and python.source is not None:
            return {}  # the image only says where the step would run elsewhere
        content = self._image(step.image, anywhere=is_process)
        return {} if content is None else {"image content": content}

    def _image(self, name: str, *, anywhere: bool) -> str | None:
        """Return the identifier of an image that lies in the store, or anywhere."""
        if name not in self._ids:
            if anywhere:
                self._ids[name] = self._images.find(name).id
            elif (self._settings.home / "images" / "index.json").exists():
                from kfp.images.reference import Reference  # noqa: PLC0415 - start-up time

                stored = self._images.store.get(Reference.parse(name))
                self._ids[name] = None if stored is None else stored.id
            else:
                return None
        return self._ids[name]

    def _source(self, source: Source, function: str, watch: Watch) -> dict[str, Any]:
        """Return what is in a component's directory, and the Python code where it imports from besides."""
        read = partial(content_of, memory=self._memory, watch=watch)
        code = [read(source.directory, without=self._is_left_out)]
        code += [read(path, without=self._is_no_code) for path in source.import_path]
        return {
            "source": [[content.digest for content in code], str(source.modules.get(function, ""))],
            "packages": [list(source.requirements), list(source.index_urls), list(source.trusted_hosts)],
        }

    def _is_left_out(self, entry: os.DirEntry[str]) -> bool:
        """Tell hidden directories, environments and what runs write from what may be part of a component."""
        return entry.is_dir() and (
            entry.name.startswith(".")
            or entry.name in _LEFT_OUT
            or os.path.abspath(entry.path) in self._own  # noqa: PTH100 - links stay
            or _has(entry, "pyvenv.cfg")
        )

    def _is_no_code(self, entry: os.DirEntry[str]) -> bool:
        """Tell what is no module and no package: there may be anything where a project begins."""
        if entry.is_dir():
            return self._is_left_out(entry) or not _has(entry, "__init__.py")
        return not entry.name.endswith(".py")


def _has(directory: os.DirEntry[str], name: str) -> bool:
    return os.path.exists(os.path.join(directory.path, name))  # noqa: PTH110, PTH118 - an entry's path is text
