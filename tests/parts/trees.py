"""Trees of files as values: bytes are a file, a mapping is a directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_tree(path: Path, tree: bytes | Mapping[str, Any]) -> None:
    """Write a file, or a directory with all that is in it; nothing may be there yet."""
    if isinstance(tree, bytes):
        path.write_bytes(tree)
        return
    path.mkdir()
    for name, inner in tree.items():
        write_tree(path / name, inner)
