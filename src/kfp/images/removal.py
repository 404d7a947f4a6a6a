"""Deleting a directory with everything in it, whatever permissions the things in it have."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def remove_tree(path: Path) -> None:
    """Delete a directory as far as that is possible; no link is followed."""
    shutil.rmtree(path, ignore_errors=True)
    if not path.is_dir() or path.is_symlink():
        return
    path.chmod(0o700)
    for folder, names, _ in os.walk(path):  # each directory becomes readable before it is listed
        for name in names:
            below = Path(folder, name)
            if not below.is_symlink():
                below.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)
