"""The two layers that every image gets: the runtime, the same bytes everywhere, and the component directory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kfp import bundle
from kfp.build.layout import COMPONENTS, ROOT, RUNTIME
from kfp.build.recipe import LayerRecipe
from kfp.build.source import CONFIG_FILE
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kfp.build.grouping import PlannedComponent
    from kfp.build.kfp_package import Runtime
    from kfp.build.source import Context, SourceFile
    from kfp.images.tar import Entry

_FORMAT = "1"
_OF_THE_BASE = ("usr/local/src",)


def config_text(components: Iterable[PlannedComponent]) -> str:
    """Writes the file in which a step finds the module of a function (KFP's `kfp_config.ini`)."""
    lines = sorted(f"{component.function_name} = {component.path}\n" for component in components)
    return f"[Components]\n{''.join(lines)}\n"


def runtime_layer(other: Runtime | None = None) -> LayerRecipe:
    """Describes the layer with the bundle, or with another kfp in its place.

    It holds no bytecode: that would save a step 0.02 s, and be another layer for each version of Python.
    """
    files = bundle.image_files() if other is None else other.files
    summary = f"kfp {__version__}" if other is None else other.summary
    content = hashlib.sha256()
    for path, data in sorted(files.items()):
        content.update(f"{path}\0{len(data)}\0".encode())
        content.update(data)

    def entries() -> Iterator[Entry]:
        from kfp.build.tree import missing_directories  # noqa: PLC0415 (start-up: most builds find the layer)
        from kfp.images.tar import Entry  # noqa: PLC0415 (as above)

        placed = {f"{RUNTIME}/{path}": data for path, data in files.items()}
        yield from missing_directories(placed, _OF_THE_BASE)
        for path, data in placed.items():
            yield Entry.file(path, data)

    digest = content.hexdigest()
    inputs = {"version": summary.partition(" ")[2], "files": f"sha256:{digest}"}
    return LayerRecipe("runtime", summary, f"runtime-{_FORMAT}-{digest}", inputs, entries)


def source_layer(context: Context, components: Iterable[PlannedComponent]) -> LayerRecipe:
    """Describes the layer with the component directory and its configuration."""
    config = config_text(components).encode()
    content = hashlib.sha256(f"{context.key}\0".encode() + config)

    def entries() -> Iterator[Entry]:
        from kfp.build.tree import missing_directories  # noqa: PLC0415 (start-up, as above)
        from kfp.images.tar import Entry  # noqa: PLC0415 (as above)

        paths = [f"{COMPONENTS}/{file.path}" for file in context.files]
        yield from missing_directories([*paths, f"{COMPONENTS}/{CONFIG_FILE}"], (ROOT,))
        yield Entry.file(f"{COMPONENTS}/{CONFIG_FILE}", config)
        for path, file in zip(paths, context.files, strict=True):
            if file.target:
                yield Entry.symlink(path, file.target)
            else:
                yield Entry.copy(path, file.location, executable=file.executable)

    count = len(context.files)
    summary = f"{count} file{'s' * (count != 1)} of {context.directory.name}"
    inputs = {file.path: _told(file) for file in context.files}
    inputs[CONFIG_FILE] = f"sha256:{hashlib.sha256(config).hexdigest()}"
    return LayerRecipe("source", summary, f"source-{_FORMAT}-{content.hexdigest()}", inputs, entries)


def _told(file: SourceFile) -> str:
    if file.target:
        return f"-> {file.target}"
    return f"sha256:{file.digest}{' executable' if file.executable else ''}"
