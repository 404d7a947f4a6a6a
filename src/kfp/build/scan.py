"""Looks for Python among the file names of an image's layers, for bases whose configuration does not tell."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kfp.errors import InvalidImage
from kfp.images.untar import PATH_LIMIT, MemberKind, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from typing import BinaryIO

    from kfp.images.image import Image

_PROGRAM = re.compile(r"python(3\.\d+)")
_GLIBC = re.compile(r"(?:^|/)libc-(2\.\d+)\.so$")
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_LINKS = 20
_COPY = 256 * 1024
_NAMES = 64 * 1024 * 1024


@dataclass(frozen=True)
class FoundPython:
    """A Python among the files of an image; paths as in `kfp.build.base.BasePython`."""

    version: str
    site_packages: str
    prefix: str
    interpreter: str
    libc: str


def list_files(image: Image) -> dict[str, str]:
    """Reads the headers of all layers.

    Returns:
        Path relative to the root → target of the symbolic link that it is, "" for anything else.

    Raises:
        InvalidImage: a layer is damaged, compressed in a way that cannot be undone, or beyond a limit.
        ImageError: a layer cannot be fetched.
    """
    files: dict[str, str] = {}
    for layer in image.layers:
        if not layer.foreign:
            with layer.uncompressed() as stream:
                files = _stacked(files, stream)
    return files


def _stacked(below: Mapping[str, str], layer: BinaryIO) -> dict[str, str]:
    """Puts the files of a layer upon those below; whiteouts hide only these (OCI image-spec, layer.md)."""
    added: dict[str, str] = {}
    room = _NAMES - sum(map(len, below))
    gone: set[str] = set()
    emptied: set[str] = set()
    for member, _ in members(layer):
        path = posixpath.normpath(member.name[:PATH_LIMIT]).lstrip("/")
        target = member.target[:PATH_LIMIT] if member.kind is MemberKind.SYMLINK else ""
        room -= len(path) + len(target)
        if room < 0:
            raise InvalidImage(f"the files of the image have names of more than {_NAMES} characters")
        folder, name = posixpath.split(path)
        if name == _OPAQUE:
            emptied.add(folder)
        elif name.startswith(_WHITEOUT):
            gone.add(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
        else:
            added[path] = target
    while layer.read(_COPY):  # What follows the end of the archive belongs to its digest.
        pass
    kept = {path: target for path, target in below.items() if not _hidden(path, gone, emptied)}
    return {**kept, **added}


def _hidden(path: str, gone: AbstractSet[str], emptied: AbstractSet[str]) -> bool:
    if path in gone:
        return True
    while path:
        path = posixpath.dirname(path)
        if path in gone or path in emptied:
            return True
    return False


def find_python(files: Mapping[str, str], search: Iterable[str]) -> FoundPython | None:
    """Finds the program that `python3` starts, and where it looks for packages.

    Args:
        files: from `list_files`.
        search: the directories of PATH, absolute.
    """
    for folder in search:
        name = posixpath.join(folder, "python3").lstrip("/")
        program = _resolve(files, name)
        if program is None:
            continue
        version = _version(files, program)
        if version is None:
            continue
        prefix = posixpath.dirname(posixpath.dirname(name))
        site_packages = _site_packages(files, prefix, posixpath.dirname(posixpath.dirname(program)), version)
        return FoundPython(version, site_packages, _script_prefix(prefix, site_packages), f"/{name}", _libc(files))
    return None


def _resolve(files: Mapping[str, str], path: str) -> str | None:
    """Follows symbolic links, also those of directories above, inside the image."""
    for _ in range(_LINKS):
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            above = "/".join(parts[:count])
            if files.get(above):
                landing = posixpath.join("/", posixpath.dirname(above), files[above], *parts[count:])
                path = posixpath.normpath(landing).lstrip("/")
                break
        else:
            return path if path in files else None
    return None


def _version(files: Mapping[str, str], program: str) -> str | None:
    found = _PROGRAM.fullmatch(posixpath.basename(program))
    if found:
        return found.group(1)
    prefix = posixpath.dirname(posixpath.dirname(program))
    for path in files:
        inside = posixpath.relpath(path, prefix).split("/") if path.startswith(f"{prefix}/") else []
        if inside[:1] in (["lib"], ["lib64"]) and inside[2:] == ["os.py"]:
            found = _PROGRAM.fullmatch(inside[1])
            if found:
                return found.group(1)
    return None


def _site_packages(files: Mapping[str, str], prefix: str, base: str, version: str) -> str:
    """Gives the directory: of a virtual environment, of Debian's own Python, or the usual one."""
    environment = f"{prefix}/pyvenv.cfg" in files
    debian = any(path.startswith(f"{base}/lib/python3/dist-packages") for path in files)
    if debian and not environment:
        return f"usr/local/lib/python{version}/dist-packages"
    return f"{prefix if environment else base}/lib/python{version}/site-packages".lstrip("/")


def _script_prefix(prefix: str, site_packages: str) -> str:
    return "usr/local" if site_packages.startswith("usr/local/") else prefix


def _libc(files: Mapping[str, str]) -> str:
    for path in files:
        found = _GLIBC.search(path)
        if found:
            return f"glibc-{found.group(1)}"
        if posixpath.basename(path).startswith("ld-musl-"):
            return "musl"
    return "glibc"
