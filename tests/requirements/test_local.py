from __future__ import annotations

from pathlib import Path

import pytest

from kfp.requirements.local import absolute, marker_of, project_of

ROOT = Path("/srv")


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("numpy", "numpy"),
        ("numpy[a]>=1 ; python_version > '3'", "numpy[a]>=1 ; python_version > '3'"),
        ("git+https://host/x.git", "git+https://host/x.git"),
        ("x @ git+https://host/x.git@main", "x @ git+https://host/x.git@main"),
        ("https://host/x-1-py3-none-any.whl", "https://host/x-1-py3-none-any.whl"),
        ("./lib", "file:///srv/lib"),
        ("lib/", "file:///srv/lib"),
        ("../libs[a,b]", "file:///libs[a,b]"),
        ("-e .", "file:///srv"),
        ("--editable ./lib ; sys_platform == 'linux'", "file:///srv/lib ; sys_platform == 'linux'"),
        ("./lib; sys_platform == 'linux'", "file:///srv/lib ; sys_platform == 'linux'"),
        ("x @ git+file:///else/lib", "x @ git+file:///else/lib"),
        ("./a b", "file:///srv/a%20b"),
        ("x @ file:lib", "x @ file:///srv/lib"),
        ("x[a] @ file:///else/lib ; python_version > '3'", "x[a] @ file:///else/lib ; python_version > '3'"),
        ("file:///else/lib", "file:///else/lib"),
        ("lib", "lib"),
    ],
)
def test_absolute(line: str, made: str) -> None:
    assert absolute(line, ROOT) == made
    assert absolute(made, Path("/elsewhere")) == made


@pytest.mark.parametrize(
    ("line", "project"),
    [
        ("file:///srv/lib[a,b] ; python_version > '3'", (Path("/srv/lib"), "[a,b]")),
        ("x[a] @ file:///srv/a%20b", (Path("/srv/a b"), "[a]")),
        ("file:///srv/x-1-py3-none-any.whl", None),
        ("x @ file:///srv/x-1.tar.gz", None),
        ("numpy[a]", None),
        ("x @ git+file:///srv/lib", None),
        ("x @ https://host/lib", None),
    ],
)
def test_project_of(line: str, project: tuple[Path, str] | None) -> None:
    assert project_of(line) == project


def test_marker_of() -> None:
    assert marker_of("file:///lib ; python_version > '3'") == " ; python_version > '3'"
    assert marker_of("file:///lib") == ""
