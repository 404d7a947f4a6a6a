"""Installing upstream's `kfp` into the same environment is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import kfp


def version(site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kfp.cli", "--version"],
        cwd=site, env={"PYTHONPATH": str(site)}, capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_files_of_both_in_one_directory(tmp_path: Path) -> None:
    shutil.copytree(Path(kfp.__file__).parent, tmp_path / "kfp", ignore=shutil.ignore_patterns("__pycache__"))
    alone = version(tmp_path)
    assert alone.stdout.split() == ["kfp", kfp.__version__]
    assert alone.stderr == ""

    left_by_upstream = tmp_path / "kfp/client/set_volume_credentials.py"
    left_by_upstream.parent.mkdir()
    left_by_upstream.touch()
    assert "pip uninstall kfp kfp-skiff" in version(tmp_path).stderr
