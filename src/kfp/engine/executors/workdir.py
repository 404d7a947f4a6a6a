"""A step's working directory that looks like the component's directory and is nobody else's.

It holds links to everything in the component's directory, so steps that write side by side never meet, and a step
that leaves files behind leaves them in its own directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIG = "kfp_config.ini"


def link_component(source: Path, workdir: Path, modules: Mapping[str, Path] | None = None) -> None:
    """Fill a working directory.

    Args:
        source: the component's directory.
        workdir: the step's own, which exists.
        modules: the file that holds each function, relative to `source`, where it has no `kfp_config.ini` that says so.

    Raises:
        OSError: the source cannot be read, or the working directory not written.
    """
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.name != "__pycache__" and not (modules and entry.name == _CONFIG):
                link = workdir / entry.name
                if not link.is_symlink():
                    link.symlink_to(Path(entry.path).absolute(), target_is_directory=entry.is_dir())
    if modules:
        lines = ["[Components]", *(f"{function} = {path.as_posix()}" for function, path in modules.items())]
        (workdir / _CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8")
