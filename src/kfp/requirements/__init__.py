"""Python packages for a target: lock, install, environments; everything that needs it goes through `uv`.

    requirements ──lock──▶ Lock ──install──▶ Distributions (files to place) ──▶ a layer (kfp.build)
    requirements ──environment──▶ Environment (an interpreter for a local step)

Neither an empty requirement list nor one that was seen before starts a process.
"""

from __future__ import annotations

from kfp.requirements.environments import Environment, environment
from kfp.requirements.indexes import Indexes
from kfp.requirements.install import Distribution, InstalledFile, Layout, install
from kfp.requirements.locking import Lock, LockedPackage, lock
from kfp.requirements.names import canonical_name, requirement_name, without_kfp
from kfp.requirements.projects import build_wheel
from kfp.requirements.target import Libc, Target

__all__ = [
    "Distribution",
    "Environment",
    "Indexes",
    "InstalledFile",
    "Layout",
    "Libc",
    "Lock",
    "LockedPackage",
    "Target",
    "build_wheel",
    "canonical_name",
    "environment",
    "install",
    "lock",
    "requirement_name",
    "without_kfp",
]
