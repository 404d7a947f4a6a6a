"""Exact packages for requirements and for what a directory declares: locks first, then what they leave open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements import uv
from kfp.requirements.conflicts import check_agreement, check_lock, holds, parse, satisfied
from kfp.requirements.declared import UV_LOCK
from kfp.requirements.local import marker_of, project_of
from kfp.requirements.locked import lock_text
from kfp.requirements.locking import Resolution
from kfp.requirements.names import RUNTIME_NAMES, Requirement, canonical_name
from kfp.requirements.projects import project_wheel
from kfp.requirements.pylock import Locked, read_pylock
from kfp.requirements.resolving import Question, resolve
from kfp.requirements.toml import parse_toml, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kfp.requirements.declared import Declared
    from kfp.requirements.indexes import Indexes
    from kfp.requirements.locked import LockedPackage
    from kfp.requirements.projects import ProjectWheel
    from kfp.requirements.target import Target

_NOTHING = Locked((), {})


def answer(
    requirements: Sequence[Requirement],
    target: Target,
    indexes: Indexes,
    declared: Declared | None,
    *,
    projects: Path,
    known: Sequence[LockedPackage] = (),
) -> Resolution:
    """Resolves requirements, and what a directory declares, to exact files and to projects of this machine.

    Args:
        requirements: what is wanted, entries for `kfp` dropped.
        target: for what.
        indexes: from where.
        declared: what the directory says besides its requirements.
        projects: the cache of projects' wheels.
        known: packages that stay at their versions if nothing speaks against it.

    Raises:
        RequirementsError: see `kfp.requirements.lock`.
    """
    check_agreement([*requirements, *(declared.constraints if declared else ())], target)
    built: dict[Path, ProjectWheel] = {}

    def wheel(directory: Path) -> ProjectWheel:
        if directory not in built:
            built[directory] = project_wheel(directory, cache=projects, indexes=indexes)
        return built[directory]

    fixed = _locked(declared, target)
    lines, direct = _with_wheels(requirements, target, wheel)
    if declared is not None and declared.lock is not None:
        check_lock(lines, fixed.packages, target, str(declared.lock))
        lines = _open(lines, fixed, target)
    question = Question(
        requirements=lines,
        target=target,
        indexes=indexes,
        constraints=(*(declared.constraints if declared else ()), *_pins(fixed.packages)),
        absent=frozenset(fixed.projects),
        pyproject=declared.pyproject if declared else None,
        directory=declared.directory if declared else None,
        prereleases=bool(declared and declared.prereleases),
        known=lock_text(known) if known else "",
    )
    found = resolve(question) if lines or question.pyproject else _NOTHING
    places = {**direct, **found.projects, **fixed.projects}
    wheels = {name: wheel(place) for name, place in places.items()}
    for name, each in wheels.items():
        if each.name != name:
            raise RequirementsError(f"the project {places[name]} is wanted as {name}, and is called {each.name}")
    taken = {package.name for package in fixed.packages} | wheels.keys()
    packages = (*fixed.packages, *(package for package in found.packages if package.name not in taken))
    return Resolution(
        packages=tuple(_allowed(packages, requirements)),
        projects={name: str(place) for name, place in places.items() if name not in RUNTIME_NAMES},
        metadata={name: each.metadata for name, each in wheels.items() if name not in RUNTIME_NAMES},
    )


def _locked(declared: Declared | None, target: Target) -> Locked:
    """Reads the directory's lock, exported by uv where it is uv's own."""
    if declared is None or declared.lock is None:
        return _NOTHING
    path = declared.lock
    if path.name != UV_LOCK:
        return read_pylock(read_toml(path), target, path=path)
    import os  # noqa: PLC0415 (as it was locked: in the user's own environment, without pip's settings)

    try:
        text = uv.run(
            [
                *("export", "--locked", "--no-default-groups", "--format", "pylock.toml", "--no-header"),
                *(option for name in sorted(RUNTIME_NAMES) for option in ("--prune", name)),
            ],
            what=f"cannot read {path}",
            environ=os.environ,
            directory=declared.directory,
        )
    except uv.UvError as error:
        if "needs to be updated" not in error.message:
            raise
        raise RequirementsError(f"{path} is out of date with pyproject.toml", hint="run `uv lock`") from error
    document = parse_toml(text, str(path))
    found = read_pylock(document, target, path=declared.directory / path.name)
    if all(map(Path.is_dir, found.projects.values())):
        return found
    return read_pylock(document, target, path=path)  # older uv: paths start from the workspace


def _with_wheels(
    requirements: Iterable[Requirement], target: Target, wheel: Callable[[Path], ProjectWheel]
) -> tuple[tuple[Requirement, ...], dict[str, Path]]:
    """Names projects on this machine by their wheels; where uv must look at their sources table, by their names.

    Returns:
        The requirements, and the projects among them by name.
    """
    lines, direct = [], {}
    for each in requirements:
        found = project_of(each.line)
        if found is None:
            lines.append(each)
            continue
        directory, extras = found
        if not holds(marker_of(each.line), target):
            continue
        whose = f" ({each.origin})" if each.origin else ""
        try:
            made = wheel(directory)
        except RequirementsError as error:
            raise RequirementsError(f"{error.message}{whose}", hint=error.hint) from error
        if each.name not in {None, made.name}:
            raise RequirementsError(
                f"the project {directory} is wanted as {each.name}, and is called {made.name}{whose}"
            )
        if made.name in RUNTIME_NAMES:
            continue
        direct[made.name] = directory
        place = directory.as_uri() if _has_sources(directory) else Path(made.wheel).as_uri()
        lines.append(replace(each, line=f"{made.name}{extras} @ {place}{marker_of(each.line)}"))
    return tuple(lines), direct


def _has_sources(directory: Path) -> bool:
    pyproject = directory / "pyproject.toml"
    return pyproject.is_file() and b"tool.uv.sources" in pyproject.read_bytes()


def _open(requirements: Iterable[Requirement], fixed: Locked, target: Target) -> tuple[Requirement, ...]:
    """Gives the requirements that a lock does not answer already."""
    versions = {package.name: package.version for package in fixed.packages}
    left = []
    for each in requirements:
        parsed = parse(each.line, target)
        name = canonical_name(parsed.name) if parsed else each.name
        if name in fixed.projects:
            continue
        if parsed is None or parsed.extras or name not in versions or not satisfied(parsed, versions[name]):
            left.append(each)
    return tuple(left)


def _pins(packages: Iterable[LockedPackage]) -> Iterable[Requirement]:
    return (Requirement(str(each)) for each in packages if each.version)


def _allowed(packages: Iterable[LockedPackage], requirements: Iterable[Requirement]) -> Iterable[LockedPackage]:
    """Checks the hashes that requirements state themselves."""
    stated = {each.name: each for each in requirements if each.hashes}
    for package in packages:
        each = stated.get(package.name)
        if each is not None and not set(package.hashes) & set(each.hashes):
            raise RequirementsError(
                f"{package} has another hash than {each.origin or 'its requirement'} states: the index has "
                f"{', '.join(package.hashes)}, and stated are {', '.join(each.hashes)}",
                hint="find out why before you install it; a file that was replaced may have been tampered with",
            )
        yield package
