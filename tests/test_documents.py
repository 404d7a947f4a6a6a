"""The documents say what is so: their commands run, their paths exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.walk.conftest import Project

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_walk(tmp_path: Path, kfp_home: Path) -> None:
    project = Project(tmp_path / "reader", kfp_home)
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    named = {match[1]: block for block in blocks if (match := re.match(r"# (\S+\.py)\n", block))}
    assert set(named) == {"src/math.py", "src/my_component.py", "pipeline.py"}
    project.write(named)
    project.kfp("image", "bootstrap", "python:3.11")
    walk = README.partition("Build the image, compile the pipeline, run it:")[2].partition("\n- ")[0]
    commands = [line.strip() for line in walk.splitlines() if line.startswith("    kfp ")]
    assert len(commands) == 3
    printed = [project.kfp(*shlex.split(command)[1:]) for command in commands]
    assert "7" in printed[-1]
    (script,) = [block for block in blocks if "local.init" in block]
    script = "from pipeline import math_pipeline\n" + script
    subprocess.run([sys.executable, "-c", script], cwd=project.folder, env=project.environment(), check=True)


def test_the_demo(tmp_path: Path) -> None:
    shims = tmp_path / "bin"
    shims.mkdir()
    (shims / "kfp").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kfp.cli "$@"\n')
    (shims / "kfp").chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "examples/quickstart/demo.sh")],
        env={**os.environ, "SKIFF_DEMO_DIR": str(tmp_path / "demo"), "PATH": f"{shims}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "7" in done.stdout


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_paths_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (ROOT / link).exists(), link
    for path in re.findall(r"`((?:src|tests|examples|benchmarks)/[\w./-]+)`", text):
        assert (ROOT / path).exists() or path == "src/", path


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for document in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\bmake ([a-z-]+)\b", (ROOT / document).read_text(encoding="utf-8")):
            assert re.search(rf"^{re.escape(target)}:", makefile, flags=re.MULTILINE) or target == "test", target
