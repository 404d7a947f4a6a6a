"""What answers at once must load little: a list of imports, since times differ from machine to machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.images.image import scratch
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.parts.registry import RunningRegistry

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
        ["dsl", "graph", "--help"],
        ["image", "--help"],
        ["cache", "--help"],
        ["cache", "list", "--help"],
        ["run", "--help"],
        ["run", "create", "--help"],
        ["run", "retry", "--help"],
        ["run", "list", "--help"],
        ["run", "logs", "--help"],
    ],
    ids=" ".join,
)
def test_answers_without_the_rooms_below(arguments: list[str]) -> None:
    code, out, modules = loaded(*arguments)
    assert code == 0
    assert out
    assert [name for name in HEAVY if name in modules] == []


UNNEEDED = (
    "kfp.build.bootstrap",
    "kfp.build.kfp_package",
    "kfp.build.scan",
    "kfp.build.tree",
    "kfp.bundle.deflate",
    "kfp.compiler",
    "kfp.engine",
    "kfp.images.distribution.auth",
    "kfp.images.distribution.credential_helper",
    "kfp.images.gzip",
    "kfp.images.distribution.pull",
    "kfp.images.tar",
    "kfp.images.distribution.token",
    "kfp.ir",
    "kfp.requirements.environments",
    "kfp.requirements.installing",
    "kfp.requirements.uv",
    "google",
    "isal",
    "msgspec",
    "platformdirs",
    "rich",
    "uv",
    "yaml",
    "asyncio",
    "difflib",
    *(("subprocess",) if sys.version_info >= (3, 11) else ()),  # Python 3.10's own `platform` loads it
)
"""What a build that changes nothing has no use for, nor has a look at the store."""


@pytest.fixture
def components(kfp_home: Path, tmp_path: Path, registry: RunningRegistry) -> Path:
    """A component directory that was built and pushed before."""
    image = scratch(Platform("linux", "amd64"))
    Store(kfp_home / "images").put(image, Reference.parse("localhost/base:1"))
    folder = tmp_path / "src"
    folder.mkdir()
    target = f"{registry.host}/start/up:v1"
    (folder / "a.py").write_text(
        "from kfp import dsl\n\n\n"
        f"@dsl.component(base_image='localhost/base:1', target_image='{target}')\n"
        "def add(a: int) -> int:\n"
        "    return a\n"
    )
    assert loaded("component", "build", str(folder))[0] == 0
    return folder


@pytest.mark.engine
def test_a_build_that_changes_nothing_loads_no_compiler(components: Path) -> None:
    code, out, modules = loaded("component", "build", str(components))
    assert code == 0
    assert "the registry had it" in out
    assert [name for name in UNNEEDED if name in modules] == []


@pytest.mark.engine
def test_a_build_that_is_not_pushed_loads_no_http(components: Path) -> None:
    code, _, modules = loaded("component", "build", str(components), "--no-push-image")
    assert code == 0
    assert [name for name in (*UNNEEDED, "urllib3", "http", "ssl") if name in modules] == []


@pytest.mark.engine
def test_a_look_at_the_store_loads_the_store(components: Path) -> None:
    assert components
    for arguments in (["image", "list"], ["image", "inspect", "localhost/base:1"]):
        code, out, modules = loaded(*arguments)
        assert code == 0
        assert out
        assert [name for name in (*UNNEEDED, "kfp.dsl", "kfp.build", "urllib3", "http", "ssl") if name in modules] == []


def test_the_help_of_a_group_leaves_the_other_groups_alone() -> None:
    _, _, modules = loaded("run", "--help")
    assert "kfp.cli.runs.group" in modules
    assert modules.isdisjoint({"kfp.cli.component", "kfp.cli.dsl", "kfp.cli.image"})


def test_a_run_whose_lines_are_piped_loads_nothing_that_draws(tmp_path: Path, kfp_home: Path) -> None:
    assert kfp_home
    (tmp_path / "p.py").write_text(
        "from kfp import dsl\n\n\n@dsl.component\ndef one() -> int:\n    return 1\n\n\n"
        "@dsl.pipeline\ndef p() -> int:\n    return one().output\n"
    )
    assert loaded("dsl", "compile", "--py", str(tmp_path / "p.py"), "--output", str(tmp_path / "p.yaml"))[0] == 0
    code, out, modules = loaded("run", "create", "-f", str(tmp_path / "p.yaml"))
    assert (code, out) == (0, "Output = 1\n")
    assert modules.isdisjoint({"rich", "termios", "kfp.cli.runs.live", "kfp.cli.runs.tree", "kfp.cli.runs.follow"})
    assert modules.isdisjoint({"kfp.dsl.pipeline_task", "kfp.compiler", "kfp.build", "kfp.report"})
