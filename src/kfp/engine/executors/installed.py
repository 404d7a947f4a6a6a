"""Tells whether this interpreter has a package already."""

from __future__ import annotations

import re

_EXACT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:==([A-Za-z0-9.!+_-]+))?")


def is_installed(requirement: str) -> bool:
    """Return whether a requirement is surely met here.

    Args:
        requirement: a name, or a name and an exact version; anything more complicated counts as not met, so that
            whoever knows how to read it decides.
    """
    match = _EXACT.fullmatch(requirement.replace(" ", ""))
    if match is None:
        return False
    from importlib import metadata  # noqa: PLC0415 - it takes longer to load than all the rest of the executor

    try:
        version = metadata.version(match[1])
    except metadata.PackageNotFoundError:
        return False
    return match[2] in (None, version)
