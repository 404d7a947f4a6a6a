"""A user's project in a directory of its own, and the `kfp` command run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

TARGET = "localhost:5000/my-project/my-component:v1"

HELPER = """\
def add_numbers(num1, num2):
    return num1 + num2
"""

COMPONENT = """\
from kfp import dsl
from .math import add_numbers


@dsl.component(base_image={base!r}, target_image={target!r})
def add(a: int, b: int) -> int:
    return add_numbers(a, b)
"""

PIPELINE = """\
from kfp import compiler, dsl
from src.my_component import add


@dsl.pipeline
def math_pipeline(x: int, y: int) -> int:
    task1 = add(a=x, b=y)
    task2 = add(a=task1.output, b=x)
    return task2.output


if __name__ == "__main__":
    compiler.Compiler().compile(math_pipeline, "pipeline.yaml")
"""

LIGHTWEIGHT = """\
from kfp import dsl


@dsl.component(base_image={base!r})
def add(a: int, b: int) -> int:
    import sys

    print("lightweight on", sys.version_info[:2])
    return a + b


@dsl.pipeline
def math_pipeline(x: int, y: int) -> int:
    return add(a=add(a=x, b=y).output, b=x).output
"""


@dataclass(frozen=True)
class Project:
    """A user's working directory and home."""

    folder: Path
    home: Path

    def write(self, files: Mapping[str, str]) -> None:
        """Write text files below the working directory."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment of a command run in this project."""
        return {**os.environ, "KFP_HOME": str(self.home), **extra}

    def kfp(self, *arguments: str, code: int = 0, python: str = sys.executable, **extra: str) -> str:
        """Run `kfp` and return its output, both streams together, after checking its exit code."""
        done = subprocess.run(
            [python, "-m", "kfp.cli", *arguments],
            cwd=self.folder, env=self.environment(**extra), text=True, timeout=240, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, f"kfp {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def data(self, *arguments: str, code: int = 0, **extra: str) -> object:
        """Run `kfp --output json` and return what it printed on stdout, parsed."""
        done = subprocess.run(
            [sys.executable, "-m", "kfp.cli", "--output", "json", *arguments],
            cwd=self.folder, env=self.environment(**extra), text=True, timeout=240, check=False, capture_output=True,
        )  # fmt: skip
        assert done.returncode == code, f"kfp {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
        return json.loads(done.stdout)

    def build(self, *arguments: str, code: int = 0, **extra: str) -> str:
        """Build the component directory `src/`."""
        return self.kfp(
            "component", "build", "src/", "--component-filepattern", "my_component.py", *arguments, code=code, **extra
        )


@pytest.fixture
def project(tmp_path: Path, kfp_home: Path, base_image: str) -> Project:
    """The quickstart's directory on a bootstrapped base, in a home of its own."""
    made = Project(tmp_path / "project", kfp_home)
    made.write(
        {
            "src/math.py": HELPER,
            "src/my_component.py": COMPONENT.format(base=base_image, target=TARGET),
            "pipeline.py": PIPELINE,
        }
    )
    return made
