"""Requirements that cannot hold together, found without looking anything up, and both sides named.

Only what no version at all could satisfy is found here; uv finds the rest, and `sides` tells whose requirements it
speaks of.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.version import InvalidVersion, Version

from kfp.errors import RequirementsError
from kfp.requirements.names import canonical_name
from kfp.requirements.tags import markers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet

    from kfp.requirements.locked import LockedPackage
    from kfp.requirements.names import Requirement
    from kfp.requirements.target import Target

_ONE_WANTS = "choose versions that agree"
_SEVERAL_WANT = "let them agree on one version, or give the components target images of their own"
_LAST_NUMBER = re.compile(r"\d+(?!.*\d)")


def check_agreement(requirements: Iterable[Requirement], target: Target) -> None:
    """Compares all requirements for the same project with each other.

    Raises:
        RequirementsError: two of them exclude each other; the message names both and who wants them.
    """
    by_name: dict[str, list[tuple[Requirement, Parsed]]] = {}
    for each in requirements:
        parsed = parse(each.line, target)
        if parsed is not None:
            by_name.setdefault(canonical_name(parsed.name), []).append((each, parsed))
    for name, group in by_name.items():
        for (one, first), (other, second) in combinations(group, 2):
            if _exclude_each_other(first, second):
                raise RequirementsError(
                    f"{name} is wanted in two ways at once: {one} and {other}", hint=agreement_hint([one, other])
                )


def check_lock(requirements: Iterable[Requirement], locked: Sequence[LockedPackage], target: Target, file: str) -> None:
    """Compares requirements with the packages of a lock.

    Raises:
        RequirementsError: a requirement excludes the version that is locked; the message names both.
    """
    versions = {package.name: package.version for package in locked}
    for each in requirements:
        parsed = parse(each.line, target)
        version = versions.get(canonical_name(parsed.name)) if parsed else None
        if parsed and version and not satisfied(parsed, version):
            raise RequirementsError(
                f"{each} is wanted, and {file} has locked {canonical_name(parsed.name)}=={version}",
                hint="change the requirement, or lock again with one that agrees with it",
            )


def satisfied(parsed: Parsed, version: str) -> bool:
    """Says whether a locked version is what a requirement wants."""
    if parsed.url is not None:
        return False
    exact = _version(version)
    return not parsed.specifier if exact is None else parsed.specifier.contains(exact, prereleases=True)


def agreement_hint(requirements: Iterable[Requirement]) -> str:
    """Says what to do about requirements that exclude each other."""
    return _SEVERAL_WANT if len({each.origin for each in requirements}) > 1 else _ONE_WANTS


def sides(requirements: Iterable[Requirement], told: str) -> tuple[Requirement, ...]:
    """Gives the requirements whose projects a message of uv's speaks of."""
    words = {canonical_name(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9]", told)}
    return tuple(each for each in requirements if each.name in words)


def parse(line: str, target: Target) -> Parsed | None:
    """Parses a requirement that holds for a target; None for one that does not, or is no PEP 508 line."""
    try:
        parsed = Parsed(line)
    except InvalidRequirement:
        return None
    return parsed if parsed.marker is None or _evaluate(parsed.marker, target) else None


def holds(marker: str, target: Target) -> bool:
    """Says whether a marker, with the semicolon before it, holds for a target; an empty one does.

    Raises:
        RequirementsError: it is malformed.
    """
    text = marker.strip(" ;")
    try:
        return not text or _evaluate(Marker(text), target)
    except InvalidMarker as error:
        raise RequirementsError(f"the marker {text!r} is malformed: {error}") from error


def _evaluate(marker: Marker, target: Target) -> bool:
    return marker.evaluate({**markers(target), "extra": ""})


def _exclude_each_other(one: Parsed, other: Parsed) -> bool:
    if one.url is not None and other.url is not None:
        return one.url != other.url
    both = one.specifier & other.specifier
    return bool(both) and one.url is None and other.url is None and not any(_candidates(both))


def _candidates(both: SpecifierSet) -> Iterator[bool]:
    """Tries the versions at the ends of all clauses, and those just beside them: if none fits, none at all does."""
    yield both.contains("0", prereleases=True) or both.contains("99999!0", prereleases=True)
    for clause in both:
        exact = _version(clause.version.removesuffix(".*"))
        if exact is None or clause.operator == "===" or exact.is_prerelease or exact.epoch:
            yield True  # only an index can tell what lies beside such a version
            return
        base = exact.base_version
        above = _LAST_NUMBER.sub(lambda found: str(int(found.group()) + 1), base)
        beside = (f"{base}.post0", f"{base}.0.1", f"{base}.0.0.1", f"{base}.dev0", above, f"{above}.dev0")
        yield from (both.contains(version, prereleases=True) for version in (exact, *beside))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
