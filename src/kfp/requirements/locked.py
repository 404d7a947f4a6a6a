"""What a resolution comes to: exact packages for a target, each with the one file that it is installed from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.indexes import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.requirements.target import Target

_FORMAT = "2"
_HEADER = 'lock-version = "1.0"\ncreated-by = "kfp"\n'


@dataclass(frozen=True)
class LockedPackage:
    """One package at one version.

    Args:
        name: canonical project name.
        version: the exact version; "" where only building tells it.
        url: the wheel or source distribution, or the repository (`git+https://…@commit`).
        hashes: `sha256:<hex>` that the file must have; none for a repository, whose commit is exact.
        built: whether its wheel is built before it is installed, since `url` is no wheel.
        subdirectory: of the repository or source distribution, where the project is.
        from_index: whether an index offered it, among other versions and files.
        local: whether it was named by a path or an address, so that nobody can find it by its name; pure Python.
    """

    name: str
    version: str
    url: str
    hashes: tuple[str, ...] = ()
    built: bool = False
    subdirectory: str = ""
    from_index: bool = False
    local: bool = False

    @property
    def text(self) -> str:
        """Its table of a lock (PyPA specification "pylock.toml")."""
        lines = ["[[packages]]", f"name = {json.dumps(self.name)}"]
        if self.url.startswith("git+"):
            address, _, commit = self.url.removeprefix("git+").rpartition("@")
            fields = {"type": "git", "url": address, "commit-id": commit}
            return "\n".join([*lines, f"vcs = {self._table(fields)}", ""])
        lines += [f"version = {json.dumps(self.version)}"] if self.version else []
        hashes = ", ".join(
            f"{kind} = {json.dumps(value)}" for kind, _, value in (h.partition(":") for h in self.hashes)
        )
        file = self._table({"url": self.url}, f"hashes = {{ {hashes} }}")
        lines.append(f"sdist = {file}" if self.built else f"wheels = [{file}]")
        return "\n".join([*lines, ""])

    def _table(self, fields: Mapping[str, str], *more: str) -> str:
        given = {**fields, "subdirectory": self.subdirectory} if self.subdirectory else fields
        return f"{{ {', '.join((*(f'{key} = {json.dumps(value)}' for key, value in given.items()), *more))} }}"

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" if self.version else f"{self.name} @ {redact(self.url)}"


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
        """The lock as a `pylock.toml`."""
        return lock_text(self.packages)

    def key(self, packages: Iterable[LockedPackage] | None = None) -> str:
        """Gives the hexadecimal SHA-256 of what would be installed, by default of all packages.

        A file that has hashes is the same wherever it lies.
        """
        chosen = self.packages if packages is None else packages
        parts = (f"{p} {' '.join(p.hashes) or redact(p.url)} {p.subdirectory} {p.built}" for p in chosen)
        return hashlib.sha256("\0".join((_FORMAT, str(self.target), *parts)).encode()).hexdigest()


def lock_text(packages: Iterable[LockedPackage]) -> str:
    """Writes packages as a `pylock.toml`."""
    return "\n".join((_HEADER, *(package.text for package in packages)))


def to_record(packages: Iterable[LockedPackage]) -> list[dict[str, object]]:
    """Gives packages as JSON values."""
    return [asdict(package) for package in packages]


def from_record(record: object) -> tuple[LockedPackage, ...]:
    """Reads what `to_record` gave.

    Raises:
        RequirementsError: it is something else.
    """
    try:
        return tuple(LockedPackage(**{**each, "hashes": tuple(each["hashes"])}) for each in record)  # type: ignore[attr-defined]
    except (TypeError, KeyError) as error:
        raise RequirementsError(f"a record of locked packages is damaged: {error}") from error
