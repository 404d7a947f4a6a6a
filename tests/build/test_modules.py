"""Which files a pattern chooses: what `pathlib` would, of those that belong into the image."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kfp.build.modules import matching_files
from kfp.errors import BuildError
from tests.build.conftest import Write

FILES = ("a.py", "b.py", ".h.py", "pack/a.py", "pack/deep/a.py", "pack/deep/b.txt", "x[1].py", "other/a.py", "A.py")


@pytest.mark.parametrize(
    "pattern",
    ["**/*.py", "*.py", "a.py", "./a.py", "pack/*.py", "pack/**/*.py", "**/a.py", "*/a.py", "**/deep/*", "?.py",
     "[ab].py", "[!a].py", "pack//a.py", "**/**/a.py", "x[[]1].py"],
)  # fmt: skip
def test_as_pathlib(source: Write, pattern: str) -> None:
    folder = source(dict.fromkeys(FILES, ""))
    theirs = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.suffix == ".py")
    assert theirs
    assert matching_files(folder, pattern, frozenset(FILES)) == theirs


@pytest.mark.parametrize("pattern", ["", "/etc/*.py", "../*.py", "pack/../*.py", "a**.py", "."])
def test_patterns_that_mean_nothing(source: Write, pattern: str) -> None:
    with pytest.raises(BuildError, match="cannot be used"):
        matching_files(source({"a.py": ""}), pattern, frozenset({"a.py"}))


def test_what_is_left_out_is_not_searched(source: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = source({"a.py": "", "node_modules/deep/b.py": ""})
    monkeypatch.setattr(os, "scandir", None)
    monkeypatch.setattr(Path, "glob", None)
    assert matching_files(folder, "**/*.py", frozenset({"a.py"})) == ["a.py"]
