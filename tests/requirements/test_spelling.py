"""Which requirements pip could read, as pip itself decides."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kfp.requirements.spelling import is_requirement, suggestion

READABLE = [
    "numpy",
    " Numpy ",
    "a.b_c-d",
    "numpy>=1.26,<2",
    "numpy>=1.26,",
    "numpy~=1.26",
    "numpy (>=1.26, <2)",
    "numpy===1.26.custom",
    "torch==2.1.0+cpu",
    "numpy[a,b]==1.26; python_version < '3.9'",
    "pytz==2004d",
    "numpy>=1.*",
    "numpy;",
    "package @ https://example.com/package.zip",
    "package@git+ssh://git@example.com/package",
    "git+https://github.com/example/package.git@main#egg=package",
    "https://example.com/package-1.0-py3-none-any.whl",
    "file:///packages/package",
    "file:packages/package",
    ".",
    "./package",
    "./package[extra]",
    "../package",
    "packages/package",
    "package-1.0-py3-none-any.whl",
    "package-1.0.tar.gz",
    "package.zip[extra]",
    r"C:\packages\package.whl",
    "-e .",
    "-r requirements.txt",
    "--pre",
]
UNREADABLE = {
    "": None,
    " ": None,
    "numpy=1.26": "numpy==1.26",
    "numpy=>1.26": "numpy>=1.26",
    "numpy>1,=<2": "numpy>1,<=2",
    "numpy 1.26": "numpy==1.26",
    "numpy v1.26": "numpy==1.26",
    "numpy  # the array": "numpy",
    "numpy pandas": None,
    "numpy,pandas": None,
    "numpy==1.26 pandas": None,
    "numpy>=1.26 <2": None,
    "numpy[": None,
    "num$py": None,
    "==1.26": None,
    "größe": None,
}


@pytest.mark.parametrize("line", READABLE)
def test_what_pip_reads(line: str) -> None:
    assert is_requirement(line)


@pytest.mark.parametrize("line", UNREADABLE)
def test_what_pip_does_not_read(line: str) -> None:
    assert not is_requirement(line)
    assert suggestion(line) == UNREADABLE[line]


@pytest.mark.parametrize("line", ["numpy=1.26", "numpy pandas", "numpy[", "==1.26", ""])
def test_pip_agrees(line: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps", line]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        pytest.skip("this Python has no pip")
    assert "Invalid requirement" in done.stderr
