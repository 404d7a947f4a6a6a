"""The walk through a directory enters what it must: it finds what asking for each file would."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kfp.build.ignore import Ignore
from kfp.build.walk import walk

NAMES = st.sampled_from(["a", "b", "ab", "docs", "keep", "x.md", "y.py"])
FILES = st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12, unique=True)
PIECES = st.one_of(NAMES, st.sampled_from(["*", "**", "?", "*.md", "*.py", "[ab]", "d*"]))
PATTERNS = st.lists(PIECES, min_size=1, max_size=4).map("/".join)
LINES = st.lists(st.tuples(st.sampled_from(["", "", "!"]), PATTERNS).map("".join), max_size=5)


@settings(max_examples=int(os.environ.get("KFP_TEST_IGNORES", "150")), deadline=None, derandomize=True)
@given(files=FILES, lines=LINES)
def test_as_if_each_file_were_asked_for(files: list[str], lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        there = set()
        for name in files:
            path = Path(directory, name)
            if not any(parent.is_file() for parent in path.parents) and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                there.add(name)
        ignore = Ignore.parse(lines)
        found = walk(Path(directory), lines, ())
        assert sorted(found.files) == sorted(name for name in there if not ignore.matches(name))
        assert found.secrets == []


@settings(max_examples=int(os.environ.get("KFP_TEST_IGNORES", "150")), deadline=None, derandomize=True)
@given(files=FILES, lines=LINES)
def test_no_line_that_speaks_of_others_takes_a_secret_in(files: list[str], lines: list[str]) -> None:
    """Wherever a `.env` lies, and whatever is left out or taken in around it."""
    with tempfile.TemporaryDirectory() as directory:
        for name in files:
            folder = Path(directory, f"{name}.d")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".env").touch()
        found = walk(Path(directory), [*lines, "!*.d", "!**/*.d/**"], ())
        assert found.files == []
        assert len(found.secrets) == len(files)
