"""Python packages for a target: lock, install, environments; everything that needs it goes through `uv`.

    a directory  ──read_declared──▶ what its requirements.txt, pyproject.toml or lock wants
    requirements ──lock──▶ Lock ──install──▶ Distributions (files to place) ──▶ a layer (kfp.build)
    requirements ──environment──▶ Environment (an interpreter for a local step)

Neither an empty requirement list nor one that was seen before starts a process. What only the first time needs loads
when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.requirements.declared import Declared, read_declared
from kfp.requirements.indexes import Indexes
from kfp.requirements.layout import Layout
from kfp.requirements.local import absolute
from kfp.requirements.locked import Lock, LockedPackage
from kfp.requirements.locking import lock
from kfp.requirements.names import Requirement, canonical_name, requirement_name, without_kfp
from kfp.requirements.target import Libc, Target

if TYPE_CHECKING:  # what editors and type checkers see of the table below
    from kfp.requirements.environments import Environment, environment
    from kfp.requirements.installing import Distribution, InstalledFile, install
    from kfp.requirements.projects import build_wheel

__all__ = [
    "Declared",
    "Distribution",
    "Environment",
    "Indexes",
    "InstalledFile",
    "Layout",
    "Libc",
    "Lock",
    "LockedPackage",
    "Requirement",
    "Target",
    "absolute",
    "build_wheel",
    "canonical_name",
    "environment",
    "install",
    "lock",
    "read_declared",
    "requirement_name",
    "without_kfp",
]

_LATER = {
    "Distribution": "kfp.requirements.installing",
    "Environment": "kfp.requirements.environments",
    "InstalledFile": "kfp.requirements.installing",
    "build_wheel": "kfp.requirements.projects",
    "environment": "kfp.requirements.environments",
    "install": "kfp.requirements.installing",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 (start-up: most commands find what was made before)

    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value
