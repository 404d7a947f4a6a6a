"""Reads a `pylock.toml` for one target: the packages whose markers hold, and of each the file that fits best.

Format: PyPA specification "pylock.toml" (PEP 751). What fits is decided here from the file alone, without the network,
so that exactly what was locked is installed.
"""

from __future__ import annotations

import hashlib
import posixpath
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from kfp.errors import RequirementsError
from kfp.requirements.locked import LockedPackage
from kfp.requirements.names import RUNTIME_NAMES, canonical_name
from kfp.requirements.tags import is_pure, markers, rank

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.requirements.target import Target

_STRONGEST = ("sha512", "sha384", "sha256")


@dataclass(frozen=True)
class Locked:
    """What a lock says for a target.

    Args:
        packages: what is installed from files, sorted by name.
        projects: name → directory of what is built from sources on this machine.
    """

    packages: tuple[LockedPackage, ...]
    projects: Mapping[str, Path]


def read_pylock(document: Mapping[str, Any], target: Target, *, path: Path) -> Locked:
    """Chooses from a lock what a target needs.

    Args:
        document: the parsed file.
        target: what the packages are for.
        path: where it lies, or would lie: paths in it are relative to its directory, errors name it.

    Raises:
        RequirementsError: it is no such file, or not for that Python; a package has no file for the target.
    """
    version, entries = str(document.get("lock-version", "")), document.get("packages", [])
    if not version.startswith("1.") or not isinstance(entries, list):
        raise RequirementsError(f"{path} is no lock file of version 1, as PEP 751 defines it")
    # Of extras none are wanted, of groups those that the lock names as its default.
    groups = frozenset(map(str, document.get("default-groups", ())))
    environment = {**markers(target), "extra": "", "extras": frozenset[str](), "dependency_groups": groups}
    _check_python(document, target, path)
    chosen: dict[str, LockedPackage] = {}
    projects: dict[str, Path] = {}
    for entry in entries:
        try:
            name = canonical_name(entry["name"])
            if name in RUNTIME_NAMES or not _holds(entry.get("marker"), environment):
                continue
            if name in chosen or name in projects:
                raise RequirementsError(f"{path} has {name} twice for {target}")
            if "directory" in entry:
                projects[name] = _below(path.parent, str(entry["directory"]["path"]))
            else:
                chosen[name] = _package(name, entry, target, path)
        except (KeyError, TypeError, AttributeError, InvalidMarker) as error:
            raise RequirementsError(f"{path} has a malformed entry for a package: {error!r}: {entry!r:.200}") from error
    return Locked(tuple(chosen[name] for name in sorted(chosen)), projects)


def _check_python(document: Mapping[str, Any], target: Target, path: Path) -> None:
    try:
        wanted = SpecifierSet(str(document.get("requires-python", "")))
    except InvalidSpecifier as error:
        raise RequirementsError(f"{path} has a malformed requires-python: {error}") from error
    # The patch version of the base's Python is not known here; any that satisfies will do.
    if not any(wanted.contains(f"{target.python_version}.{patch}", prereleases=True) for patch in range(40)):
        raise RequirementsError(
            f"{path} is for Python {wanted}, and the base image has Python {target.python_version}",
            hint="use another base image, or lock again with a requires-python that includes it",
        )


def _holds(marker: str | None, environment: Mapping[str, Any]) -> bool:
    return marker is None or Marker(marker).evaluate(dict(environment), context="lock_file")


def _package(name: str, entry: Mapping[str, Any], target: Target, path: Path) -> LockedPackage:
    version = str(entry.get("version", ""))
    if "vcs" in entry:
        vcs = entry["vcs"]
        address = vcs.get("url") or _below(path.parent, vcs["path"]).as_uri()
        url = f"{vcs['type']}+{address}@{vcs['commit-id']}"
        return LockedPackage(name, version, url, built=True, subdirectory=str(vcs.get("subdirectory", "")), local=True)
    if "archive" in entry:
        archive = _file(name, version, entry["archive"], path)
        return replace(archive, local=archive.built or is_pure(_filename(entry["archive"])))
    ranked = [(found, wheel) for wheel in entry.get("wheels", ()) if (found := rank(_filename(wheel), target))]
    if ranked:
        return _file(name, version, min(ranked, key=lambda each: each[0])[1], path)
    if "sdist" in entry:
        return replace(_file(name, version, entry["sdist"], path), from_index=True)
    offered = ", ".join(sorted({_filename(wheel) for wheel in entry.get("wheels", ())})) or "none at all"
    raise RequirementsError(
        f"{name}=={version} has no wheel for {target}, says {path}: its wheels are {offered}",
        hint="lock another version of the package, build for another --platform, or use another base image",
    )


def _file(name: str, version: str, file: Mapping[str, Any], path: Path) -> LockedPackage:
    filename = _filename(file)
    url = file.get("url") or _below(path.parent, str(file["path"])).as_uri()
    hashes = file.get("hashes") or _own_hashes(str(url))
    strongest = next((kind for kind in _STRONGEST if kind in hashes), None)
    if strongest is None:
        raise RequirementsError(f"{path} has no hash for {filename} that can be trusted", hint="lock it again")
    wheel = filename.endswith(".whl")
    return LockedPackage(
        name=name,
        version=version or _version(filename),
        url=str(url),
        hashes=(f"{strongest}:{hashes[strongest]}",),
        built=not wheel,
        subdirectory=str(file.get("subdirectory", "")),
    )


def _own_hashes(url: str) -> Mapping[str, str]:
    """Reads a file of this machine, for which older uv writes no hash: nobody but its owner can replace it."""
    if not url.startswith("file:"):
        return {}
    try:
        return {"sha256": hashlib.sha256(Path(unquote(urlsplit(url).path)).read_bytes()).hexdigest()}
    except OSError as error:
        raise RequirementsError(f"{url} cannot be read: {error.strerror}") from error


def _version(filename: str) -> str:
    """Reads the version out of a file's name; "" where it does not tell."""
    with suppress(InvalidWheelFilename, InvalidSdistFilename):
        parsed = parse_wheel_filename(filename) if filename.endswith(".whl") else parse_sdist_filename(filename)
        return str(parsed[1])
    return ""


def _filename(file: Mapping[str, Any]) -> str:
    if "name" in file:
        return str(file["name"])
    return posixpath.basename(unquote(urlsplit(str(file["url"])).path) if "url" in file else str(file["path"]))


def _below(directory: Path, path: str) -> Path:
    return (directory / path).resolve()
