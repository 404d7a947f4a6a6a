"""Reads a `requirements.txt` as pip does: requirements with their hashes, other files, and where packages come from.

Format: pip's "Requirements File Format". Every line is told apart and remembers its place, for errors name it.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.indexes import Indexes
from kfp.requirements.local import absolute
from kfp.requirements.names import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"^(--?[A-Za-z][\w-]*)(?:\s*=\s*|\s+|$)(.*)$")
_PER_REQUIREMENT = re.compile(r"\s+--(hash|config-settings?|global-option|install-option)(?:=|\s+)(\S+)")
_SHORT = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-i": "--index-url", "-f": "--find-links"}
_PASSED_OVER = {"--prefer-binary", "--only-binary", "--no-binary", "--require-hashes", "--use-feature"}
"""What changes nothing here: hashes are always checked, and wheels are always preferred."""
_DEEP = 20


@dataclass(frozen=True)
class RequirementsFile:
    """What a requirements file says, with the files that it includes.

    Args:
        requirements: in the order of the file.
        constraints: what `-c` files say.
        indexes: from `--index-url`, `--extra-index-url`, `--find-links`, `--trusted-host` and `--no-index`.
        prereleases: whether `--pre` is there.
    """

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    indexes: Indexes = field(default_factory=Indexes)
    prereleases: bool = False


def read_requirements(path: Path, *, root: Path) -> RequirementsFile:
    """Reads a requirements file and those that it names with `-r` and `-c`.

    Args:
        path: the file.
        root: origins are told relative to this directory.

    Raises:
        RequirementsError: a file cannot be read, includes itself, or has an option that pip's format has not.
    """
    reading = _Reading(root)
    reading.read(path, constraint=False, above=())
    default = [reading.default] if reading.default else []
    return RequirementsFile(
        requirements=tuple(reading.requirements),
        constraints=tuple(reading.constraints),
        indexes=Indexes(
            urls=tuple(dict.fromkeys((*default, *reading.extra))),
            trusted_hosts=tuple(reading.hosts),
            find_links=tuple(reading.links),
            only_links=reading.only_links,
        ),
        prereleases=reading.prereleases,
    )


class _Reading:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.requirements: list[Requirement] = []
        self.constraints: list[Requirement] = []
        self.default = ""
        self.extra: list[str] = []
        self.hosts: list[str] = []
        self.links: list[str] = []
        self.only_links = False
        self.prereleases = False

    def read(self, path: Path, *, constraint: bool, above: tuple[Path, ...]) -> None:
        if path in above or len(above) > _DEEP:
            raise RequirementsError(f"{above[-1]} includes {path}, which includes it in turn")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise RequirementsError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
        for number, line in _lines(text):
            origin = f"{_shown(path, self._root)}:{number}"
            if line.startswith("-"):
                self._option(line, path, origin, constraint=constraint, above=above)
            else:
                self._requirement(line, path, origin, constraint=constraint)

    def _requirement(self, line: str, path: Path, origin: str, *, constraint: bool) -> None:
        hashes = tuple(value for name, value in _PER_REQUIREMENT.findall(line) if name == "hash")
        bare = absolute(_PER_REQUIREMENT.sub("", line).strip(), path.parent)
        (self.constraints if constraint else self.requirements).append(Requirement(bare, origin, hashes))

    def _option(self, line: str, path: Path, origin: str, *, constraint: bool, above: tuple[Path, ...]) -> None:
        found = _OPTION.match(line) or re.match(r"^(-[rceif])(.+)$", line)
        option, value = (found.group(1), found.group(2).strip().strip("'\"")) if found else (line, "")
        option = _SHORT.get(option, option)
        if option in {"--requirement", "--constraint"}:
            include = path.parent / value
            self.read(include, constraint=constraint or option == "--constraint", above=(*above, path))
        elif option == "--editable":
            self._requirement(value, path, origin, constraint=constraint)
        elif option in {"--index-url", "--pypi-url"}:
            self.default = value
        elif option == "--extra-index-url":
            self.extra += shlex.split(value)
        elif option == "--find-links":
            self.links.append(value if "://" in value else os.path.abspath(path.parent / value))  # noqa: PTH100 (links stay)
        elif option == "--trusted-host":
            self.hosts.append(value)
        elif option == "--no-index":
            self.only_links = True
        elif option == "--pre":
            self.prereleases = True
        elif option not in _PASSED_OVER:
            raise RequirementsError(f"{origin}: pip knows no option {option} in a requirements file")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields logical lines with the number of their first one: continued, without comments, variables replaced."""
    start, held = 0, ""
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        start = start if held else number
        line = raw if not raw.lstrip().startswith("#") else ""
        if raw.endswith("\\") and line:
            held += line[:-1] + " "
            continue
        whole, held = _COMMENT.sub("", held + line).strip(), ""
        if whole:
            yield start, _VARIABLE.sub(lambda found: os.environ.get(found.group(1), found.group(0)), whole)


def _shown(path: Path, root: Path) -> str:
    return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)
