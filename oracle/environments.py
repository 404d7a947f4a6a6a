"""The Pythons that are compared: ours, and one that has upstream's `kfp`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".work"
KFP = "kfp==2.17.*"
KUBERNETES = "kfp-kubernetes==2.17.*"
METAFLOW = "metaflow==2.19.*"
OLD_PYTHON = ">=3.9,<3.13"
"""What the older versions of upstream run on."""


@dataclass(frozen=True)
class Python:
    """An interpreter with either distribution installed."""

    python: Path

    @property
    def kfp(self) -> str:
        """The `kfp` command beside the interpreter."""
        return str(self.python.with_name("kfp"))

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        program = "import sysconfig; print(sysconfig.get_path('purelib'))"
        return Path(subprocess.check_output([str(self.python), "-c", program], text=True).strip())


def skiff() -> Python:
    """Return the interpreter that runs this program, which has Skiff installed."""
    return Python(Path(sys.executable))


def upstream(work: str, *requirements: str) -> Python:
    """Return an interpreter with `kfp==2.17.*` from the package index, installed once.

    Args:
        work: the name of a directory below `.work`, where the environment is made.
        requirements: what else it needs.
    """
    return _environment(WORK / work / "upstream", "upstream's kfp 2.17", KFP, *requirements)


def skiff_with(work: str, *requirements: str) -> Python:
    """Return an interpreter with this checkout and other packages, installed once.

    Args:
        work: the name of a directory below `.work`, where the environment is made.
        requirements: what it needs beside Skiff.
    """
    return _environment(WORK / work / "skiff", "Skiff", "--editable", str(ROOT), *requirements)


def metaflow(work: str) -> Python:
    """Return an interpreter with Metaflow from the package index, installed once.

    Args:
        work: the name of a directory below `.work`, where the environment is made.
    """
    return _environment(WORK / work / "metaflow", METAFLOW, METAFLOW)


def old_upstream(version: str, *requirements: str) -> Python:
    """Return an interpreter with an older version of upstream's `kfp`, installed once.

    Args:
        version: the version, such as `2.5.0`.
        requirements: what else it needs.
    """
    # Old versions import distutils, which left Python in 3.12 and which old setuptools have
    packages = (f"kfp=={version}", "setuptools<80", *requirements)
    return _environment(WORK / "versions" / version, f"upstream's kfp {version}", *packages, python=OLD_PYTHON)


def _environment(folder: Path, what: str, *arguments: str, python: str = sys.executable) -> Python:
    """Return an environment with packages; one that was made for other packages is made again."""
    made = folder / "bin" / "python"
    ready = folder / ".ready"
    # The packages that the checkout itself needs are part of what was asked for
    wanted = "\n".join(
        [*arguments, (ROOT / "pyproject.toml").read_text(encoding="utf-8") if "--editable" in arguments else ""]
    )
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        command = uv.find_uv_bin()
        print(f"installing {what} into an environment of its own …", file=sys.stderr)
        _run([command, "venv", "-q", "--clear", "--seed", "--python", python, str(folder)])
        _run([command, "pip", "install", "-q", "--python", str(made), *arguments])
        ready.write_text(wanted, encoding="utf-8")
    return Python(made)


def _run(command: Sequence[str]) -> None:
    """Run what needs a package index, which fails now and then: three times before that is an error."""
    for pause in (10, 30):
        if subprocess.run(command, check=False).returncode == 0:
            return
        time.sleep(pause)
    subprocess.run(command, check=True)
