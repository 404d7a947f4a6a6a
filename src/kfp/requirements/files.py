"""Writing into caches: a file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Writes a text file by way of a temporary one beside it.

    Raises:
        OSError: the directory cannot be written.
    """
    import tempfile  # noqa: PLC0415 (start-up: most commands find what was written before)

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
