from __future__ import annotations

import pytest

from kfp.build.ignore import Ignore
from kfp.errors import BuildError


@pytest.mark.parametrize(
    ("lines", "path", "left_out"),
    [
        (["a"], "a", True),
        (["a"], "a/b/c", True),
        (["a"], "b/a", False),
        (["/a"], "a", True),
        (["a/"], "a/b", True),
        (["*.md"], "x.md", True),
        (["*.md"], "docs/x.md", False),
        (["**/*.md"], "docs/deep/x.md", True),
        (["**/*.md"], "x.md", True),
        (["docs/**"], "docs/deep/x", True),
        (["*/temp*"], "a/temporary.txt", True),
        (["*/temp*"], "temp.txt", False),
        (["temp?"], "tempa", True),
        (["temp?"], "temp", False),
        (["[a-c].txt"], "b.txt", True),
        (["[^a-c].txt"], "b.txt", False),
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README*.md", "README-secret.md"], "README-secret.md", True),
        (["docs", "!docs/keep"], "docs/keep/x", False),
        (["docs", "!docs/keep"], "docs/drop", True),
        (["# a comment", "", "  b  "], "b", True),
        (["\\#a"], "#a", True),
        (["a.b"], "axb", False),
        (["a(+"], "a(+", True),
        (["**"], "anything/at/all", True),
        (["**", "!src"], "src/x.py", False),
        (["./a//b/../c"], "a/c", True),
        (["!a"], "a", False),
    ],
)
def test_matches(lines: list[str], path: str, left_out: bool) -> None:
    assert Ignore.parse(lines).matches(path) is left_out


def test_exceptions_below_a_directory() -> None:
    ignore = Ignore.parse(["docs", "!docs/keep/x", "!**/y"])
    assert ignore.may_hold_exceptions("docs")
    assert ignore.may_hold_exceptions("docs/keep")
    assert not ignore.may_hold_exceptions("doc")


@pytest.mark.parametrize("line", ["!", "[z-a]"])
def test_malformed_patterns(line: str) -> None:
    with pytest.raises(BuildError, match="dockerignore"):
        Ignore.parse([line])
