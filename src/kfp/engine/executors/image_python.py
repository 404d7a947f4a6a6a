"""Which version of Python an image has, where its name or what is known of it says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Version: TypeAlias = "tuple[int, int]"

VARIABLE = "PYTHON_VERSION"
"""The environment variable by which the official images, and those built on them, tell their version."""

_NAME = re.compile(r"(?:[^@]*/)?([^/:@]+)(?::([^@/]+))?(?:@.*)?")
_IN_NAME = re.compile(r"python-?3\.?(\d{1,2})")
_VERSION = re.compile(r"(\d+)\.(\d+)(?![\d])")


def named_version(image: str) -> Version | None:
    """Return the version in an image's name; None where it has none.

    Args:
        image: such as `python:3.9`, `docker.io/library/python:3.12.1-slim`, `…/python:3.10@sha256:…`, `…/python-311`.
    """
    found = _NAME.fullmatch(image)
    if found is None:
        return None
    name, tag = found[1], found[2] or ""
    if name == "python":
        return read_version(tag)
    inside = _IN_NAME.fullmatch(name)
    return (3, int(inside[1])) if inside else None


def configured_version(environment: Mapping[str, str]) -> Version | None:
    """Return the version that an image's own environment tells, None where it tells none."""
    return read_version(environment.get(VARIABLE, ""))


def read_version(text: str) -> Version | None:
    """Return the major and minor version that a text begins with, None where it begins otherwise."""
    found = _VERSION.match(text)
    return (int(found[1]), int(found[2])) if found else None
