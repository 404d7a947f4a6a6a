"""The two Pythons that are compared: ours, and one that has upstream's `kfp`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

WORK = Path(__file__).resolve().parents[1] / ".work" / "bench"


@dataclass(frozen=True)
class Python:
    """An interpreter with either distribution installed."""

    python: Path

    @property
    def kfp(self) -> str:
        """The `kfp` command beside the interpreter."""
        return str(self.python.with_name("kfp"))


def skiff() -> Python:
    """Return the interpreter that runs this benchmark, which has Skiff installed."""
    return Python(Path(sys.executable))


def upstream() -> Python:
    """Return an interpreter with `kfp==2.17.*` from the package index, installed once under `.work/bench`."""
    folder = WORK / "upstream"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        command = uv.find_uv_bin()
        print("installing upstream's kfp 2.17 into an environment of its own …", file=sys.stderr)
        subprocess.run(
            [command, "venv", "-q", "--clear", "--seed", "--python", sys.executable, str(folder)], check=True
        )
        subprocess.run([command, "pip", "install", "-q", "--python", str(python), "kfp==2.17.*"], check=True)
        (folder / ".ready").touch()
    return Python(python)
