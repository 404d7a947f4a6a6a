"""Requirements → exact packages for a target, through `uv pip compile`; and what its failures mean."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kfp.errors import RequirementsError
from kfp.requirements import uv
from kfp.requirements.conflicts import agreement_hint, sides
from kfp.requirements.indexes import redact
from kfp.requirements.names import Requirement
from kfp.requirements.pylock import Locked, read_pylock
from kfp.requirements.tags import is_pure
from kfp.requirements.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kfp.requirements.indexes import Indexes
    from kfp.requirements.locked import LockedPackage
    from kfp.requirements.target import Target

_WITHOUT_WHEELS = re.compile(
    r"(?:all versions of )?([A-Za-z0-9][A-Za-z0-9._-]*)(?:([=<>!~]=?=?)([^\s,]+))?[^\s]* (?:has|have) no "
    r"(?:usable wheels|wheels|wheel)\b"
)
_BUILDS = re.compile(
    r"(?:Failed to (?:download and )?build|built metadata for) `([A-Za-z0-9][A-Za-z0-9._-]*?)(?:==[^`]*)?`"
)
_OFFERED = re.compile(r"Wheels are available for `[^`]+` \(([^)]*)\) on the following platforms?: (.*)", re.DOTALL)
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
    pyproject: Path | None = None
    directory: Path | None = None
    prereleases: bool = False
    known: str = ""


def resolve(question: Question) -> Locked:
    """Finds the newest versions that satisfy all requirements and have wheels for the target.

    A package of which no version has one is built from its source distribution, if it has that; whether that made a
    wheel for every platform is found when it is installed.

    Raises:
        RequirementsError: no versions do; the message says whose requirements are in question.
    """
    return _attempt(question, _Choices())


@dataclass(frozen=True)
class _Choices:
    """What is known of packages without a wheel of their newest version.

    Args:
        wheels: names of those that older versions have wheels of; these are taken.
        built: names of those without any wheel.
        failed: name → what came of building it.
    """

    wheels: frozenset[str] = frozenset()
    built: frozenset[str] = frozenset()
    failed: Mapping[str, uv.UvError] = field(default_factory=dict)


def _attempt(question: Question, known: _Choices) -> Locked:
    """Resolves, and once more whenever that showed which packages cannot be installed as they are.

    Source distributions are allowed from the start: without them uv would take an old version of whatever depends on
    a package that has nothing else.
    """
    try:
        found = _compile(question, known.wheels)
    except uv.UvError as error:
        broken = {name for name in _BUILDS.findall(error.detail) if name not in known.wheels}
        if not broken:
            raise _explained(error, question, known) from error
        failed = {**known.failed, **dict.fromkeys(broken, error)}
        return _attempt(question, replace(known, wheels=known.wheels | broken, failed=failed))
    seen = known.built | known.wheels
    new = [each for each in found.packages if each.built and each.from_index and each.name not in seen]
    wheels = frozenset(each.name for each in new if _has_wheels(each.name, question))
    only_sources = [each for each in new if each.name not in wheels]
    if only_sources:
        _check_not_compiled(only_sources, question)
    if not wheels:
        return found
    built = known.built.union(each.name for each in only_sources)
    return _attempt(question, replace(known, wheels=known.wheels | wheels, built=built))


def _has_wheels(name: str, question: Question) -> bool:
    """Says whether any version of a package that is wanted has a wheel for the target."""
    lines = [each for each in question.requirements if each.name == name] or [Requirement(name)]
    alone = replace(question, requirements=lines, pyproject=None, known="")
    try:
        _compile(alone, frozenset({name}), "--no-deps")
    except uv.UvError:
        return False
    return True


def _check_not_compiled(packages: Sequence[LockedPackage], question: Question) -> None:
    """Refuses packages that have wheels, all for other machines: building these would take long, and be for this one.

    Raises:
        RequirementsError: one has.
    """
    exact = [Requirement(str(each)) for each in packages]
    try:
        document = _run(replace(question, requirements=exact, pyproject=None, known=""), (), "--no-deps", "--universal")
    except uv.UvError:  # then nothing is known against building
        return
    for entry in document.get("packages", ()):
        names = [str(wheel.get("name") or wheel["url"]).rpartition("/")[2] for wheel in entry.get("wheels", ())]
        if names and not any(map(is_pure, names)):
            package = f"{entry['name']}=={entry.get('version', '')}"
            tags = sorted({name.removesuffix(".whl").split("-", 2)[2] for name in names})
            whose = _wanted_by(sides(question.requirements, str(entry["name"])))
            raise RequirementsError(
                f"{package} has no wheel for {question.target}; it has wheels for {_few(tags)}{whose}", hint=WAYS_OUT
            )


def _compile(question: Question, wheels: Iterable[str], *options: str) -> Locked:
    target = question.target
    platform = ("--python-platform", target.uv_platform)
    document = _run(question, wheels, *platform, *options)
    return read_pylock(document, target, path=Path("/pylock.toml"))


def _run(question: Question, wheels: Iterable[str], *options: str) -> dict[str, Any]:
    """Runs `uv pip compile` and gives the `pylock.toml` that it writes, paths in it absolute.

    Raises:
        UvError: nothing satisfies the question.
    """
    with tempfile.TemporaryDirectory(prefix="kfp-lock-") as name:
        folder = Path(name)
        overrides, constraints, output = folder / "overrides.txt", folder / "constraints.txt", folder / "pylock.toml"
        absent = "".join(f'{each} ; python_version < "0"\n' for each in sorted(question.absent))
        overrides.write_text(uv.DROP_KFP + absent, encoding="utf-8")
        constraints.write_text("".join(f"{each.line}\n" for each in question.constraints), encoding="utf-8")

        def known() -> None:
            output.unlink(missing_ok=True)
            if question.known:
                output.write_text(question.known, encoding="utf-8")

        known()
        uv.run(
            [
                *("pip", "compile", "-", *([str(question.pyproject)] if question.pyproject else [])),
                *(
                    "--format",
                    "pylock.toml",
                    "--output-file",
                    str(output),
                    "--no-header",
                    "--no-annotate",
                    "--generate-hashes",
                ),
                *(option for each in sorted(wheels) for option in ("--only-binary", each)),
                *("--python-version", question.target.python_version, "--python", sys.executable),
                *("--overrides", str(overrides), "--constraints", str(constraints)),
                *(("--prerelease", "allow") if question.prereleases else ()),
                *options,
            ],
            what=_what(question),
            environ=question.indexes.environ(),
            stdin="".join(f"{each.line}\n" for each in question.requirements),
            directory=question.directory,
            undo=known,
        )
        document = parse_toml(output.read_text(encoding="utf-8"), "what uv resolved")
        for entry in document.get("packages", ()):
            for table in (entry.get("directory"), entry.get("archive"), entry.get("sdist"), *entry.get("wheels", ())):
                if table and "path" in table:
                    table["path"] = str((folder / table["path"]).resolve())
        return document


def _no_wheel(error: uv.UvError, question: Question) -> RequirementsError | None:
    """Says which package has no wheel for the target, what it has instead, and who wants it."""
    found = _WITHOUT_WHEELS.search(error.detail)
    if found is None:
        return None
    name, operator, version = found.groups()
    package = f"{name}{operator or ''}{version or ''}".rstrip(",")
    offered = _OFFERED.search(error.hint or "")
    platforms = f"; {offered.group(1)} has wheels for {_plain(offered.group(2))}" if offered else ""
    whose = sides(question.requirements, error.detail)
    return RequirementsError(
        f"{package} has no wheel for {question.target}{platforms}{_wanted_by(whose)}", hint=WAYS_OUT
    )


def _explained(error: uv.UvError, question: Question, known: _Choices) -> RequirementsError:
    """Turns uv's failure into an error that says whose requirements are in question."""
    lacking = _no_wheel(error, question)
    if lacking is not None:
        for name, failure in known.failed.items():
            if lacking.message.startswith(name):
                what = f"{lacking.message}, and its source distribution cannot be built here: {failure.detail}"
                return RequirementsError(what, hint=WAYS_OUT)
        return lacking
    whose = sides(question.requirements, error.detail)
    if len({each.line for each in whose}) > 1 and "unsatisfiable" in error.detail:
        told = " and ".join(map(str, whose))
        return RequirementsError(
            f"{told} cannot be installed together for {question.target}: {error.detail}", hint=agreement_hint(whose)
        )
    if any(each.origin for each in whose):
        return RequirementsError(f"{error.message}{_wanted_by(whose)}", hint=error.hint)
    return error


def _wanted_by(whose: Sequence[Requirement]) -> str:
    told = [str(each) for each in whose if each.origin]
    return f" (wanted: {', '.join(told)})" if told else ""


def _few(items: Sequence[str], limit: int = 6) -> str:
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit} more"


def _plain(text: str) -> str:
    return text.replace("`", "").partition(";")[0].strip(" .")


def _what(question: Question) -> str:
    lines = [redact(each.line) for each in question.requirements]
    if question.pyproject:
        lines.append(f"the dependencies of {question.pyproject}")
    return f"cannot resolve {_few(lines)} for {question.target}"
