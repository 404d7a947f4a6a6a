"""Starts the `uv` program and turns its failures into errors of the project."""

from __future__ import annotations

import re
import signal
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.requirements.indexes import no_index, redact
from kfp.requirements.names import RUNTIME_NAMES
from kfp.units import signal_name

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

DROP_KFP = "".join(f'{name} ; python_version < "0"\n' for name in sorted(RUNTIME_NAMES))
"""An overrides file that removes `kfp` itself wherever a package depends on it."""

_UNREACHABLE = ("error sending request", "Failed to fetch", "Could not connect", "network connectivity", "dns error")
_NO_WHEEL = ("no wheels", "no usable wheels", "Wheels are required", "no source distribution", "building from source")
_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGTRAP}
_STARTS = 3
"""uv crashes once in thousands of times, most often when it has done its work (astral-sh/uv#21428)."""
_INTERRUPTION: ContextVar[Interruption | None] = ContextVar("interruption", default=None)
_FINDING = threading.Lock()
_UNKNOWN = ("was not found in the package registry", "was not found in the provided package locations")
_HEADLINE = "No solution found when resolving dependencies"
"""What the beginning of a message here says already."""
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
    undo: Callable[[], object] | None = None,
) -> str:
    """Runs `uv ARGUMENTS` to its end; where uv itself crashes, once more, and again.

    Args:
        arguments: the command line after `uv`.
        what: the beginning of the error message, such as `cannot resolve the packages for …`.
        environ: the process's environment, from `Indexes.environ`.
        stdin: the text that uv reads from its standard input.
        directory: where uv runs: relative paths and its settings (`uv.toml`, `pyproject.toml`) are looked for there.
        undo: takes away what a crashed uv has begun, before the next one starts; needed where that would mislead it.

    Returns:
        What uv wrote on its standard output.

    Raises:
        UvError: uv failed.
        RequirementsError: uv is not there.
    """
    settings = {**environ, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_COMPILE_BYTECODE": "0"}
    for name in ("VIRTUAL_ENV", "UV_WORKING_DIR", "UV_PROJECT"):
        settings.pop(name, None)
    options = ["--no-index"] if arguments[0] in {"pip", "build"} and no_index(environ) else []
    command = [_binary(), "--quiet", "--color", "never", *arguments, *options]
    for start in range(_STARTS):
        if start and undo is not None:
            undo()
        status, stdout, stderr = _communicate(command, settings, directory, stdin, what)
        if -status not in _CRASHES:
            break
    if status < 0:
        raise _ended(what, status)
    if status:
        raise _failure(what, redact(stderr))
    return stdout


def _communicate(
    command: Sequence[str], environ: Mapping[str, str], directory: Path | None, stdin: str, what: str
) -> tuple[int, str, str]:
    """Returns the exit status, negative where a signal ended the process, and what it wrote to its two streams."""
    import subprocess  # noqa: PLC0415 (start-up: most commands know the outcome already)

    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            cwd=directory,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise RequirementsError(f"{what}: uv does not start: {error}") from error
    together = _INTERRUPTION.get() or Interruption()
    with process:
        together.running.add(process)
        try:
            if together.over:
                process.kill()
            stdout, stderr = process.communicate(stdin)
        except BaseException:
            process.kill()
            raise
        finally:
            together.running.discard(process)
    if together.over:
        raise RequirementsError(f"{what}: interrupted")
    return process.returncode, stdout, stderr


class Interruption:
    """Ends the processes of threads that work together, once somebody interrupts the thread that waits for them."""

    def __init__(self) -> None:
        self.over = False
        self.running: set[subprocess.Popen[str]] = set()

    def join(self) -> None:
        """Let what this thread starts from now on end with the others."""
        _INTERRUPTION.set(self)

    def end(self) -> None:
        """Kill what runs, and let nothing else start: the threads fail, and take away what they were at."""
        self.over = True
        for process in tuple(self.running):
            process.kill()


def _binary() -> str:
    import uv  # noqa: PLC0415 (start-up: most commands never need it)

    try:
        with _FINDING:  # sysconfig, which it asks, tells a second thread nothing while it reads for a first one
            return uv.find_uv_bin()
    except FileNotFoundError as error:
        raise RequirementsError("the program of the package uv is not installed", hint="pip install uv") from error


def _ended(what: str, status: int) -> UvError:
    name = signal_name(-status)
    if -status in _CRASHES:
        detail, hint = f"uv crashed {_STARTS} times ({name})", "another release of it may not: pip install --upgrade uv"
    else:
        detail, hint = f"uv was ended by {name}", "start again, and look whether the machine has enough memory"
    return UvError(f"{what}: {detail}", hint=hint, detail=detail)


def _failure(what: str, stderr: str) -> UvError:
    """Builds the error from uv's `error:`, `cause:` and `hint:` paragraphs."""
    told, _, hints = stderr.partition("hint:")
    causes = [_clean(part) for part in re.split(r"^\s*(?:cause|Caused by|╰─▶|├─▶)\s*:?", told, flags=re.MULTILINE)]
    causes = [cause for cause in causes if cause]
    telling = causes[1:] if causes[0:1] == [_HEADLINE] else causes
    detail = ": ".join(telling) or "uv failed without a message"
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
    elif any(sign in stderr for sign in _UNKNOWN) and not _clean(hints):
        hint = "check the spelling, and the credentials of the indexes: where they are wrong, no package is found"
    else:
        hint = _clean(hints) or "check the component's packages_to_install"
    return UvError(f"{what}: {detail}", hint=hint, detail=detail)


def _clean(text: str) -> str:
    return _WHITESPACE.sub(" ", text).removeprefix("error: ").strip(" .")
