"""The walk through a component directory: which paths belong into an image, and which are left out and told."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kfp.build.ignore import Ignore
from kfp.build.left_out import is_service_account, secret, useless
from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_Reason = Literal["", "useless", "secret"]


@dataclass(frozen=True)
class Found:
    """Paths relative to the directory, in no order.

    Args:
        files: all that is no directory, symbolic links included.
        secrets: what was left out because it looks like a secret; a directory ends in `/`.
    """

    files: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


def walk(directory: Path, lines: Iterable[str], always_out: Iterable[str]) -> Found:
    """Walks a directory. What is left out whole is not entered, however large it is.

    Args:
        directory: absolute path.
        lines: of .dockerignore. A `!` line that names a secret, or something useless, takes it in.
        always_out: names at the root that no line takes in.

    Raises:
        BuildError: a directory or file cannot be read, or a line is malformed.
    """
    found = Found()
    try:
        _Walk(os.fspath(directory), Ignore.parse(lines), frozenset(always_out), found).enter("", 0, "")
    except OSError as error:
        raise BuildError(f"{error.filename} cannot be read: {error.strerror}") from error
    return found


@dataclass(frozen=True)
class _Walk:
    root: str
    ignore: Ignore
    always_out: frozenset[str]
    found: Found

    def enter(self, prefix: str, known: int, inherited: _Reason) -> None:
        """Looks at what a directory holds.

        Args:
            prefix: its path and `/`; "" of the root.
            known: what the user's lines say of it.
            inherited: why it is left out itself, entered only for what a line names below it.
        """
        with os.scandir(f"{self.root}/{prefix}") as entries:
            for entry in entries:
                path = prefix + entry.name
                if not prefix and entry.name in self.always_out:
                    continue
                below = self.ignore.step(known, path, entry.name)
                is_directory = entry.is_dir(follow_symlinks=False)
                if not is_directory and self.ignore.is_out(below):
                    continue
                reason = inherited or self._reason(entry, path)
                if reason and self.ignore.takes_in(path):
                    reason = ""
                if is_directory:
                    self._directory(path, below, reason, is_told=bool(inherited))
                elif not reason:
                    self.found.files.append(path)
                elif reason == "secret" and not inherited:
                    self.found.secrets.append(path)

    def _directory(self, path: str, known: int, reason: _Reason, *, is_told: bool) -> None:
        is_out = self.ignore.is_out(known)
        if reason == "secret" and not is_out and not is_told:
            self.found.secrets.append(f"{path}/")
        if (not is_out or self.ignore.may_hold_exceptions(path)) and (not reason or self.ignore.may_hold_named(path)):
            self.enter(f"{path}/", known, reason)

    def _reason(self, entry: os.DirEntry[str], path: str) -> _Reason:
        if useless.is_out(useless.step(0, path, entry.name)):
            return "useless"
        if secret.is_out(secret.step(0, path, entry.name)):
            return "secret"
        if entry.name.endswith(".json") and entry.is_file(follow_symlinks=False):
            return "secret" if is_service_account(entry.path, entry.stat().st_size) else ""
        if entry.is_dir(follow_symlinks=False):
            with contextlib.suppress(FileNotFoundError):
                os.stat(f"{entry.path}/pyvenv.cfg")  # noqa: PTH116 (a Path for each of 10,000 directories is slow)
                return "useless"
        return ""
