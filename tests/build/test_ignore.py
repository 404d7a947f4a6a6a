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


@pytest.mark.parametrize(
    ("lines", "path", "left_out"),
    [
        (["src/*", "!src/**/x.md"], "src/deep/x.md", False),  # as BuildKit has it; Docker before it did not look
        (["a\\b"], "ab", True),  # Docker reads a word boundary
        (["[*]"], "*", True),  # Docker's expression has no meaning here
        (["a+b"], "aab", False),  # Docker 20.10 reads a repetition where another wildcard stands beside it
    ],
)
def test_where_docker_slips(lines: list[str], path: str, left_out: bool) -> None:
    assert Ignore.parse(lines).matches(path) is left_out


@pytest.mark.parametrize(
    ("pattern", "folder", "expected"),
    [
        ("!docs/keep/x", "docs", True),
        ("!docs/keep/x", "docs/keep", True),
        ("!docs/keep/x", "docs/keep/x", False),
        ("!docs/keep/x", "doc", False),
        ("!*/keep", "docs", True),
        ("!*/keep", "docs/deep", False),
        ("!d*/keep", "src", False),
        ("!**/y", "anywhere/at/all", True),
        ("docs/keep", "docs", False),
    ],
)
def test_directories_that_may_hold_exceptions(pattern: str, folder: str, expected: bool) -> None:
    assert Ignore.parse([pattern]).may_hold_exceptions(folder) is expected


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("!.env", ".env", True),
        ("!.env", "src/.env", False),
        ("!**/.env", "src/.env", True),
        ("!keys/*.pem", "keys/a.pem", True),
        ("!src", "src/.env", False),
        ("!src/**", "src/.env", False),
        ("!*", ".env", False),
        ("!**", ".env", False),
        (".env", ".env", False),
    ],
)
def test_what_a_pattern_takes_in_by_name(line: str, path: str, expected: bool) -> None:
    assert Ignore.parse([line]).takes_in(path) is expected


@pytest.mark.parametrize("line", ["!", "[z-a]", "[", "[]", "[-a]", "a\\"])
def test_malformed_patterns(line: str) -> None:
    with pytest.raises(BuildError, match="dockerignore"):
        Ignore.parse([line])
