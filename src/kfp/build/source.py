"""The component directory as a list of files for the image: what belongs in, with digests, in a fixed order."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.build.generated import is_generated
from kfp.build.walk import walk
from kfp.errors import BuildError

if TYPE_CHECKING:
    from kfp.build.stat_cache import StatCache

CONFIG_FILE = "kfp_config.ini"
METADATA_FOLDER = "component_metadata"
RUNTIME_FOLDER = ".kfp_runtime"
REQUIREMENTS_FILE = "runtime-requirements.txt"

DOCKERIGNORES = ("Dockerfile.dockerignore", ".dockerignore")
"""The user's list of what stays out; of two the first decides (BuildKit has it so)."""

GENERATED = (METADATA_FOLDER, RUNTIME_FOLDER, CONFIG_FILE, REQUIREMENTS_FILE, "Dockerfile", *DOCKERIGNORES)
"""Left in the directory by a build; the image must not depend on whether they were written."""


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
    found = walk(directory, _dockerignore(directory), GENERATED)
    files = [_read(directory, path, cache) for path in sorted(found.files)]
    return Context(directory, tuple(files), tuple(sorted(found.secrets)))


def _dockerignore(directory: Path) -> list[str]:
    """Gives the user's lines; a file that a build left says nothing that is not known."""
    for name in DOCKERIGNORES:
        try:
            data = (directory / name).read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BuildError(f"{directory / name} cannot be read: {error.strerror}") from error
        text = data.decode("utf-8-sig", "surrogateescape")
        return [] if is_generated(data) else text.split("\n")
    return []


def _read(directory: Path, path: str, cache: StatCache) -> SourceFile:
    location = directory / path
    _check_name(location, path)
    try:
        status = location.lstat()
        if stat.S_ISLNK(status.st_mode):
            return SourceFile(path, location, executable=False, digest="", target=_link_target(directory, path))
        if not stat.S_ISREG(status.st_mode):
            raise BuildError(
                f"{location} is neither a file, a directory nor a symbolic link; an image cannot hold it",
                hint="remove it, or name it in .dockerignore",
            )
        return SourceFile(path, location, bool(status.st_mode & stat.S_IXUSR), cache.digest(location, path, status))
    except OSError as error:
        raise BuildError(
            f"{location} cannot be read: {error.strerror}", hint="make it readable, or name it in .dockerignore"
        ) from error


def _check_name(location: Path, path: str) -> None:
    """Refuses what a layer cannot hold: names that delete files there (OCI image-spec, layer.md), and no text."""
    if "/.wh." in f"/{path}":
        raise BuildError(
            f"{location} has a name that starts with '.wh.', which deletes files in an image",
            hint="rename it, or name it in .dockerignore",
        )
    try:
        path.encode()
    except UnicodeEncodeError as error:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise BuildError(
            f"the name of {shown} in {location.parent} is not UTF-8; an image cannot hold it", hint="rename it"
        ) from error


def _link_target(directory: Path, path: str) -> str:
    target = (directory / path).readlink().as_posix()
    landing = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if posixpath.isabs(target) or landing == ".." or landing.startswith("../"):
        raise BuildError(
            f"the symbolic link {directory / path} points out of the component directory, to {target}",
            hint="copy what it points to, or name the link in .dockerignore",
        )
    return target
