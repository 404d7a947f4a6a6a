"""Python projects in directories of this machine, made into wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements import uv
from kfp.requirements.indexes import Indexes

if TYPE_CHECKING:
    from pathlib import Path


def build_wheel(project: Path, into: Path, *, indexes: Indexes | None = None) -> Path:
    """Builds the wheel of a project.

    Args:
        project: a directory with pyproject.toml or setup.py.
        into: an existing directory for the wheel.
        indexes: where the project's build backend is downloaded from.

    Returns:
        The wheel's path.

    Raises:
        RequirementsError: the directory holds no project, or its backend fails.
    """
    if not any((project / name).is_file() for name in ("pyproject.toml", "setup.py")):
        raise RequirementsError(f"{project} is no Python project: it has neither pyproject.toml nor setup.py")
    what = f"cannot build a wheel of {project}"
    uv.run(
        ["build", "--wheel", "--out-dir", str(into), str(project)],
        what=what,
        environ=(indexes or Indexes()).environ(),
    )
    wheels = sorted(into.glob("*.whl"))
    if not wheels:
        raise RequirementsError(f"{what}: its backend made none")
    return wheels[-1]
