"""Starts the `uv` program and turns its failures into errors of the project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.indexes import no_index, redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DROP_KFP = 'kfp ; python_version < "0"\n'
"""An overrides file that removes the project `kfp` wherever a package depends on it."""

_UNREACHABLE = ("error sending request", "Failed to fetch", "Could not connect", "network connectivity", "dns error")
_NO_WHEEL = ("no wheels", "no usable wheels", "Wheels are required", "no source distribution", "building from source")
_WHITESPACE = re.compile(r"\s+")


def run(arguments: Sequence[str], *, what: str, environ: Mapping[str, str], stdin: str = "") -> str:
    """Runs `uv ARGUMENTS` to its end.

    Args:
        arguments: the command line after `uv`.
        what: the beginning of the error message, such as `cannot resolve the packages for …`.
        environ: the process's environment, from `Indexes.environ`.
        stdin: the text that uv reads from its standard input.

    Returns:
        What uv wrote on its standard output.

    Raises:
        RequirementsError: uv is not there, or failed.
    """
    import subprocess  # noqa: PLC0415 (start-up: most commands know the outcome already)

    settings = {**environ, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_COMPILE_BYTECODE": "0"}
    settings.pop("VIRTUAL_ENV", None)
    options = ["--no-index"] if arguments[0] == "pip" and no_index(environ) else []
    try:
        done = subprocess.run(
            [_binary(), "--quiet", "--color", "never", *arguments, *options],
            input=stdin,
            env=settings,
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


def _failure(what: str, stderr: str) -> RequirementsError:
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
    return RequirementsError(f"{what}: {detail}", hint=hint)


def _clean(text: str) -> str:
    return _WHITESPACE.sub(" ", text).removeprefix("error: ").strip(" .")
