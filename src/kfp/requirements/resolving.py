"""Requirements → exact packages for a target, through `uv pip compile`; and what its failures mean."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements import uv
from kfp.requirements.conflicts import HINT, sides
from kfp.requirements.pylock import Locked, read_pylock
from kfp.requirements.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.requirements.indexes import Indexes
    from kfp.requirements.names import Requirement
    from kfp.requirements.target import Target

_WITHOUT_WHEELS = re.compile(
    r"(?:all versions of )?([A-Za-z0-9][A-Za-z0-9._-]*)(?:([=<>!~]=?=?)([^\s,]+))?[^\s]* (?:has|have) no "
    r"(?:usable wheels|wheels|wheel)\b"
)
_UNBUILDABLE = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])(?:[=<>!~]\S*)? (?:has|have) no (?:usable )?source dist"
)
_NOT_BUILT = re.compile(r"Building source distributions for `([A-Za-z0-9._-]+)` is disabled")
_OFFERED = re.compile(r"Wheels are available for `[^`]+` \(([^)]*)\) on the following platforms?: (.*)", re.DOTALL)
_ATTEMPTS = 20
WAYS_OUT = (
    "put a wheel for it into a directory and name that with --find-links, choose another version of the package, "
    "another base image, or another --platform"
)


@dataclass(frozen=True)
class Question:
    """What is to be resolved.

    Args:
        requirements: what is wanted.
        target: for what.
        indexes: from where.
        constraints: what must hold of a package if it is wanted at all.
        absent: projects that are taken to be there already, wherever a package depends on them.
        buildable: names of projects in directories of this machine.
        pyproject: a `pyproject.toml` whose dependencies are wanted as well.
        directory: where uv runs.
        prereleases: whether pre-releases are taken.
        known: packages that stay at their versions if nothing speaks against it.
    """

    requirements: Sequence[Requirement]
    target: Target
    indexes: Indexes
    constraints: Sequence[Requirement] = ()
    absent: frozenset[str] = frozenset()
    buildable: frozenset[str] = frozenset()
    pyproject: Path | None = None
    directory: Path | None = None
    prereleases: bool = False
    known: str = ""


def resolve(question: Question) -> Locked:
    """Finds the newest versions that satisfy all requirements and have wheels for the target.

    A package that has none is built from its source distribution, if it has one; whether that made a wheel for every
    platform is found when it is installed.

    Raises:
        RequirementsError: no versions do; the message says whose requirements are in question.
    """
    return _attempt(question, {})


def _attempt(question: Question, lacking: dict[str, RequirementsError]) -> Locked:
    """Resolves, and again where packages turn out to lack a wheel: then with their source distributions.

    Args:
        question: what is to be resolved.
        lacking: name → the error that tells what has no wheel.
    """
    try:
        return _compile(question, frozenset(lacking))
    except uv.UvError as error:
        names = _lacking(error.detail) - lacking.keys() - question.buildable
        if not names or len(lacking) >= _ATTEMPTS:
            raise _explained(error, question, lacking) from error
        more = dict.fromkeys(names, _no_wheel(error, question))
    return _attempt(question, {**lacking, **more})


def _compile(question: Question, built: frozenset[str]) -> Locked:
    target = question.target
    with tempfile.TemporaryDirectory(prefix="kfp-lock-") as name:
        folder = Path(name)
        overrides, constraints, output = folder / "overrides.txt", folder / "constraints.txt", folder / "pylock.toml"
        absent = "".join(f'{each} ; python_version < "0"\n' for each in sorted(question.absent))
        overrides.write_text(uv.DROP_KFP + absent, encoding="utf-8")
        constraints.write_text("".join(f"{each.line}\n" for each in question.constraints), encoding="utf-8")
        if question.known:
            output.write_text(question.known, encoding="utf-8")
        uv.run(
            [
                *("pip", "compile", "-", *([str(question.pyproject)] if question.pyproject else [])),
                *("--format", "pylock.toml", "--output-file", str(output), "--no-header", "--no-annotate"),
                *("--only-binary", ":all:"),
                *(option for each in sorted(built | question.buildable) for option in ("--no-binary", each)),
                *("--python-version", target.python_version, "--python-platform", target.uv_platform),
                *("--overrides", str(overrides), "--constraints", str(constraints), "--python", sys.executable),
                *(("--prerelease", "allow") if question.prereleases else ()),
            ],
            what=_what(question),
            environ=question.indexes.environ(),
            stdin="".join(f"{each.line}\n" for each in question.requirements),
            directory=question.directory,
        )
        document = parse_toml(output.read_text(encoding="utf-8"), "what uv resolved")
        return read_pylock(document, target, path=output)


def _lacking(told: str) -> set[str]:
    return {found.group(1).rstrip(".") for found in _WITHOUT_WHEELS.finditer(told)} | set(_NOT_BUILT.findall(told))


def _no_wheel(error: uv.UvError, question: Question) -> RequirementsError:
    """Says which package has no wheel for the target, what it has instead, and who wants it."""
    found = _WITHOUT_WHEELS.search(error.detail)
    if found is None:
        return error
    name, operator, version = found.groups()
    package = f"{name}{operator or ''}{version or ''}".rstrip(",")
    offered = _OFFERED.search(error.hint or "")
    platforms = f"; {offered.group(1)} has wheels for {_plain(offered.group(2))}" if offered else ""
    whose = sides(question.requirements, error.detail)
    return RequirementsError(
        f"{package} has no wheel for {question.target}{platforms}{_wanted_by(whose)}", hint=WAYS_OUT
    )


def _explained(error: uv.UvError, question: Question, lacking: dict[str, RequirementsError]) -> RequirementsError:
    """Turns uv's failure into an error that says whose requirements are in question."""
    for name, first in lacking.items():
        if re.search(
            rf"(?:Failed to (?:download and )?build|Failed to parse|egg_info)[^:]*`{re.escape(name)}\b", error.message
        ):
            return RequirementsError(
                f"{first.message}, and its source distribution cannot be built here: {error.detail}", hint=WAYS_OUT
            )
    unbuildable = [name for name in _UNBUILDABLE.findall(error.detail) if name in lacking]
    if lacking:
        return lacking[unbuildable[0] if unbuildable else next(reversed(lacking))]
    whose = sides(question.requirements, error.detail)
    if len({each.line for each in whose}) > 1 and "unsatisfiable" in error.detail:
        told = " and ".join(map(str, whose))
        return RequirementsError(
            f"{told} cannot be installed together for {question.target}: {error.detail}", hint=HINT
        )
    if whose and any(each.origin for each in whose):
        return RequirementsError(f"{error.message}{_wanted_by(whose)}", hint=error.hint)
    return error


def _wanted_by(whose: Sequence[Requirement]) -> str:
    told = [str(each) for each in whose if each.origin]
    return f" (wanted: {', '.join(told)})" if told else ""


def _plain(text: str) -> str:
    return text.replace("`", "").partition(";")[0].strip(" .")


def _what(question: Question, limit: int = 4) -> str:
    lines = [each.line for each in question.requirements]
    if question.pyproject:
        lines.append(f"the dependencies of {question.pyproject}")
    shown = ", ".join(lines[:limit])
    return (
        f"cannot resolve {shown if len(lines) <= limit else f'{shown} and {len(lines) - limit} more'} "
        f"for {question.target}"
    )
