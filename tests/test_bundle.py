"""The bundle in the three ways it travels, on every Python from 3.7 on that this machine has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kfp import bundle
from kfp.bundle.bootstrap import INSTALLED, bootstrap
from kfp.bundle.payload import PARTS, payload
from tests.parts.interpreters import interpreters

PYTHONS = sorted((v for v in interpreters() if int(v.partition(".")[2]) >= 7), key=lambda v: int(v.partition(".")[2]))
AUTHORING = [version for version in PYTHONS if int(version.partition(".")[2]) >= 10]
SIGNATURE = (
    "Signature(function,{'a':InputParameter('a','STRING',None,False,ABSENT,False,'value',str,False,)},{},(),False,{},)"
)
HEADER = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"


def run(
    version: str, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [str(interpreters()[version]), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**kept, **(env or {})},
    )


def options(output: Path, name: str, **values: object) -> list[str]:
    executor_input = {"inputs": {"parameterValues": values}, "outputs": {"outputFile": str(output)}}
    return ["--executor_input", json.dumps(executor_input), "--function_to_execute", name]


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """The bundle as the image's runtime layer holds it."""
    return bundle.directory(tmp_path / "cache")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """An empty directory for temporary files and as the working directory."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def test_the_running_python_is_among_them() -> None:
    assert "{}.{}".format(*sys.version_info[:2]) in PYTHONS


def test_image_files() -> None:
    files = bundle.image_files()
    assert {"kfp/__init__.py", "kfp/dsl/executor_main.py", "kfp/runtime/executor.py", "sitecustomize.py"} <= set(files)
    assert list(files) == sorted(files)
    tops = {path.split("/")[1] for path in files if "/" in path}
    assert tops == {"__init__.py", "errors.py", "location.py", "version.py", "dsl", "runtime"}
    assert all(path.endswith(".py") for path in files)


def test_directory_holds_the_image_files_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: bundle.directory(tmp_path / "cache"), range(8)))
    (directory,) = made
    assert list((tmp_path / "cache").iterdir()) == [directory]
    found = {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*.py")}
    assert found == bundle.image_files()


def test_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        bundle.directory(tmp_path / "file")


@pytest.mark.parametrize("version", PYTHONS)
def test_import(version: str, runtime: Path, scratch: Path) -> None:
    program = (
        "from kfp import dsl; from kfp.dsl import Input, Dataset, Model; print(Input[Dataset], dsl.Model is Model)"
    )
    ran = run(version, "-W", "error", "-c", program, cwd=scratch, env={"PYTHONPATH": str(runtime)})
    assert (ran.stdout, ran.stderr) == ("Input[Dataset] True\n", "")


@pytest.mark.parametrize("version", PYTHONS)
def test_a_lightweight_step(version: str, scratch: Path) -> None:
    """In an empty directory, with nothing installed; the signature has forms of Python 3.10."""
    source = HEADER + (
        "def add(a: int, many: list[int], none: int | None = None)"
        " -> NamedTuple('O', [('sum', int), ('of', Dict[str, int])]):\n"
        "    import os\n    assert none is None and os.listdir('.') != []\n    return a + sum(many), {'n': len(many)}\n"
    )
    (scratch / "types.py").write_text("raise SystemExit('a file of the working directory hid the library')")
    output = scratch / "out" / "o.json"
    program = bootstrap(parts=frozenset({"modern_syntax"}))
    arguments = ["-c", program, source, *options(output, "add", a=1.0, many=[2.0, 3.0])]
    ran = run(version, "-W", "error", *arguments, cwd=scratch, env={"TMPDIR": str(scratch)})
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert output.read_text() == '{"parameterValues": {"sum": 6, "of": {"n": 2}}}'
    assert sorted(path.name for path in scratch.iterdir()) == ["out", "types.py"], "temporary files are left"


@pytest.mark.parametrize("version", PYTHONS)
def test_a_failing_lightweight_step(version: str, scratch: Path) -> None:
    source = HEADER + "def f():\n    raise ValueError('boom')\n"
    arguments = ["-c", bootstrap(), source, *options(scratch / "o.json", "f")]
    ran = run(version, *arguments, cwd=scratch, env={"TMPDIR": str(scratch)})
    lines = [line.strip() for line in ran.stderr.splitlines() if line.strip(" ~^")]
    assert ran.returncode == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('ephemeral_component.py", line 8, in f')
    assert lines[2:] == ["raise ValueError('boom')", "ValueError: boom"]
    assert list(scratch.iterdir()) == []


def test_authoring_names_are_stand_ins_in_a_lightweight_step(scratch: Path) -> None:
    source = HEADER + "from kfp import compiler\ndef f():\n    compiler.Compiler()\n"
    arguments = ["-c", bootstrap(), source, *options(scratch / "o.json", "f")]
    ran = run(PYTHONS[0], *arguments, cwd=scratch)
    assert ran.returncode == 1
    expected = r"error: .*/ephemeral_component\.py:9: kfp\.compiler\.Compiler is not available inside a step\nhint: "
    assert re.match(expected, ran.stderr)


def test_a_part_that_did_not_travel_says_so(scratch: Path) -> None:
    source = HEADER + "def f():\n    getattr(dsl, 'ClassificationMetrics')()\n"
    arguments = ["-c", bootstrap(), source, *options(scratch / "o.json", "f")]
    ran = run(PYTHONS[0], *arguments, cwd=scratch)
    assert ran.returncode == 1
    assert re.match(r"error: .*:8: dsl\.ClassificationMetrics did not travel with this component\nhint: ", ran.stderr)


def test_the_images_own_kfp_without_the_embedded_one(runtime: Path, scratch: Path) -> None:
    source = HEADER + "def f() -> str:\n    return kfp.__file__\n"
    arguments = ["-c", INSTALLED, source, *options(scratch / "o.json", "f")]
    environment = {"PYTHONPATH": str(runtime), "TMPDIR": str(scratch)}
    ran = run(PYTHONS[-1], *arguments, cwd=scratch, env=environment)
    assert ran.stderr == ""
    assert json.loads((scratch / "o.json").read_text()) == {
        "parameterValues": {"Output": str(runtime / "kfp" / "__init__.py")}
    }


@pytest.mark.parametrize(
    ("parts", "signature", "limit"),
    [((), SIGNATURE, 10_500), ((), None, 13_800), (PARTS, None, 16_300)],
    ids=["plain", "with the reader", "everything"],
)
def test_bootstrap_can_stand_in_a_command(parts: Iterable[str], signature: str | None, limit: int) -> None:
    """Nothing in it is a template of KFP or Argo, a variable of Kubernetes, or grows in JSON made fit for HTML."""
    program = bootstrap(frozenset(parts), signature)
    assert set(program) <= {"\n", *map(chr, range(32, 127))}
    assert not re.search(r"\{\{|\}\}|\$\$|\$\(", program)
    packed = max(re.findall(r'"([^"]*)"', program), key=len)
    assert not set(packed) & set("\"'\\ ${}<>&\n")
    assert len(program) < limit


def test_bootstrap_without_the_bundle_is_short() -> None:
    assert len(INSTALLED) < 1000


@pytest.mark.parametrize("version", AUTHORING)
def test_bootstrap_is_the_same_on_every_python(version: str, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(bundle.__file__).parents[2]), "KFP_HOME": str(tmp_path)}
    program = (
        "from kfp.bundle.bootstrap import bootstrap; from kfp.bundle.payload import PARTS; "
        "print(bootstrap(), bootstrap(parts=frozenset(PARTS)), end='')"
    )
    both = f"{bootstrap()} {bootstrap(parts=frozenset(PARTS))}"
    assert run(version, "-c", program, cwd=tmp_path, env=environment).stdout == both
    kept = [path.read_text() for path in tmp_path.glob("cache/bootstrap/*")]
    assert [text in both for text in kept] == [True, True]


def test_a_damaged_cache_is_packed_again(kfp_home: Path) -> None:
    payload.cache_clear()
    whole = bootstrap()
    (kept,) = (kfp_home / "cache" / "bootstrap").iterdir()
    kept.write_text(kept.read_text()[:1000])
    payload.cache_clear()
    assert bootstrap() == whole
    assert kept.read_text() in whole


COMPONENT_DIRECTORY = {
    "kfp_config.ini": "[Components]\nadd = my_component.py\n",
    "my_component.py": """
import json, random, types
import math as library
from kfp import compiler, dsl
from kfp.components import load_component_from_file
from .math import add_numbers
from . import assist
import assist as same_assist
from pkg.deep.inner import twice
import pkg.deep.inner as plain
from .pkg.deep import inner

def add(a: int, b: int) -> int:
    assert assist is same_assist and inner is plain
    assert library.sqrt(4) == 2 and json.loads("1") == 1 and types.ModuleType and random.random
    import decimal, typing
    return add_numbers(a, twice(b)) + assist.OFFSET

if __name__ == "__main__":
    compiler.Compiler().compile(add, "add.yaml")
""",
    "assist.py": "import my_component\nfrom .math import add_numbers\nOFFSET = 100\n",
    "pkg/__init__.py": "",
    "pkg/deep/__init__.py": "",
    "pkg/deep/inner.py": "import random\nfrom ...math import add_numbers\nfrom assist import OFFSET\n"
    "def twice(x): return add_numbers(x, x)\n",
    "math.py": "def add_numbers(num1, num2): return num1 + num2\n",
    **{
        f"{name}.py": f"raise SystemExit('the sibling {name} hid the library')\n"
        for name in ("types", "json", "random", "typing", "os", "importlib", "contextlib", "runpy", "pkgutil")
    },
}


@pytest.mark.parametrize("safe_path", ["1", ""])
@pytest.mark.parametrize("version", PYTHONS)
def test_a_component_directory(version: str, safe_path: str, runtime: Path, scratch: Path, tmp_path: Path) -> None:
    for name, text in COMPONENT_DIRECTORY.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(text)
    environment = {"PYTHONPATH": str(runtime), "PYTHONSAFEPATH": safe_path, "PYTHONDONTWRITEBYTECODE": "1"}
    output = tmp_path / "o.json"
    arguments = ["-m", "kfp.dsl.executor_main", *options(output, "add", a=2, b=3)]
    ran = run(version, "-W", "error", *arguments, cwd=scratch, env=environment)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert output.read_text() == '{"parameterValues": {"Output": 108}}'


def test_worker_processes_of_a_component_directory(runtime: Path, scratch: Path) -> None:
    (scratch / "kfp_config.ini").write_text("[Components]\nf = component.py\n")
    (scratch / "assist.py").write_text("def double(x): return 2 * x\n")
    (scratch / "component.py").write_text(
        "from .assist import double\nimport multiprocessing\n"
        "def f() -> list:\n    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        return pool.map(double, [1, 2])\n"
    )
    environment = {"PYTHONPATH": str(runtime), "PYTHONSAFEPATH": "1"}
    arguments = ["-m", "kfp.dsl.executor_main", *options(scratch / "o.json", "f")]
    ran = run(PYTHONS[-1], *arguments, cwd=scratch, env=environment)
    assert (ran.stderr, (scratch / "o.json").read_text()) == ("", '{"parameterValues": {"Output": [2, 4]}}')


@pytest.mark.parametrize("version", PYTHONS)
def test_the_images_own_sitecustomize_still_runs(version: str, runtime: Path, scratch: Path) -> None:
    (scratch / "sitecustomize.py").write_text("import sys\nsys.MARK = __name__\n")
    program = "import sys, sitecustomize; print(sys.MARK, sitecustomize.__file__)"
    environment = {"PYTHONPATH": f"{runtime}{os.pathsep}{scratch}"}
    ran = run(version, "-c", program, cwd=runtime, env=environment)
    assert (ran.stdout, ran.stderr) == (f"sitecustomize {scratch / 'sitecustomize.py'}\n", "")
