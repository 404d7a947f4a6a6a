"""Writing into the user's component directory and into caches: a file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kfp.errors import BuildError


def write_atomically(path: Path, data: bytes) -> bool:
    """Writes a file by way of a temporary one beside it; a file that has these bytes already is left alone.

    Returns:
        Whether the file was written.

    Raises:
        OSError: the directory cannot be written.
    """
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    draft = path.with_name(f".{path.name}-{os.urandom(4).hex()}")
    try:
        # The kernel subtracts the umask; asking for it means changing it, under the feet of other threads.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as stream:
            stream.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return True


def check_writable(directory: Path) -> None:
    """Finds out whether files can be made in a directory, which need not exist yet, before anything depends on it.

    Raises:
        BuildError: they cannot.
    """
    existing = directory
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        raise BuildError(f"{existing} is in the way: a directory is needed there", hint="move or rename it")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise BuildError(f"{existing} cannot be written", hint="make it writable, or choose another directory")
