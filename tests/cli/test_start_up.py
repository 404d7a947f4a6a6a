"""What answers at once must load little: a list of imports, since times differ from machine to machine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "kfp.build",
    "kfp.compiler",
    "kfp.components",
    "kfp.engine",
    "kfp.images",
    "kfp.ir",
    "kfp.local",
    "kfp.requirements",
    "kfp.runtime",
    "google",
    "isal",
    "msgspec",
    "platformdirs",
    "rich",
    "sqlalchemy",
    "urllib3",
    "uv",
    "yaml",
    "asyncio",
    "http",
    "ssl",
    "sqlite3",
)

PROGRAM = """
import contextlib, io, json, sys
from kfp.cli.entry import run
with contextlib.redirect_stdout(io.StringIO()) as out:
    code = run(sys.argv[1:])
print(json.dumps([code, out.getvalue(), sorted(sys.modules)]))
"""


def loaded(*arguments: str) -> tuple[int, str, set[str]]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, capture_output=True, text=True)
    code, out, modules = json.loads(done.stdout)
    return code, out, set(modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["--show-completion", "bash"],
        ["component", "build", "--help"],
        ["dsl", "compile", "--help"],
        ["image", "--help"],
        ["run", "--help"],
        ["run", "create", "--help"],
    ],
    ids=" ".join,
)
def test_answers_without_the_rooms_below(arguments: list[str]) -> None:
    code, out, modules = loaded(*arguments)
    assert code == 0
    assert out
    assert [name for name in HEAVY if name in modules] == []


def test_the_help_of_a_group_leaves_the_other_groups_alone() -> None:
    _, _, modules = loaded("run", "--help")
    assert "kfp.cli.run" in modules
    assert modules.isdisjoint({"kfp.cli.component", "kfp.cli.dsl", "kfp.cli.image"})
