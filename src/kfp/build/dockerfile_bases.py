"""Which images a Dockerfile builds on, as far as its text tells (docs.docker.com/reference/dockerfile)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kfp.errors import InvalidReference
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FROM: Final = re.compile(r"\s*FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*", re.IGNORECASE)
_COPY: Final = re.compile(r"\s*(?:COPY|RUN)\s.*?--(?:from=|mount=\S*\bfrom=)(?P<image>[^\s,]+)", re.IGNORECASE)
_ARG: Final = re.compile(r"\s*ARG\s+(?P<name>\w+)(?:=(?P<value>\S+))?\s*", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")


@dataclass(frozen=True)
class Bases:
    """What a Dockerfile builds on.

    Args:
        images: every image that it names, each once: FROM, `COPY --from`, and mounts; no stages, and not `scratch`.
        final: what its last stage stands on, through stages; None for `scratch`, and where the text cannot tell.
    """

    images: tuple[Reference, ...]
    final: Reference | None


def read_bases(text: str) -> Bases:
    """Reads which images a Dockerfile names; variables have their defaults."""
    arguments: dict[str, str] = {}
    stages: dict[str, Reference | None] = {"scratch": None}
    images: dict[Reference, None] = {}
    final: Reference | None = None

    def image(name: str) -> Reference | None:
        name = _filled(name, arguments)
        if name.lower() in stages:
            return stages[name.lower()]
        found = None if name.isdigit() else _reference(name)  # a number is a stage's
        if found is not None:
            images[found] = None
        return found

    for line in _lines(text):
        if (match := _ARG.fullmatch(line)) and match["value"] is not None:
            arguments[match["name"]] = match["value"].strip("\"'")
        elif match := _FROM.fullmatch(line):
            final = image(match["image"])
            if match["stage"]:
                stages[match["stage"].lower()] = final
        elif match := _COPY.match(line):
            image(match["image"])
    return Bases(tuple(images), final)


def _lines(text: str) -> Iterator[str]:
    """Gives the instructions, each on one line, without comments."""
    joined = ""
    for line in text.lstrip("\ufeff").splitlines():
        if line.lstrip().startswith("#"):
            continue
        joined += line.rstrip()
        if joined.endswith("\\"):
            joined = joined[:-1]
        else:
            yield joined
            joined = ""
    yield joined


def _filled(text: str, arguments: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return arguments.get(match["braced"] or match["plain"]) or match["default"] or ""

    return _VARIABLE.sub(value, text)


def _reference(name: str) -> Reference | None:
    try:
        return Reference.parse(name)
    except InvalidReference:
        return None
