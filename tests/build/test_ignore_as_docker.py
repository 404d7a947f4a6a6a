"""`.dockerignore` compared with a real `docker build`: the files that `COPY . /` finds."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.build.ignore import Ignore
from kfp.errors import BuildError
from tests.parts.engines import ContainerEngine

FILES = (
    "a", "ab", "b.md", "x.md", "X.MD", "README.md", "README-secret.md", "temp", "tempa", ".env", ".hidden/a", "a b",
    "docs/a", "docs/x.md", "docs/keep/x", "docs/keep/deep/x.md", "docs/README.md", "docs/temp/a", "docs2/a",
    "src/a", "src/ab/a", "src/ab/x.md", "src/.env", "src/docs/keep/x", "src/temp", "[x]", "a.b", "axb", "dé/ü.md",
    "#a", "!a", "a\\b", "a-b", "z/a/b/a/b",
)  # fmt: skip

TABLE = (
    ["/a"], ["./a"], ["a/"], ["//a"], ["docs/../a"], ["../a"], ["."], ["/"], ["*"], ["**"], ["*/"], ["*/a"], ["**/a/"],
    ["docs/**"], ["docs/**/x*"], ["**/keep/**"], ["**/docs/*"], ["**a"], ["a**"], ["**?"], ["**x.md"], ["d**x"],
    ["d**/x"], ["***"], ["*.MD"], ["??"], ["[^a]"], ["[^a-c].md"], ["\\[x\\]"], ["[\\[]x*"], ["a.b"], ["a\\\\b"],
    ["# a comment", "a"], [" # no comment"], ["\\#a"], ["\\!a"], ["  temp  "], ["temp\t"], ["\ufeffa"], ["a b"],
    ["", "   ", "b.md"], ["**/ü.md"], ["*.md", "!README*.md", "README-*"], ["!README.md", "*.md"],
    ["docs", "!docs/keep/x"], ["docs/*", "!docs/keep", "docs/keep/x"], ["docs", "!docs/keep", "docs/keep/deep"],
    ["*", "!src/*"], ["*", "! src/ab"], ["*", "!/docs/"], ["**/a", "!docs/a"], ["src", "!src/**"], ["a\r"], ["temp?"],
    ["*/*/temp*"], ["**/.env", "!.env"], [".*"], ["**/a/b"],
)  # fmt: skip

MALFORMED = (["["], ["[]"], ["[a"], ["[-a]"], ["[a-]"], ["[z-a]*"], ["a\\"], ["!"], ["a", "! "])

# Left out are: `\\` before a letter and stars in brackets, where Docker's own translation slips; and `!` patterns that
# begin with a wildcard, for which Docker without BuildKit does not look into directories that are left out.
PIECES = st.sampled_from(["a", "b", "docs", "src", "keep", "x.md", "*", "?", "**", "[ab]", "[^k]", ".", "temp", "*.md"])
PATTERNS = st.lists(st.lists(PIECES, min_size=1, max_size=2).map("".join), min_size=1, max_size=3).map("/".join)
EXCEPTIONS = st.sampled_from(["docs/keep", "docs/x.md", "src", "src/ab/*", "README.md", "docs/keep/**", "z/a/b"])
LINES = st.lists(st.one_of(PATTERNS, PATTERNS, EXCEPTIONS.map("!{}".format)), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree") / "context"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def copied(docker: ContainerEngine, tree: Path, lines: Sequence[str]) -> set[str] | None:
    """Return the files that Docker copies, None where it refuses the patterns."""
    (tree / ".dockerignore").write_bytes("\n".join(lines).encode())
    environment = {**os.environ, **docker.environment, "DOCKER_BUILDKIT": "0"}
    built = subprocess.run(
        ["docker", "build", "--quiet", "--file", "-", str(tree)],
        input=b"FROM scratch\nCOPY . /context/\n", env=environment, capture_output=True, check=False,
    )  # fmt: skip
    if built.returncode != 0:
        assert b"pattern" in built.stderr or b"COPY failed" in built.stderr, built.stderr
        return None if b"pattern" in built.stderr else set()
    identifier = built.stdout.decode().strip()
    archive = tree.parent / "image.tar"
    docker("save", "--output", str(archive), identifier)
    docker("rmi", "--force", identifier)
    with tarfile.open(archive) as image:
        manifest = json.load(image.extractfile("manifest.json"))  # type: ignore[arg-type]
        with tarfile.open(fileobj=image.extractfile(manifest[0]["Layers"][-1])) as layer:
            names = [member.name for member in layer if not member.isdir()]
    return {name.removeprefix("context/") for name in names} - {".dockerignore"}


def ours(lines: Sequence[str]) -> set[str]:
    ignore = Ignore.parse("\n".join(lines).removeprefix("\ufeff").split("\n"))
    return {name for name in FILES if not ignore.matches(name)}


@pytest.mark.engine
def test_the_table(docker: ContainerEngine, tree: Path) -> None:
    """Every line is a `.dockerignore`; those that differ are told at once."""
    different = {}
    for lines in TABLE:
        theirs = copied(docker, tree, lines)
        if theirs is not None and theirs != ours(lines):
            different[tuple(lines)] = (sorted(theirs - ours(lines)), sorted(ours(lines) - theirs))
    assert different == {}


@pytest.mark.engine
@pytest.mark.parametrize("lines", MALFORMED)
def test_what_docker_refuses(docker: ContainerEngine, tree: Path, lines: Sequence[str]) -> None:
    assert copied(docker, tree, lines) is None
    with pytest.raises(BuildError, match="dockerignore"):
        Ignore.parse(lines)


@pytest.mark.engine
@settings(
    max_examples=int(os.environ.get("KFP_TEST_IGNORES", "20")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES)
def test_patterns_that_nobody_thought_of(docker: ContainerEngine, tree: Path, lines: list[str]) -> None:
    theirs = copied(docker, tree, lines)
    assert theirs is not None
    assert ours(lines) == theirs
