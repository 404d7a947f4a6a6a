"""The runtime bundle on its way to a step: as files of an image, as a directory, or embedded in a command.

The bundle is `kfp/__init__.py`, `errors.py`, `location.py`, `version.py`, `runtime/` and `dsl/`. A containerized
component's image holds all of it; the command of a lightweight component carries only what its step needs
(`kfp.bundle.bootstrap`).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["directory", "image_files"]

_ROOT = Path(__file__).parent.parent

_MODULES = ("__init__.py", "errors.py", "location.py", "version.py")
_PACKAGES = ("dsl", "runtime")
_SITE_START = "kfp/runtime/site_start.py"


def image_files() -> dict[str, bytes]:
    """Give the bundle as the files of a directory on PYTHONPATH.

    Returns:
        Contents by path, in the order of paths: the package `kfp` as it stands in the source tree, and
        `sitecustomize.py`, which puts the standard library before the working directory.
    """
    paths = [_ROOT / name for name in _MODULES]
    for package in _PACKAGES:
        paths += (_ROOT / package).rglob("*.py")
    files = {f"kfp/{path.relative_to(_ROOT).as_posix()}": path.read_bytes() for path in paths}
    files["sitecustomize.py"] = files.pop(_SITE_START)
    return dict(sorted(files.items()))


def directory(cache: Path) -> Path:
    """Write the bundle into a directory for PYTHONPATH, once for each content.

    Args:
        cache: where the directory is kept; it is made if need be. Several processes may share it.

    Returns:
        The directory, below `cache`, whose name comes from what it holds.

    Raises:
        OSError: the cache cannot be written.
    """
    files = image_files()
    digest = hashlib.sha256()
    for path, data in files.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    final = cache / f"runtime-{digest.hexdigest()[:16]}"
    if final.is_dir():
        return final
    import shutil  # noqa: PLC0415 (start-up: most calls find the directory)

    draft = cache / f".{final.name}-{os.urandom(4).hex()}"
    try:
        for path, data in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        try:
            draft.rename(final)
        except OSError:
            if not final.is_dir():  # else another process was faster, with the same content
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return final
