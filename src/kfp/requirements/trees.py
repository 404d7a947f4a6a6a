"""The contents of a Python project's directory as one digest, read again only when something in it was touched."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTLED = 2_000_000_000
"""Nanoseconds: a file that changed more recently may change again within the same tick of its clock."""
_NO_SOURCES = frozenset({
    ".git", ".hg", ".svn", ".venv", ".tox", ".nox", ".eggs", "node_modules", "__pycache__", ".ipynb_checkpoints",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".DS_Store",
    "component_metadata", ".kfp_runtime", "kfp_config.ini", "runtime-requirements.txt",
})  # fmt: skip
"""What no wheel is made of; the last four a build of components leaves behind."""
_OUTPUTS = ("build", "dist")
"""What build backends leave in a project."""


class Tree:
    """The files of a project as they are now.

    Args:
        root: the project's directory.

    Raises:
        RequirementsError: the directory cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._newest = 0
        try:
            self._files = tuple(sorted(_walk(root)))
            self.state = self._state()
        except OSError as error:
            raise RequirementsError(f"{error.filename or root} cannot be read: {error.strerror}") from error

    @property
    def settled(self) -> bool:
        """Whether `state` can be relied on: nothing changed within the last two seconds."""
        return self._newest < time.time_ns() - _SETTLED

    def digest(self) -> str:
        """Reads all files and gives the hexadecimal SHA-256 of paths, modes, contents and links.

        Raises:
            RequirementsError: a file cannot be read.
        """
        whole = hashlib.sha256()
        try:
            for path in self._files:
                location = self._root / path
                status = location.lstat()
                link = stat.S_ISLNK(status.st_mode)
                contents = bytes(location.readlink()) if link else location.read_bytes()
                mark = f"{path}\0{int(link)}{int(bool(status.st_mode & stat.S_IXUSR))}\0"
                whole.update(mark.encode("utf-8", "surrogateescape") + hashlib.sha256(contents).digest())
        except OSError as error:
            raise RequirementsError(f"{error.filename} cannot be read: {error.strerror}") from error
        return whole.hexdigest()

    def _state(self) -> str:
        """Gives a digest of what `lstat` says of all files: while it is the same, so are they."""
        lines = [str(self._root)]
        for path in self._files:
            status = (self._root / path).lstat()
            self._newest = max(self._newest, status.st_mtime_ns, status.st_ctime_ns)
            times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
            lines.append(f"{path}\0{status.st_ino} {status.st_mode} {status.st_size} {times}")
        return hashlib.sha256("\0".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _walk(root: Path) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(root, onerror=refuse):
        inside = os.path.relpath(folder, root)
        top = inside == "."
        folders[:] = [
            name
            for name in folders
            if name not in _NO_SOURCES
            and not name.endswith(".egg-info")
            and not (top and name in _OUTPUTS)
            and not Path(folder, name, "pyvenv.cfg").exists()
        ]
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*names, *links):
            path = Path(folder, name)
            if name not in _NO_SOURCES and not name.endswith(".pyc") and (path.is_file() or path.is_symlink()):
                yield name if top else f"{inside}/{name}"
