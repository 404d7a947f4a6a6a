"""Where a target keeps its packages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Where a target keeps packages; paths are relative to the root, with `/`, without a leading one.

    Args:
        site_packages: directory of importable packages.
        prefix: directory that `bin`, `share` and the like are in.
        interpreter: absolute path for the first line of scripts.
    """

    site_packages: str
    prefix: str
    interpreter: str
