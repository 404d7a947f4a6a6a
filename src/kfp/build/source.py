"""The component directory as a list of files for the image: what belongs in, with digests, in a fixed order."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.ignore import Ignore
from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.build.stat_cache import StatCache

CONFIG_FILE = "kfp_config.ini"
METADATA_FOLDER = "component_metadata"
RUNTIME_FOLDER = ".kfp_runtime"
REQUIREMENTS_FILE = "runtime-requirements.txt"

GENERATED = (METADATA_FOLDER, RUNTIME_FOLDER, CONFIG_FILE, REQUIREMENTS_FILE, "Dockerfile", ".dockerignore")
"""Left in the directory by a build; the image must not depend on whether they were written."""

USELESS = (
    "**/__pycache__", "**/*.pyc", "**/.git", "**/.hg", "**/.svn", "**/.venv", "**/.ipynb_checkpoints", "**/.DS_Store",
    "**/.mypy_cache", "**/.pytest_cache", "**/.ruff_cache", "**/*.egg-info",
)  # fmt: skip
SECRETS = ("**/.env", "**/.env.*", "**/*.pem", "**/id_rsa", "**/id_ed25519", "**/.netrc", "**/.pypirc")
"""Names of files that hold secrets more often than not; `!name` in .dockerignore takes one in."""


@dataclass(frozen=True)
class SourceFile:
    """A file or symbolic link of the component directory.

    Args:
        path: relative to the directory, with `/`.
        location: where it is on this machine.
        executable: whether its owner may start it.
        digest: hexadecimal SHA-256 of a file's contents, "" for a link.
        target: of a symbolic link, relative; "" for a file.
    """

    path: str
    location: Path
    executable: bool
    digest: str
    target: str = ""


@dataclass(frozen=True)
class Context:
    """What of a component directory goes into its images.

    Args:
        directory: absolute path.
        files: sorted by path.
        secrets: paths that were left out because they look like secrets.
    """

    directory: Path
    files: tuple[SourceFile, ...]
    secrets: tuple[str, ...]

    @property
    def paths(self) -> frozenset[str]:
        """The files' paths."""
        return frozenset(file.path for file in self.files)

    @property
    def key(self) -> str:
        """Hexadecimal SHA-256 of all paths, modes, contents and links."""
        lines = (f"{f.path}\0{int(f.executable)}\0{f.digest}\0{f.target}\0" for f in self.files)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def read_context(directory: Path, cache: StatCache) -> Context:
    """Walks a component directory.

    Args:
        directory: absolute path.
        cache: digests that are known.

    Raises:
        BuildError: a file cannot be read, is a device or socket, or is a link that leaves the directory.
    """
    lines = _dockerignore(directory)
    left_out = Ignore.parse((*USELESS, *SECRETS, *lines, *GENERATED))
    unsuspecting = Ignore.parse((*USELESS, *lines, *GENERATED))
    files, secrets = [], []
    for path in _walk(directory, left_out):
        if left_out.matches(path):
            if not unsuspecting.matches(path) and not (directory / path).is_dir():
                secrets.append(path)
        else:
            files.append(_read(directory, path, cache))
    return Context(directory, tuple(sorted(files, key=lambda file: file.path)), tuple(sorted(secrets)))


def _dockerignore(directory: Path) -> list[str]:
    try:
        return (directory / ".dockerignore").read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"{directory / '.dockerignore'} cannot be read: {error}") from error


def _walk(directory: Path, left_out: Ignore) -> Iterator[str]:
    """Yields the relative path of all that is no directory; directories that are left out whole are not entered."""

    def refuse(error: OSError) -> None:
        raise BuildError(f"{error.filename} cannot be read: {error.strerror}") from error

    for folder, folders, names in os.walk(directory, onerror=refuse):
        relative = Path(folder).relative_to(directory).as_posix()
        inside = "" if relative == "." else f"{relative}/"
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [
            name
            for name in folders
            if name not in links
            and not Path(folder, name, "pyvenv.cfg").exists()
            and (not left_out.matches(inside + name) or left_out.may_hold_exceptions(inside + name))
        ]
        yield from (inside + name for name in (*names, *links))


def _read(directory: Path, path: str, cache: StatCache) -> SourceFile:
    location = directory / path
    try:
        status = location.lstat()
        if stat.S_ISLNK(status.st_mode):
            return SourceFile(path, location, executable=False, digest="", target=_link_target(directory, path))
        if not stat.S_ISREG(status.st_mode):
            raise BuildError(f"{location} is neither a file, a directory nor a symbolic link; an image cannot hold it")
        return SourceFile(path, location, bool(status.st_mode & stat.S_IXUSR), cache.digest(location, path, status))
    except OSError as error:
        raise BuildError(f"{location} cannot be read: {error.strerror}") from error


def _link_target(directory: Path, path: str) -> str:
    target = (directory / path).readlink().as_posix()
    landing = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if posixpath.isabs(target) or landing == ".." or landing.startswith("../"):
        raise BuildError(
            f"the symbolic link {directory / path} points out of the component directory, to {target}",
            hint="copy what it points to, or name the link in .dockerignore",
        )
    return target
