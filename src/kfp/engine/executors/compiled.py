"""The runtime's directory with its bytecode, so that no step compiles it, even where imports write none."""

from __future__ import annotations

import hashlib
import importlib.util
import py_compile
import subprocess
import sys
from pathlib import Path

from kfp import bundle


def compiled_runtime(cache: Path, python: Path | None = None) -> Path:
    """Return the directory for PYTHONPATH that holds the step's runtime.

    The directory is named by its content, so its bytecode is never out of date; it serves an interpreter's version,
    which is also that of the environments made from it.

    Args:
        cache: where such directories are kept.
        python: the interpreter; None is this one.

    Raises:
        OSError: the cache cannot be written.
    """
    directory = bundle.directory(cache)
    if python is not None and python != Path(sys.executable):
        _have_compiled(directory, python)
        return directory
    sources = sorted(directory.rglob("*.py"))
    last = importlib.util.cache_from_source(str(sources[-1]))
    if not (directory / last).exists():
        for source in sources:
            py_compile.compile(
                str(source), doraise=False, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )
    return directory


def _have_compiled(directory: Path, python: Path) -> None:
    """Have another interpreter write its bytecode, once; where it cannot, each step compiles for itself."""
    done = directory / f".compiled-{hashlib.sha256(str(python).encode()).hexdigest()[:16]}"
    if done.exists():
        return
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([python, "-I", "-m", "compileall", *options, directory], capture_output=True, check=False)
    done.touch()
