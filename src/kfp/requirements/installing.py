"""Installs locked wheels into a staging directory and lists their files as another machine will have them.

Nothing in the result tells on which machine, with which interpreter or in which directory it was made.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements import uv
from kfp.requirements.indexes import Indexes
from kfp.requirements.locked import lock_text
from kfp.requirements.names import canonical_name
from kfp.requirements.resolving import WAYS_OUT
from kfp.requirements.scripts import entry_point_scripts, read_record, record_hash, with_interpreter, write_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kfp.requirements.layout import Layout
    from kfp.requirements.locked import LockedPackage
    from kfp.requirements.target import Target

_INSTALLERS_OWN = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json", "RECORD"}
_EXECUTABLE = 0o100
_TAG = re.compile(r"(?m)^Tag:\s*(\S+)")
_FAILED = re.compile(r"Failed to (?:download and )?build `([A-Za-z0-9._-]+)(==[^`]*)?")
_INCOMPATIBLE = re.compile(r"built wheel `([^`]+)` is not compatible")


@dataclass(frozen=True)
class InstalledFile:
    """One file of a package.

    Args:
        path: where it belongs, relative to the target's root.
        source: the file on this machine that has the contents, or the contents.
        executable: whether it may be started.
    """

    path: str
    source: Path | bytes
    executable: bool = False

    @property
    def size(self) -> int:
        """Length of the contents in bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


@dataclass(frozen=True)
class Distribution:
    """One installed package: its canonical name, its version, its files sorted by path."""

    name: str
    version: str
    files: tuple[InstalledFile, ...]

    @property
    def size(self) -> int:
        """Sum of the files' lengths in bytes."""
        return sum(file.size for file in self.files)


def install(
    packages: Sequence[LockedPackage],
    target: Target,
    layout: Layout,
    *,
    staging: Path,
    indexes: Indexes | None = None,
) -> tuple[Distribution, ...]:
    """Installs locked packages, and nothing that they depend on, into an empty directory.

    Args:
        packages: what to install; every file that is downloaded is checked against the lock's hashes.
        target: the machine that the lock was made for; it need not be this one.
        layout: where the target keeps packages.
        staging: an empty directory; the returned files refer to it.
        indexes: where to download from.

    Returns:
        The distributions, sorted by name.

    Raises:
        RequirementsError: a package cannot be downloaded, has another hash, or has no wheel for the target.
    """
    if not packages:
        return ()
    _install(packages, target, staging, indexes or Indexes())
    _check_built([package for package in packages if package.built], staging, target)
    found = sorted(_distributions(staging, layout), key=lambda distribution: distribution.name)
    missing = {package.name for package in packages} - {distribution.name for distribution in found}
    if missing:
        raise RequirementsError(f"uv installed no files for {', '.join(sorted(missing))}")
    # Of a file that several wheels have, each with its own contents, uv leaves that of whichever came last.
    contested = _contested(found, layout)
    apart = {
        package.name: _apart(package, target, layout, staging / "apart" / package.name, indexes)
        for package in packages
        if package.name in contested
    }
    return tuple(apart.get(distribution.name, distribution) for distribution in found)


def _apart(
    package: LockedPackage, target: Target, layout: Layout, staging: Path, indexes: Indexes | None
) -> Distribution:
    staging.mkdir(parents=True)
    (distribution,) = install([package], target, layout, staging=staging, indexes=indexes)
    return distribution


def _contested(distributions: Iterable[Distribution], layout: Layout) -> set[str]:
    """Gives the names of the distributions that have a path in common, but not its contents."""
    claims: dict[str, dict[str, str]] = {}
    for distribution in distributions:
        for file in distribution.files:
            if isinstance(file.source, bytes) and file.path.endswith(".dist-info/RECORD"):
                for path, digest, _ in read_record(file.source.decode()):
                    place = posixpath.normpath(f"{layout.site_packages}/{path}")
                    claims.setdefault(place, {})[distribution.name] = digest
    return {name for owners in claims.values() if len(set(owners.values())) > 1 for name in owners}


def _install(packages: Sequence[LockedPackage], target: Target, staging: Path, indexes: Indexes) -> None:
    built = [package for package in packages if package.built]
    with tempfile.TemporaryDirectory(prefix="kfp-install-") as folder:
        lock = Path(folder, "pylock.toml")
        lock.write_text(lock_text(packages), encoding="utf-8")
        try:
            uv.run(
                [
                    *("pip", "install", "--prefix", str(staging.absolute()), "--no-deps", "--only-binary", ":all:"),
                    *(option for package in built for option in ("--no-binary", package.name)),
                    *("--python-version", target.python_version, "--python-platform", target.uv_platform),
                    *("--python", sys.executable, "-r", str(lock)),
                ],
                what=f"cannot install {', '.join(map(str, packages))} for {target}",
                environ=indexes.environ(),
                directory=Path(folder),
                undo=lambda: _empty(staging),
            )
        except uv.UvError as error:
            failed = _FAILED.search(error.detail)
            if failed is not None and canonical_name(failed[1]) in {package.name for package in built}:
                raise RequirementsError(
                    f"{failed[1]}{failed[2]} has no wheel for {target}, and its source distribution cannot be built "
                    f"here: {error.detail}",
                    hint=WAYS_OUT,
                ) from error
            wheel = _INCOMPATIBLE.search(error.detail)
            of = [package for package in built if wheel and canonical_name(wheel[1].split("-")[0]) == package.name]
            if wheel is None or not of:
                raise
            raise _compiled(of[0], target, wheel[1]) from error


def _empty(staging: Path) -> None:
    shutil.rmtree(staging)
    staging.mkdir()


def _check_built(built: Sequence[LockedPackage], staging: Path, target: Target) -> None:
    """Refuses what was compiled: it is for this machine, whatever the target is."""
    if not built:
        return
    wheels = {canonical_name(path.parent.name.split("-")[0]): path for path in staging.glob("**/*.dist-info/WHEEL")}
    for package in built:
        tags = _TAG.findall(wheels[package.name].read_text(encoding="utf-8")) if package.name in wheels else []
        if any(not tag.endswith("-none-any") for tag in tags):
            raise _compiled(package, target, ", ".join(tags))


def _compiled(package: LockedPackage, target: Target, made: str) -> RequirementsError:
    return RequirementsError(
        f"{package} has no wheel for {target}, and what its source distribution makes is for this machine only: {made}",
        hint=WAYS_OUT,
    )


def _distributions(staging: Path, layout: Layout) -> Iterator[Distribution]:
    sites = [path for depth in ("*/*/*", "*/*/*/*") for path in staging.glob(f"{depth}-packages")]
    placing = _Placing(staging, tuple(path.relative_to(staging).as_posix() for path in sites), layout)
    for site in sites:
        for information in site.glob("*.dist-info"):
            yield placing.distribution(information)


@dataclass(frozen=True)
class _Placing:
    """Maps the staging directory, laid out as this machine's Python does it, to the target's layout."""

    staging: Path
    sites: tuple[str, ...]
    layout: Layout

    def distribution(self, information: Path) -> Distribution:
        name, _, version = information.name.removesuffix(".dist-info").partition("-")
        site = information.parent.relative_to(self.staging).as_posix()
        rows = self._rows(information, site)
        scripts = self._scripts(information)
        files, record = [], []
        for staged, digest, size in rows:
            path = self._path(staged)
            source = self.staging / staged
            text = scripts.get(path) or self._rewritten(source, path)
            if text is None:
                files.append(InstalledFile(path, source, bool(source.stat().st_mode & _EXECUTABLE)))
                record.append((path, digest, size))
            else:
                files.append(InstalledFile(path, text, executable=True))
                record.append((path, record_hash(text), str(len(text))))
        own = f"{self.layout.site_packages}/{information.name}/RECORD"
        files.append(InstalledFile(own, write_record(record, own, self.layout.site_packages)))
        return Distribution(canonical_name(name), version, tuple(sorted(files, key=lambda file: file.path)))

    def _rewritten(self, source: Path, path: str) -> bytes | None:
        """Gives a script of the wheel's own with the target's interpreter, or None for anything else."""
        if posixpath.dirname(path) != f"{self.layout.prefix}/bin":
            return None
        with source.open("rb") as stream:
            return with_interpreter(stream.read(), self.layout.interpreter) if stream.peek(2)[:2] == b"#!" else None

    def _rows(self, information: Path, site: str) -> Iterable[tuple[str, str, str]]:
        for path, digest, size in read_record((information / "RECORD").read_text(encoding="utf-8")):
            staged = posixpath.normpath(f"{site}/{path}")
            folder, name = posixpath.split(staged)
            if staged.startswith("../") or posixpath.isabs(staged):
                raise RequirementsError(f"{information.name} installs a file outside of its directory: {path}")
            if name.endswith(".pyc") or (folder.endswith(information.name) and name in _INSTALLERS_OWN):
                continue
            yield staged, digest, size

    def _path(self, staged: str) -> str:
        for site in self.sites:
            if staged.startswith(f"{site}/"):
                return f"{self.layout.site_packages}/{staged[len(site) + 1 :]}"
        return f"{self.layout.prefix}/{staged}"

    def _scripts(self, information: Path) -> dict[str, bytes]:
        entry_points = information / "entry_points.txt"
        if not entry_points.is_file():
            return {}
        scripts = entry_point_scripts(entry_points.read_text(encoding="utf-8"), self.layout.interpreter)
        return {f"{self.layout.prefix}/bin/{name}": text for name, text in scripts.items()}
