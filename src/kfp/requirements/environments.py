"""Virtual environments for local steps, one for each set of locked packages, made once and shared by all processes.

<root>/asked/<digest of requirements, indexes and interpreter>   names the environment that they were locked to
<root>/<digest of locked packages, indexes and interpreter>/     the environment
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import RequirementsError
from kfp.filelock import locked
from kfp.requirements import uv
from kfp.requirements.indexes import Indexes
from kfp.requirements.names import without_kfp

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = "2"
_READY = ".kfp-ready"
_IDENTIFY = "import os, sys; print(sys.implementation.cache_tag, sys.version.split()[0], sys.base_prefix, os.name)"


@dataclass(frozen=True)
class Environment:
    """An interpreter with packages; `python` is the absolute path to start it by."""

    python: Path


def environment(
    requirements: Iterable[str],
    *,
    index_urls: Iterable[str] = (),
    trusted_hosts: Iterable[str] = (),
    python: str = sys.executable,
    root: Path,
) -> Environment:
    """Gives an interpreter that can import the required packages.

    Requirements are locked at the first call, and every later call with the same ones, indexes and interpreter finds
    the same environment; so does one whose requirements come to the same packages. Several processes may ask at once.

    Args:
        requirements: PEP 508 lines; entries for `kfp` are dropped, for a step has its own. None at all gives `python`.
        index_urls: the first replaces the default index, the others are searched as well.
        trusted_hosts: hosts whose certificates are not verified.
        python: the interpreter to build on.
        root: the directory that environments are kept in.

    Raises:
        RequirementsError: the packages cannot be resolved or installed.
    """
    wanted = without_kfp(requirements)
    if not wanted:
        return Environment(Path(python))
    indexes = Indexes(tuple(index_urls), tuple(trusted_hosts))
    interpreter = _identity(python)
    asked = root.absolute() / "asked" / _digest(interpreter, indexes, wanted)
    if (found := _answer(asked)) is not None:
        return found
    try:
        asked.parent.mkdir(parents=True, exist_ok=True)
        with locked(asked.with_suffix(".lock")):
            return _answer(asked) or _locked_environment(asked, wanted, python, interpreter, indexes)
    except OSError as error:
        raise RequirementsError(f"cannot make an environment in {root}: {error}") from error


def _answer(asked: Path) -> Environment | None:
    """Return the environment that requirements were locked to before, None where there is none, or no longer."""
    try:
        place = asked.parents[1] / asked.read_text("ascii")
    except OSError:
        return None
    return Environment(place / "bin" / "python") if (place / _READY).exists() else None


def _locked_environment(
    asked: Path, wanted: tuple[str, ...], python: str, interpreter: str, indexes: Indexes
) -> Environment:
    what = f"cannot install {', '.join(wanted)} for a local step"
    packages = _lock(wanted, python, indexes, what)
    place = asked.parents[1] / _digest(interpreter, indexes, packages)
    with locked(place.with_suffix(".lock")):
        if not (place / _READY).exists():
            _make(place, packages, python, indexes, what)
    unfinished = asked.with_suffix(f".{os.getpid()}")
    unfinished.write_text(place.name, encoding="ascii")
    unfinished.replace(asked)
    return Environment(place / "bin" / "python")


def _lock(wanted: tuple[str, ...], python: str, indexes: Indexes, what: str) -> tuple[str, ...]:
    """Return the packages that requirements come to, each with its exact version or address."""
    import tempfile  # noqa: PLC0415 (start-up: most steps find their environment)

    with tempfile.TemporaryDirectory(prefix="kfp-environment-") as directory:
        overrides = Path(directory, "overrides.txt")
        overrides.write_text(uv.DROP_KFP, encoding="utf-8")
        options = ["--python", python, "--overrides", str(overrides), "--no-header", "--no-annotate", "-"]
        told = uv.run(["pip", "compile", *options], what=what, environ=indexes.environ(), stdin="\n".join(wanted))
    return tuple(line for line in told.splitlines() if line.strip())


def _make(place: Path, packages: tuple[str, ...], python: str, indexes: Indexes, what: str) -> None:
    """Makes the environment where it will stay, for its scripts hold its path; the marker comes last."""
    import shutil  # noqa: PLC0415 (start-up: most steps find their environment)

    environ = indexes.environ()
    install = ["pip", "install", "--python", str(place / "bin" / "python"), "--no-deps", "-r", "-"]

    def clear() -> None:
        shutil.rmtree(place, ignore_errors=True)

    def empty() -> None:
        clear()  # what a killed process left, or a crashed uv
        uv.run(["venv", "--python", python, "--no-project", str(place)], what=what, environ=environ, undo=clear)

    try:
        empty()
        uv.run(install, what=what, environ=environ, stdin="\n".join(packages), undo=empty)
    except BaseException:
        clear()
        raise
    (place / _READY).touch()


def _digest(interpreter: str, indexes: Indexes, packages: tuple[str, ...]) -> str:
    inputs = "\0".join((_FORMAT, interpreter, *sorted(packages), "", *indexes.fingerprint()))
    return hashlib.sha256(inputs.encode()).hexdigest()[:32]


def _identity(python: str) -> str:
    """Names the interpreter: two that could use the same environment have the same name."""
    if python == sys.executable:
        version = sys.version.split(maxsplit=1)[0]
        return f"{sys.implementation.cache_tag} {version} {sys.base_prefix} {os.name}"
    return _told_identity(python)


@functools.cache
def _told_identity(python: str) -> str:
    import subprocess  # noqa: PLC0415 (start-up: most steps run on this interpreter)

    try:
        done = subprocess.run([python, "-c", _IDENTIFY], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RequirementsError(f"the interpreter {python} does not start: {error}") from error
    return done.stdout.strip()
