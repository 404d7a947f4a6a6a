"""mypy and pyright beside an installed Skiff: ordinary pipelines pass in strict mode, mistakes are reported.

`accepted/` holds what must pass; its `assert_type` calls say what editors show. In `refused/` each line marked
`# refused` must be reported, and no other. The checkers see the wheel, in an environment's site-packages, as users do.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from kfp.compiler.compile import document
from kfp.dsl.base_component import BaseComponent
from tests.parts.processes import missing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ACCEPTED = sorted(path.name for path in (HERE / "accepted").glob("*.py"))
REFUSED = sorted(path.name for path in (HERE / "refused").glob("*.py"))
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/pipeline.py"))

NOT_A_TYPE = {"valid-type", "reportInvalidTypeForm"}
"""What checkers say of `OutputPath(int)` and `NamedTuple("O", [...])` in an annotation, which KFP's users write."""

Reports = Mapping[Path, Mapping[int, list[str]]]
"""Messages by file, relative to the project, and line."""


class Project(NamedTuple):
    """A user's project: `accepted`, `refused` and `examples`, and the Python that Skiff is installed into."""

    folder: Path
    python: Path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    if importlib.util.find_spec("hatchling") is None:
        missing("hatchling is not installed (dependency group test)")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Project:
    folder = tmp_path_factory.mktemp("project")
    for name in ("accepted", "refused"):
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in EXAMPLES:
        shutil.copytree(ROOT / "examples" / name, folder / name)
        (folder / name / "pipeline.py").rename(folder / name / f"{name}_pipeline.py")  # for mypy, a name is one module
    return Project(folder, installed(wheel, tmp_path_factory.mktemp("environment")))


def installed(wheel: Path, folder: Path) -> Path:
    """Make an environment with the wheel, and with the packages of this one after it; return its Python."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    purelib = Path(sysconfig.get_path("purelib"))
    (packages / "kfp" / "pipeline_spec").symlink_to(
        purelib / "kfp" / "pipeline_spec"
    )  # where kfp-pipeline-spec puts it
    (packages / "dependencies.pth").write_text(str(purelib))
    return folder / "bin" / "python"


@pytest.fixture(scope="session", params=["mypy", "pyright"])
def reports(request: pytest.FixtureRequest, project: Project) -> Reports:
    if importlib.util.find_spec(request.param) is None:
        missing(f"{request.param} is not installed (dependency group check)")
    check: Callable[[Project], Iterator[tuple[str, int, str, str]]] = {"mypy": mypy, "pyright": pyright}[request.param]
    found: dict[Path, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file, line, rule, message in check(project):
        found[Path(file)][line].append(f"{message} [{rule}]")
    return found


def mypy(project: Project) -> Iterator[tuple[str, int, str, str]]:
    own = [f"accepted/{name}" for name in ACCEPTED] + [f"refused/{name}" for name in REFUSED]
    examples = [f"{name}/{name}_pipeline.py" for name in EXAMPLES]
    for arguments in (["--strict", *own], ["--disable-error-code=valid-type", *examples]):
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", "--output=json", f"--python-executable={project.python}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=project.folder,
            env={**os.environ, "MYPYPATH": os.pathsep.join(EXAMPLES)},
        )
        assert ran.returncode in (0, 1), ran.stdout + ran.stderr
        for told in map(json.loads, filter(None, ran.stdout.splitlines())):
            if told["severity"] == "error":
                yield told["file"], told["line"], told["code"], told["message"]


def pyright(project: Project) -> Iterator[tuple[str, int, str, str]]:
    (project.folder / "pyrightconfig.json").write_text(json.dumps({"strict": ["accepted"]}))
    ran = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", project.python],
        capture_output=True,
        text=True,
        check=False,
        cwd=project.folder,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},  # it would ask PyPI for a newer version
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    for told in json.loads(ran.stdout)["generalDiagnostics"]:
        if told["severity"] == "error":
            file = Path(told["file"]).relative_to(project.folder.resolve())
            yield str(file), told["range"]["start"]["line"] + 1, told.get("rule", "syntax"), told["message"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_ordinary_code_passes(reports: Reports, name: str) -> None:
    assert not reports.get(Path("accepted", name))


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_reported(reports: Reports, name: str) -> None:
    lines = (HERE / "refused" / name).read_text().splitlines()
    assert set(reports[Path("refused", name)]) == {n for n, line in enumerate(lines, 1) if line.endswith("# refused")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_pass(reports: Reports, name: str) -> None:
    told = [
        f"{file}:{line}: {message}"
        for file, lines in reports.items()
        for line, messages in lines.items()
        for message in messages
        if file.parts[0] == name and not any(message.endswith(f"[{rule}]") for rule in NOT_A_TYPE)
    ]
    assert not told


@pytest.mark.parametrize("name", ACCEPTED)
def test_ordinary_code_compiles(name: str) -> None:
    """What the checkers accept are components and pipelines in fact."""
    module = importlib.import_module(f"tests.typing.accepted.{name.removesuffix('.py')}")
    components = [each for each in vars(module).values() if isinstance(each, BaseComponent)]
    assert all(document(component).spec.root for component in components)
    assert components


def test_the_wheel_says_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert "kfp/py.typed" in archive.namelist()
