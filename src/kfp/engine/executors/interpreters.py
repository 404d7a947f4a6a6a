"""The interpreters of this machine: found by version, asked once what they are, remembered in the cache."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.ir.files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.engine.executors.image_python import Version

THIS: Version = sys.version_info[:2]
"""The version of the interpreter that runs the engine."""

_PLACES = (
    ("PYENV_ROOT", "~/.pyenv", "versions/{}.*"),
    ("UV_PYTHON_INSTALL_DIR", "", "cpython-{}.*"),
    ("XDG_DATA_HOME", "~/.local/share", "uv/python/cpython-{}.*"),
    ("ASDF_DATA_DIR", "~/.asdf", "installs/python/{}.*"),
    ("MISE_DATA_DIR", "", "installs/python/{}.*"),
    ("XDG_DATA_HOME", "~/.local/share", "mise/installs/python/{}.*"),
)
"""Where tools put interpreters: the variable that names a directory, its default if any, the directories in it."""

_SECONDS = 20.0
_ASK = "import sys; print(*sys.version_info[:2])"


def find_interpreter(version: Version, cache: Path) -> Path | None:
    """Return an interpreter of a version, None where none is found.

    It is looked for among those that pyenv, uv, asdf and mise have installed, and on PATH; what is found is asked for
    its version, and remembered for later runs while it stays as it is.

    Args:
        version: major and minor.
        cache: the file that remembers.
    """
    if version == THIS:
        return Path(sys.executable)
    name = ".".join(map(str, version))
    known = _read(cache)
    if name in known and known[name] == _fingerprint(Path(known[name][0])):
        return Path(known[name][0])
    for candidate in _candidates(name):
        if _is(candidate, version):
            with contextlib.suppress(OSError):
                cache.parent.mkdir(parents=True, exist_ok=True)
                write_text(json.dumps({**known, name: _fingerprint(candidate)}), cache)
            return candidate
    return None


def _candidates(name: str) -> Iterator[Path]:
    program = f"python{name}"
    for variable, default, pattern in _PLACES:
        root = os.environ.get(variable) or default
        if not root:
            continue
        found: list[Path] = []
        with contextlib.suppress(OSError, RuntimeError):  # nobody may look there, or nobody is at home
            found += [each / "bin" / program for each in Path(root).expanduser().glob(pattern.format(name))]
        yield from sorted(filter(_can_start, found), key=_patch, reverse=True)
    for directory in os.get_exec_path():
        each = Path(directory or ".").absolute() / program
        if _can_start(each):
            yield each


def _can_start(path: Path) -> bool:
    return os.access(path, os.X_OK) and path.is_file()  # in this order: what lies where nobody may look is no error


def _patch(path: Path) -> list[int]:
    """Sort by numbers: 3.9.18 is later than 3.9.2, and a beginning such as 3.9-dev is earliest."""
    return [int(number) for number in re.findall(r"\d+", path.parents[1].name)]


def _is(candidate: Path, version: Version) -> bool:
    """Ask an interpreter for its version; a shim of pyenv's, for instance, may stand for none."""
    try:
        asked = subprocess.run([candidate, "-I", "-c", _ASK], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and asked.stdout.split() == [str(each).encode() for each in version]


def _fingerprint(path: Path) -> list[str | int] | None:
    """Return what changes when another interpreter is put in a place; None where none is there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return [str(path), stat.st_mtime_ns, stat.st_size] if os.access(path, os.X_OK) else None


def _read(cache: Path) -> dict[str, list[str]]:
    try:
        known = json.loads(cache.read_bytes())
        return {name: entry for name, entry in known.items() if isinstance(entry, list) and isinstance(entry[0], str)}
    except (OSError, ValueError, AttributeError, IndexError):
        return {}
