"""Which files of a directory stay out of the image: `.dockerignore` as Docker's builder reads it.

Patterns are anchored at the directory, `*` stays within a path component, `**` crosses them, the last pattern that
matches a path or a directory above it wins, and `!` turns a match around (github.com/moby/patternmatcher).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class _Pattern:
    text: str
    regex: re.Pattern[str]
    negated: bool


@dataclass(frozen=True)
class Ignore:
    """An ordered list of patterns; make it with `parse`."""

    patterns: tuple[_Pattern, ...]

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Ignore:
        """Reads pattern lines; blank ones and comments are skipped.

        Raises:
            BuildError: a pattern is malformed.
        """
        return cls(tuple(_patterns(lines)))

    def matches(self, path: str) -> bool:
        """Says whether a path, relative and with `/`, is left out."""
        left_out = False
        for pattern in self.patterns:
            if pattern.negated == left_out and any(map(pattern.regex.fullmatch, _lineage(path))):
                left_out = not pattern.negated
        return left_out

    def may_hold_exceptions(self, folder: str) -> bool:
        """Says whether something below a directory that is left out may be taken in again by a `!` pattern."""
        return any(pattern.negated and f"{pattern.text}/".startswith(f"{folder}/") for pattern in self.patterns)


@lru_cache(maxsize=1024)
def _lineage(path: str) -> tuple[str, ...]:
    above = posixpath.dirname(path)
    return (path, *_lineage(above)) if above else (path,)


def _patterns(lines: Iterable[str]) -> Iterator[_Pattern]:
    for line in lines:
        text = line.strip()
        if not text or line.startswith("#"):
            continue
        negated = text.startswith("!")
        cleaned = posixpath.normpath(text[negated:].strip()).lstrip("/")
        if negated and not text[1:].strip():
            raise BuildError("a pattern of .dockerignore is a lone '!'")
        try:
            yield _Pattern(cleaned, re.compile(_translate(cleaned), re.DOTALL), negated)
        except re.error as error:
            raise BuildError(f"the pattern {text!r} of .dockerignore is malformed: {error}") from error


def _translate(pattern: str) -> str:
    """Writes a pattern as a regular expression for the whole path."""
    result, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            result, at = f"{result}(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            result, at = f"{result}.*", at + 2
        elif char == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end].replace("\\", "\\\\")
            result, at = f"{result}[{inside}]", end + 1
        elif char == "\\" and at + 1 < len(pattern):
            result, at = result + re.escape(pattern[at + 1]), at + 2
        else:
            result, at = result + {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)), at + 1
    return result
