"""Reads TOML files of the user's: `pyproject.toml`, `uv.lock`, `pylock.toml`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kfp.errors import RequirementsError

if TYPE_CHECKING:
    from pathlib import Path

_parser: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a TOML file.

    Raises:
        RequirementsError: it cannot be read, or is malformed.
    """
    try:
        return dict(_parser.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RequirementsError(f"{path} cannot be read: {error}") from error


def parse_toml(text: str, what: str) -> dict[str, Any]:
    """Parses TOML.

    Args:
        text: the document.
        what: what it is called in an error.

    Raises:
        RequirementsError: it is malformed.
    """
    try:
        return dict(_parser.loads(text))
    except ValueError as error:
        raise RequirementsError(f"{what} is no TOML: {error}") from error
