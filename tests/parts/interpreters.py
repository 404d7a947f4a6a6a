"""The Python interpreters that this machine has."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path


@functools.cache
def interpreters() -> Mapping[str, Path]:
    """Return a working interpreter per `major.minor`, from PATH and from pyenv's versions."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = sorted(root.glob("versions/*/bin/python3"))
    candidates += [Path(found) for minor in range(7, 20) if (found := shutil.which(f"python3.{minor}"))]
    working: dict[str, Path] = {}
    for candidate in candidates:
        answer = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        version = answer.stdout.strip()
        if answer.returncode == 0 and re.fullmatch(r"3\.\d+", version):
            working.setdefault(version, candidate)
    return working
