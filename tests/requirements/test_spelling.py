"""Which requirements pip could read, as pip itself decides."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from kfp.requirements.spelling import _PLAIN, is_requirement, suggestion

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


PARTS = st.lists(
    st.sampled_from(
        [*"aB0._- ,[]=<>!~;", "==", "~=", ">=", "!=", "===", "1", "1.0", "numpy", "[extra]", "1.*", "1a1", " and "]
    ),
    max_size=7,
).map("".join)


@given(line=PARTS)
def test_what_is_known_without_packaging_is_what_packaging_says(line: str) -> None:
    if _PLAIN.fullmatch(line):
        Requirement(line)


def test_plain_requirements_do_not_load_packaging() -> None:
    lines = ["numpy", "numpy==1.26.4", "Typing_Extensions >= 4, <5", "kfp[kubernetes, all]~=2.17", "x.y!=0"]
    program = (
        f"import sys; from kfp.requirements.spelling import is_requirement as r\n"
        f"assert all(map(r, {lines!r})), 'packaging' in sys.modules\nassert 'packaging' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
