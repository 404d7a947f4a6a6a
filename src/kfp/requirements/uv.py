"""Starts the `uv` program and turns its failures into errors of the project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.indexes import no_index, redact
from kfp.requirements.names import RUNTIME_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DROP_KFP = "".join(f'{name} ; python_version < "0"\n' for name in sorted(RUNTIME_NAMES))
"""An overrides file that removes `kfp` itself wherever a package depends on it."""

_UNREACHABLE = ("error sending request", "Failed to fetch", "Could not connect", "network connectivity", "dns error")
_NO_WHEEL = ("no wheels", "no usable wheels", "Wheels are required", "no source distribution", "building from source")
_WHITESPACE = re.compile(r"\s+")


class UvError(RequirementsError):
    """uv failed.

    Args:
        message: what was wanted, and what uv says.
        hint: what to do next.
        detail: what uv says, without its hints.
    """

    def __init__(self, message: str, *, hint: str | None = None, detail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.detail = detail


def run(
    arguments: Sequence[str],
    *,
    what: str,
    environ: Mapping[str, str],
    stdin: str = "",
    directory: Path | None = None,
) -> str:
    """Runs `uv ARGUMENTS` to its end.

    Args:
        arguments: the command line after `uv`.
        what: the beginning of the error message, such as `cannot resolve the packages for …`.
        environ: the process's environment, from `Indexes.environ`.
        stdin: the text that uv reads from its standard input.
        directory: where uv runs: relative paths and its settings (`uv.toml`, `pyproject.toml`) are looked for there.

    Returns:
        What uv wrote on its standard output.

    Raises:
        UvError: uv failed.
        RequirementsError: uv is not there.
    """
    import subprocess  # noqa: PLC0415 (start-up: most commands know the outcome already)

    settings = {**environ, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_COMPILE_BYTECODE": "0"}
    for name in ("VIRTUAL_ENV", "UV_WORKING_DIR", "UV_PROJECT"):
        settings.pop(name, None)
    options = ["--no-index"] if arguments[0] == "pip" and no_index(environ) else []
    try:
        done = subprocess.run(
            [_binary(), "--quiet", "--color", "never", *arguments, *options],
            input=stdin,
            env=settings,
            cwd=directory,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise RequirementsError(f"{what}: uv does not start: {error}") from error
    if done.returncode:
        raise _failure(what, redact(done.stderr))
    return done.stdout


def _binary() -> str:
    import uv  # noqa: PLC0415 (start-up: most commands never need it)

    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        raise RequirementsError("the program of the package uv is not installed", hint="pip install uv") from error


def _failure(what: str, stderr: str) -> UvError:
    """Builds the error from uv's `error:`, `cause:` and `hint:` paragraphs."""
    told, _, hints = stderr.partition("hint:")
    causes = [_clean(part) for part in re.split(r"^\s*(?:cause|Caused by|╰─▶|├─▶)\s*:?", told, flags=re.MULTILINE)]
    causes = [cause for cause in causes if cause]
    detail = ": ".join(causes[1:] or causes) or "uv failed without a message"
    if any(sign in stderr for sign in _UNREACHABLE):
        hint = (
            "check the network, or name an index or a directory of wheels that can be reached: "
            "UV_DEFAULT_INDEX, UV_FIND_LINKS, or the component's pip_index_urls"
        )
    elif any(sign in stderr for sign in _NO_WHEEL):
        hint = (
            "choose another version of the package or another base image, or put a wheel that fits into a directory "
            f"and name it with UV_FIND_LINKS{'; uv says: ' + _clean(hints) if _clean(hints) else ''}"
        )
    else:
        hint = _clean(hints) or "check the component's packages_to_install"
    return UvError(f"{what}: {detail}", hint=hint, detail=detail)


def _clean(text: str) -> str:
    return _WHITESPACE.sub(" ", text).removeprefix("error: ").strip(" .")
