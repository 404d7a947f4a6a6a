"""Resolves requirements for a target to exact versions with hashes, once for each list of requirements."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.requirements.indexes import Indexes, redact
from kfp.requirements.names import canonical_name, without_kfp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.requirements.target import Target

_FORMAT = "1"
_PACKAGE = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:==\s*(?P<version>[^\s;\\]+)|@\s*(?P<url>[^\s\\]+))"
)
_HASH = re.compile(r"--hash=(\S+)")
_WHEEL_VERSION = re.compile(r"/[^/-]+-(?P<version>[^/-]+)(?:-[^/]*)?\.whl")


@dataclass(frozen=True)
class LockedPackage:
    """One package at one version.

    Args:
        name: canonical project name.
        version: the exact version.
        text: its lines of the lock, in the format of a requirements file with hashes.
        hashes: `sha256:<hex>` of the files that are allowed.
    """

    name: str
    version: str
    text: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Lock:
    """Exact packages for a target, sorted by name.

    Args:
        target: what the packages were chosen for.
        packages: the packages, none of them twice.
    """

    target: Target
    packages: tuple[LockedPackage, ...] = ()

    @property
    def text(self) -> str:
        """The lock as a requirements file with hashes."""
        return "".join(package.text for package in self.packages)

    def key(self, packages: Iterable[LockedPackage] | None = None) -> str:
        """Gives the hexadecimal SHA-256 of what would be installed, by default of all packages."""
        chosen = self.packages if packages is None else packages
        text = "\0".join((_FORMAT, str(self.target), *(package.text for package in chosen)))
        return hashlib.sha256(text.encode()).hexdigest()


def lock(
    requirements: Iterable[str],
    target: Target,
    *,
    cache: Path,
    indexes: Indexes | None = None,
    refresh: bool = False,
) -> Lock:
    """Resolves requirements to exact versions for which the target has wheels.

    The outcome is kept in `cache`; the same requirements, target and indexes give it again without a process and
    without the network, so versions move only when `refresh` says so.

    Args:
        requirements: PEP 508 lines; entries for `kfp` are dropped.
        target: what the packages are for.
        cache: a directory of this function's own.
        indexes: the component's indexes.
        refresh: resolve again although the outcome is known.

    Raises:
        RequirementsError: no versions satisfy the requirements, a package has no wheel for the target, a line is
            malformed, or an index does not answer.
    """
    wanted = without_kfp(requirements)
    if not wanted:
        return Lock(target)
    sources = indexes or Indexes()
    inputs = "\0".join((_FORMAT, str(target), target.uv_platform, *sorted(wanted), "", *sources.fingerprint()))
    known = cache / f"{hashlib.sha256(inputs.encode()).hexdigest()}.txt"
    if not refresh:
        try:
            return Lock(target, _parse(known.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
    text = _resolve(wanted, target, sources)
    cache.mkdir(parents=True, exist_ok=True)
    _write(known, text)
    return Lock(target, _parse(text))


def _resolve(requirements: tuple[str, ...], target: Target, indexes: Indexes) -> str:
    import tempfile  # noqa: PLC0415 (start-up: most commands know the outcome already)

    from kfp.requirements import uv  # noqa: PLC0415 (as above)

    with tempfile.TemporaryDirectory(prefix="kfp-lock-") as directory:
        overrides = Path(directory, "overrides.txt")
        overrides.write_text(uv.DROP_KFP, encoding="utf-8")
        return uv.run(
            [
                *("pip", "compile", "-", "--generate-hashes", "--no-header", "--no-annotate", "--only-binary", ":all:"),
                *("--python-version", target.python_version, "--python-platform", target.uv_platform),
                *("--overrides", str(overrides), "--python", sys.executable),
            ],
            what=f"cannot resolve {_few(requirements)} for {target}",
            environ=indexes.environ(),
            stdin="\n".join(sorted(requirements)),
        )


def _few(requirements: tuple[str, ...], limit: int = 4) -> str:
    shown = ", ".join(requirements[:limit])
    return shown if len(requirements) <= limit else f"{shown} and {len(requirements) - limit} more"


def _parse(text: str) -> tuple[LockedPackage, ...]:
    """Reads uv's requirements file: a line for each package, continued by its hashes."""
    packages = []
    for block in re.split(r"(?<!\\)\n", text):
        found = _PACKAGE.match(block)
        if found is None:
            continue
        version = found["version"]
        if version is None:
            wheel = _WHEEL_VERSION.search(found["url"])
            version = wheel["version"] if wheel else redact(found["url"])
        packages.append(
            LockedPackage(canonical_name(found["name"]), version, f"{block}\n", tuple(_HASH.findall(block)))
        )
    return tuple(sorted(packages, key=lambda package: package.name))


def _write(path: Path, text: str) -> None:
    import tempfile  # noqa: PLC0415 (as above)

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)
