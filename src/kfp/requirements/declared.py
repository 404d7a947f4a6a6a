"""What a directory says of its packages itself: `pylock.toml`, `uv.lock`, `requirements.txt` or `pyproject.toml`.

One of them counts, the most exact one that is there, in this order:

1. `pylock.toml`: installed as it is (PEP 751);
2. `pyproject.toml` with `uv.lock` beside it or at the root of its uv workspace: installed as it is, without groups;
3. `requirements.txt`, with what it includes;
4. `pyproject.toml` that has a `[project]` table: its dependencies, and the project itself where it is a package.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.requirements.indexes import Indexes
from kfp.requirements.names import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable

PYLOCK, UV_LOCK, REQUIREMENTS, PYPROJECT = "pylock.toml", "uv.lock", "requirements.txt", "pyproject.toml"
_PROJECT_TABLE = re.compile(rb"(?m)^\s*\[\s*project\s*\]")


@dataclass(frozen=True)
class Declared:
    """The packages that a directory wants.

    Args:
        directory: absolute path.
        file: what they are read from, None where the directory says nothing.
        passed_over: files that would say something, too, but do not count.
        requirements: of a requirements.txt, and a project that is a package.
        constraints: of a requirements.txt.
        indexes: of a requirements.txt.
        prereleases: whether a requirements.txt takes them.
        lock: a `pylock.toml` or `uv.lock`, which says everything.
        pyproject: a `pyproject.toml` whose dependencies count, though the project is no package.
        state: digest of the contents of all that was read.
    """

    directory: Path
    file: Path | None = None
    passed_over: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    indexes: Indexes = field(default_factory=Indexes)
    prereleases: bool = False
    lock: Path | None = None
    pyproject: Path | None = None
    state: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is to be installed for the directory's own sake."""
        return not (self.requirements or self.lock or self.pyproject)


def read_declared(directory: Path) -> Declared:
    """Reads what a directory says of its packages.

    Args:
        directory: absolute path.

    Raises:
        RequirementsError: a file cannot be read, or is malformed.
    """
    pyproject = directory / PYPROJECT
    table = _has_project_table(pyproject)
    uv_lock = _uv_lock(directory) if table else None
    there = {
        PYLOCK: (directory / PYLOCK).is_file(),
        UV_LOCK: uv_lock is not None,
        REQUIREMENTS: (directory / REQUIREMENTS).is_file(),
        PYPROJECT: table and uv_lock is None,
    }
    names = [name for name, present in there.items() if present]
    if not names:
        return Declared(directory)
    passed_over = tuple(names[1:])
    if names[0] == PYLOCK:
        lock = directory / PYLOCK
        return Declared(directory, lock, passed_over, lock=lock, state=_digest([lock]))
    if uv_lock is not None:
        read = _digest([uv_lock, uv_lock.with_name(PYPROJECT), pyproject])
        return Declared(directory, uv_lock, passed_over, lock=uv_lock, state=read)
    if names[0] == REQUIREMENTS:
        return _requirements(directory, passed_over)
    return _project(directory, pyproject)


def _requirements(directory: Path, passed_over: tuple[str, ...]) -> Declared:
    from kfp.requirements.requirements_txt import read_requirements  # noqa: PLC0415 (start-up: few directories have one)

    path = directory / REQUIREMENTS
    found = read_requirements(path, root=directory)
    return Declared(
        directory,
        path,
        passed_over,
        requirements=found.requirements,
        constraints=found.constraints,
        indexes=found.indexes,
        prereleases=found.prereleases,
    )


def _project(directory: Path, pyproject: Path) -> Declared:
    from kfp.requirements.toml import read_toml  # noqa: PLC0415 (start-up: few directories have one)

    document = read_toml(pyproject)
    state = _digest([pyproject])
    if _is_package(document):
        itself = Requirement(directory.resolve().as_uri(), PYPROJECT)
        return Declared(directory, pyproject, requirements=(itself,), state=state)
    return Declared(directory, pyproject, pyproject=pyproject, state=state)


def _is_package(document: dict[str, Any]) -> bool:
    """Says whether uv would install the project itself (uv, "Build systems")."""
    settings = document.get("tool", {}).get("uv", {})
    return bool(settings.get("package", "build-system" in document))


def _has_project_table(pyproject: Path) -> bool:
    try:
        return _PROJECT_TABLE.search(pyproject.read_bytes()) is not None
    except OSError:
        return False


def _uv_lock(directory: Path) -> Path | None:
    """Finds the lock of a project: beside it, or at the root of the workspace that it is a member of."""
    for folder in (directory, *directory.parents):
        if (folder / UV_LOCK).is_file():
            member = folder == directory or _has_member(folder, directory)
            return folder / UV_LOCK if member else None
    return None


def _has_member(root: Path, directory: Path) -> bool:
    from kfp.requirements.toml import read_toml  # noqa: PLC0415 (start-up: few directories are members of anything)

    if not (root / PYPROJECT).is_file():
        return False
    workspace = read_toml(root / PYPROJECT).get("tool", {}).get("uv", {}).get("workspace", {})
    inside = directory.relative_to(root)

    def named(patterns: Iterable[str]) -> bool:
        return any(directory in root.glob(pattern) or str(inside) == pattern for pattern in patterns)

    return named(workspace.get("members", ())) and not named(workspace.get("exclude", ()))


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in dict.fromkeys(paths):
        if path.is_file():
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
