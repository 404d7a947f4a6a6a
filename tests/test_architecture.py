"""The house: who may import whom, and which packages from outside each room may use (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "kfp"

OUTSIDE = {
    "cli": {"click", "msgspec", "rich"},
    "local": set(),
    "engine": {"msgspec"},
    "build": set(),
    "compiler": {"google", "kfp.pipeline_spec", "msgspec", "nbclient", "nbformat"},
    "components.py": set(),
    "graph": {"graphlay"},
    "kubernetes": set(),
    "dsl": set(),
    "ir": {"msgspec", "yaml"},
    "images": {"isal", "urllib3"},
    "requirements": {"packaging", "uv"},
    "requirements.py": {"packaging", "uv"},
    "bundle": set(),
    "runtime": set(),
    "filelock.py": set(),
    "home.py": {"platformdirs"},
    "errors.py": set(),
    "location.py": set(),
    "report": {"markdown_it", "msgspec"},
    "testing": {"pytest"},
    "units.py": set(),
    "v2": set(),
    "version.py": set(),
    "__init__.py": set(),
}
BUNDLE = ("__init__.py", "errors.py", "location.py", "version.py", "runtime", "dsl")


def files(room: str) -> list[Path]:
    path = SOURCE / room
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute name of each module that a file imports, wherever in the file, but for type checkers alone."""
    for node in running_nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                package = path.relative_to(SOURCE.parent).parts[: -node.level]
                yield ".".join([*package, node.module or ""]).rstrip(".")
            else:
                yield node.module or ""


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one, without the bodies of `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from running_nodes(child)


@pytest.mark.parametrize(
    "room", sorted(path.name for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir())
)
def test_third_party_imports(room: str) -> None:
    if room == "__pycache__":
        return
    allowed = OUTSIDE[room]
    for path in files(room):
        for module in imports(path):
            top = module.partition(".")[0]
            inside = top == "kfp" and not module.startswith("kfp.pipeline_spec")
            known = inside or top in sys.stdlib_module_names or top in allowed
            assert known or any(module.startswith(name) for name in allowed), f"{path.name} imports {module}"


def test_no_room_is_forgotten() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.name not in {"__pycache__", "py.typed"}}
    assert rooms <= set(OUTSIDE)


@pytest.mark.parametrize("path", [path for room in BUNDLE for path in files(room)], ids=lambda path: path.name)
def test_the_bundle_keeps_the_syntax_of_python_3_7(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_import_contract() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_no_junk_drawers() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
