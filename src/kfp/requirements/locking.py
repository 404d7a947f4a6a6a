"""Resolves requirements for a target to exact files with hashes, once for each list of requirements."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.files import write_text
from kfp.requirements.indexes import Indexes
from kfp.requirements.locked import Lock, LockedPackage, from_record, to_record
from kfp.requirements.names import Requirement, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kfp.requirements.declared import Declared
    from kfp.requirements.target import Target

__all__ = ["Lock", "LockedPackage", "lock"]

_FORMAT = "2"


@dataclass(frozen=True)
class Resolution:
    """What is remembered of a resolution.

    Args:
        packages: what is installed from files that lie elsewhere.
        projects: name → directory of what is built from sources on this machine.
        metadata: name → digest of what each of these said of its dependencies.
    """

    packages: tuple[LockedPackage, ...]
    projects: Mapping[str, str]
    metadata: Mapping[str, str]


def lock(
    requirements: Iterable[str | Requirement],
    target: Target,
    *,
    cache: Path,
    indexes: Indexes | None = None,
    declared: Declared | None = None,
    refresh: bool = False,
) -> Lock:
    """Resolves requirements to exact versions for which the target has wheels.

    The outcome is kept in `cache`; the same requirements, target and indexes give it again without a process and
    without the network, so versions move only when `refresh` says so. Projects on this machine are built again when
    their files changed.

    Args:
        requirements: what is wanted; entries for `kfp` are dropped.
        target: what the packages are for.
        cache: a directory of this function's own.
        indexes: the components' indexes.
        declared: what the components' directory wants itself.
        refresh: resolve again although the outcome is known.

    Raises:
        RequirementsError: no versions satisfy the requirements, a package has no wheel for the target, a line is
            malformed, a lock is out of date, or an index does not answer.
    """
    everything = wanted([*requirements, *(declared.requirements if declared else ())])
    if not everything and (declared is None or declared.empty):
        return Lock(target)
    sources = (indexes or Indexes()).with_more(declared.indexes) if declared else indexes or Indexes()
    known = cache / f"{_key(everything, target, sources, declared)}.json"
    former = _read(known)
    if former is not None and not refresh:
        current = _current(former, cache, sources)
        if current is not None:
            return Lock(target, current)
    from kfp.requirements.answering import answer  # noqa: PLC0415 (start-up: most commands know the outcome already)

    kept = former.packages if former is not None and not refresh else ()
    made = answer(everything, target, sources, declared, projects=cache / "projects", known=kept)
    cache.mkdir(parents=True, exist_ok=True)
    record = {"packages": to_record(made.packages), "projects": made.projects, "metadata": made.metadata}
    write_text(known, json.dumps(record))
    packages = _current(made, cache, sources)
    if packages is None:
        raise RequirementsError(
            f"the projects {', '.join(made.projects.values())} change while they are built", hint="build again"
        )
    return Lock(target, packages)


def _current(resolution: Resolution, cache: Path, indexes: Indexes) -> tuple[LockedPackage, ...] | None:
    """Gives the packages, projects with the wheels of today; None where one of these now depends on other things."""
    packages = list(resolution.packages)
    for name, directory in resolution.projects.items():
        from kfp.requirements.projects import project_wheel  # noqa: PLC0415 (start-up: hardly anybody has any)

        built = project_wheel(Path(directory), cache=cache / "projects", indexes=indexes)
        if built.metadata != resolution.metadata.get(name) or built.name != name:
            return None
        packages.append(built.locked)
    return tuple(sorted(packages, key=lambda package: package.name))


def _key(requirements: tuple[Requirement, ...], target: Target, indexes: Indexes, declared: Declared | None) -> str:
    lines = [" ".join((each.line, *each.hashes)) for each in requirements]
    inputs = [_FORMAT, str(target), target.uv_platform, *lines, ""]
    if declared is not None:
        inputs += [*(each.line for each in declared.constraints), str(declared.prereleases), declared.state]
    directory = declared.directory if declared else None
    inputs += indexes.fingerprint(directory=directory)
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()


def _read(path: Path) -> Resolution | None:
    with suppress(OSError, ValueError, KeyError, TypeError, RequirementsError):
        record = json.loads(path.read_text(encoding="utf-8"))
        return Resolution(from_record(record["packages"]), dict(record["projects"]), dict(record["metadata"]))
    return None
