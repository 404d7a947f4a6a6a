"""A base image made on this machine, since tests reach no public registry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def bootstrapped_home(folder: Path) -> Path:
    """Make a home whose store holds `localhost/python-base:test`, with the command that users have."""
    home = folder / "home"
    subprocess.run(
        [sys.executable, "-m", "kfp.cli", "image", "bootstrap", "localhost/python-base:test"],
        check=True,
        env={**os.environ, "KFP_HOME": str(home)},
        timeout=280,
    )
    return home
