"""The runtime's directory with its bytecode, so that no step compiles it, even where imports write none."""

from __future__ import annotations

import importlib.util
import py_compile
from typing import TYPE_CHECKING

from kfp import bundle

if TYPE_CHECKING:
    from pathlib import Path


def compiled_runtime(cache: Path) -> Path:
    """Return the directory for PYTHONPATH that holds the step's runtime.

    The directory is named by its content, so its bytecode is never out of date; it serves this interpreter's version,
    which is also that of the environments made from it.

    Args:
        cache: where such directories are kept.

    Raises:
        OSError: the cache cannot be written.
    """
    directory = bundle.directory(cache)
    sources = sorted(directory.rglob("*.py"))
    last = importlib.util.cache_from_source(str(sources[-1]))
    if not (directory / last).exists():
        for source in sources:
            py_compile.compile(
                str(source), doraise=False, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )
    return directory
