"""Virtual environments for local steps, one for each set of requirements, made once and shared by all processes."""

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

_FORMAT = "1"
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

    The environment is made at the first call and found again by every later one with the same requirements, indexes
    and interpreter; several processes may ask at once.

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
    inputs = "\0".join((_FORMAT, _identity(python), *sorted(wanted), "", *indexes.fingerprint()))
    place = root.absolute() / hashlib.sha256(inputs.encode()).hexdigest()[:32]
    found = Environment(place / "bin" / "python")
    if (place / _READY).exists():
        return found
    try:
        root.mkdir(parents=True, exist_ok=True)
        with locked(root / f"{place.name}.lock"):
            if not (place / _READY).exists():
                _make(place, wanted, python, indexes)
    except OSError as error:
        raise RequirementsError(f"cannot make an environment in {root}: {error}") from error
    return found


def _make(place: Path, requirements: tuple[str, ...], python: str, indexes: Indexes) -> None:
    """Makes the environment where it will stay, for its scripts hold its path; the marker comes last."""
    import shutil  # noqa: PLC0415 (start-up: most steps find their environment)
    import tempfile  # noqa: PLC0415 (as above)

    shutil.rmtree(place, ignore_errors=True)  # what a killed process left
    environ = indexes.environ()
    what = f"cannot install {', '.join(requirements)} for a local step"
    try:
        uv.run(["venv", "--python", python, "--no-project", str(place)], what=what, environ=environ)
        with tempfile.TemporaryDirectory(prefix="kfp-environment-") as directory:
            overrides = Path(directory, "overrides.txt")
            overrides.write_text(uv.DROP_KFP, encoding="utf-8")
            uv.run(
                ["pip", "install", "--python", str(place / "bin" / "python"), "--overrides", str(overrides), "-r", "-"],
                what=what,
                environ=environ,
                stdin="\n".join(requirements),
            )
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    (place / _READY).touch()


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
