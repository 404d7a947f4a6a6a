"""`python -m conformance.example_goldens`: compile the examples, and keep what comes of each as its `golden.yaml`.

A golden is the document that `kfp dsl compile` writes, except for two things: in the place of the program that carries
the runtime into a step stands `(the runtime)`, and in that of a packed notebook `(the notebook)`. The pictures of some
examples, `pipeline.svg`, are drawn again, too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from kfp.bundle.bootstrap import INSTALLED
from kfp.graph import graph
from kfp.ir import files
from oracle.environments import ROOT

EXAMPLES = ROOT / "examples"

# A block of text with the first line that every such program has, to the end of its indentation
_PROGRAM = re.compile(rf"\|\n( +){re.escape(INSTALLED.splitlines()[0])}\n(?:\1.*\n)*")
_ARCHIVE = re.compile(r"(ARCHIVE_B64 = ')[A-Za-z0-9+/=]+(?=')")


def names() -> list[str]:
    """Return the names of the examples: the directories with a `pipeline.py`."""
    return sorted(source.parent.name for source in EXAMPLES.glob("*/pipeline.py"))


def golden(name: str) -> Path:
    """Return where an example's golden document lies."""
    return EXAMPLES / name / "golden.yaml"


def picture(name: str) -> Path:
    """Return where an example's picture lies, if it has one."""
    return EXAMPLES / name / "pipeline.svg"


def readable(text: str) -> str:
    """Return a compiled document without what nobody reads."""
    return _ARCHIVE.sub(r"\1(the notebook)", _PROGRAM.sub("(the runtime)\n", text))


def renew() -> None:
    """Compile every example as a user does, and write its golden document."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names():
            out = Path(folder) / f"{name}.yaml"
            command = ["dsl", "compile", "--py", "pipeline.py", "--output", str(out)]
            subprocess.run([sys.executable, "-m", "kfp.cli", *command], cwd=EXAMPLES / name, check=True)
            golden(name).write_text(readable(out.read_text(encoding="utf-8")), encoding="utf-8")
            if picture(name).exists():
                graph(files.read(out)).write(picture(name))


if __name__ == "__main__":
    renew()
