"""Which files of a directory stay out of the image: `.dockerignore` as Docker's builder reads it.

Patterns are anchored at the directory, `*` stays within a path component, `**` crosses them, the last pattern that
matches a path or a directory above it wins, and `!` turns a match around (docs.docker.com/build/concepts/context,
"Dockerignore files"; github.com/moby/patternmatcher).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(
    r"(?P<stars>\*\*/?)|(?P<star>\*)|(?P<any>\?)|\\(?P<escaped>.)"
    r"|\[(?P<not>\^?)(?P<class>(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+)\]|(?P<plain>[^\[\\])",
    re.DOTALL,
)
_RANGE = re.compile(r"\\?(?P<first>.)(?:-\\?(?P<last>.))?", re.DOTALL)
_ANY_FOLDER = "(?:.*/)?"


@dataclass(frozen=True)
class _Pattern:
    text: str
    regex: str
    negated: bool

    @property
    def is_a_name(self) -> bool:
        """Whether it is `**/name`: the last component of a path decides, which is quick to match."""
        name = self.text[len("**/") :]
        return self.text.startswith("**/") and not any(special in name for special in ("/", "**", "["))


@dataclass(frozen=True)
class _Run:
    """Patterns one after the other that all leave out, or all take in: one match decides for all of them."""

    negated: bool
    patterns: tuple[_Pattern, ...]

    def matches(self, path: str, name: str) -> bool:
        return bool(self._names.fullmatch(name) or self._paths.fullmatch(path))

    @cached_property
    def _paths(self) -> re.Pattern[str]:
        return _any_of(pattern.regex for pattern in self.patterns if not pattern.is_a_name)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return _any_of(pattern.regex[len(_ANY_FOLDER) :] for pattern in self.patterns if pattern.is_a_name)


@dataclass(frozen=True)
class Ignore:
    """An ordered list of patterns; make it with `parse`."""

    runs: tuple[_Run, ...]

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Ignore:
        """Reads pattern lines; blank ones and comments are skipped.

        Raises:
            BuildError: a pattern is malformed.
        """
        found = groupby(_patterns(lines), key=lambda pattern: pattern.negated)
        return cls(tuple(_Run(negated, tuple(patterns)) for negated, patterns in found))

    def matches(self, path: str) -> bool:
        """Says whether a path, relative and with `/`, is left out."""
        known, above = 0, ""
        for name in path.split("/"):
            above = f"{above}/{name}" if above else name
            known = self.step(known, above, name)
        return self.is_out(known)

    def step(self, known: int, path: str, name: str) -> int:
        """Gives what is known of a path from what is known of the directory above it; for those who walk a tree.

        Args:
            known: of the directory; 0 at the root.
            path: relative, with `/`.
            name: its last component.
        """
        for position, run in enumerate(self.runs):
            if not known >> position & 1 and run.matches(path, name):
                known |= 1 << position
        return known

    def is_out(self, known: int) -> bool:
        """Says whether a path is left out, of which that is known: the last patterns that match it decide."""
        return known > 0 and not self.runs[known.bit_length() - 1].negated

    def takes_in(self, path: str) -> bool:
        """Says whether a `!` pattern names this very path; `!src` and `!**` name nothing below themselves."""
        return any(regex.fullmatch(path) for regex in self._naming)

    def may_hold_exceptions(self, folder: str) -> bool:
        """Says whether something below a directory that is left out may be taken in again by a `!` pattern."""
        return any(_reaches(pattern.text, folder) for pattern in self._exceptions)

    def may_hold_named(self, folder: str) -> bool:
        """Says whether a `!` pattern names something below a directory, beginning with the directory's own path."""
        return any(pattern.text.startswith(f"{folder}/") for pattern in self._exceptions)

    @cached_property
    def _exceptions(self) -> tuple[_Pattern, ...]:
        return tuple(pattern for run in self.runs if run.negated for pattern in run.patterns)

    @cached_property
    def _naming(self) -> tuple[re.Pattern[str], ...]:
        naming = (pattern.regex for pattern in self._exceptions if posixpath.basename(pattern.text).strip("*"))
        return tuple(re.compile(regex, re.DOTALL) for regex in naming)


def _patterns(lines: Iterable[str]) -> Iterator[_Pattern]:
    for line in lines:
        text = line.strip()
        if not text or line.startswith("#"):
            continue
        negated = text.startswith("!")
        cleaned = posixpath.normpath(text[negated:].strip()).lstrip("/")
        if negated and not text[1:].strip():
            raise BuildError("a pattern of .dockerignore is a lone '!'")
        yield _Pattern(cleaned, _translate(cleaned), negated)


@lru_cache(maxsize=1024)
def _translate(pattern: str) -> str:
    """Writes a pattern as a regular expression for the whole path.

    Raises:
        BuildError: it is malformed.
    """
    result, at = "", 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise _malformed(pattern)
        at = token.end()
        if token["stars"]:
            result += _stars(pattern, token.start(), at)
        elif token["class"]:
            result += f"[{token['not']}{''.join(map(_range, _RANGE.finditer(token['class'])))}]"
        else:
            result += {"*": "[^/]*", "?": "[^/]"}.get(token[0]) or re.escape(token["escaped"] or token[0])
    try:
        re.compile(result)
    except re.error as error:  # [z-a]
        raise _malformed(pattern) from error
    return result


def _stars(pattern: str, start: int, end: int) -> str:
    """Writes `**`: at the end it is anything, elsewhere any directories, and before a plain name its beginning, too."""
    before_a_name = start == 0 and not pattern.startswith("/", end - 1) and not set("*?[]\\") & set(pattern[end:])
    return ".*" if end == len(pattern) or before_a_name else _ANY_FOLDER


def _range(match: re.Match[str]) -> str:
    first, last = match["first"], match["last"]
    return re.escape(first) if last is None else f"{re.escape(first)}-{re.escape(last)}"


def _any_of(regexes: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(regexes) or "(?!)", re.DOTALL)


def _reaches(pattern: str, folder: str) -> bool:
    parts, above = pattern.split("/"), folder.split("/")
    for part, name in zip(parts, above, strict=False):
        if "**" in part:
            return True
        if not re.fullmatch(_translate(part), name, re.DOTALL):
            return False
    return len(parts) > len(above)


def _malformed(pattern: str) -> BuildError:
    return BuildError(
        f"the pattern {pattern!r} of .dockerignore is malformed",
        hint="[a-z] is a choice of characters; \\[ is a bracket, and \\\\ a backslash",
    )
