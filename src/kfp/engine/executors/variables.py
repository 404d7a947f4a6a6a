"""The environment variables of steps: what they inherit, and what no process can be given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVEN = ("KFP_SECRET_", "KFP_CONFIG_MAP_")
"""How variables begin that tell the engine the values of secrets and ConfigMaps; they are not for every step."""


def inherited_variables() -> dict[str, str]:
    """Return this process's variables without those that are for the engine alone."""
    return {name: value for name, value in os.environ.items() if not name.startswith(GIVEN)}


def refuse_strange(environment: Mapping[str, str], task: str) -> None:
    """Refuse variables that the system has no form for.

    Raises:
        RunError: a name is empty or holds `=`, or a name or value holds a null character.
    """
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            raise RunError(f"task {task!r} sets the environment variable {name!r}, which no process can be given")
