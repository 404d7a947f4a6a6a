from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kfp import bundle

HEADER = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"


class Ran:
    def __init__(self, process: subprocess.CompletedProcess[str], output: Path) -> None:
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr
        self.output = json.loads(output.read_text()) if output.exists() else None


def step(tmp_path: Path, source: str, *options: str, inputs: str = "{}", name: str = "f") -> Ran:
    """Run a lightweight component's source in a process of its own, from the bundle's directory."""
    component = tmp_path / "component.py"
    component.write_text(HEADER + source)
    output = tmp_path / "out.json"
    executor_input = f'{{"inputs": {inputs}, "outputs": {{"outputFile": "{output}"}}}}'
    command = [sys.executable, "-m", "kfp.dsl.executor_main", "--component_module_path", str(component)]
    options = options or ("--executor_input", executor_input, "--function_to_execute", name)
    environment = {**os.environ, "PYTHONPATH": str(bundle.directory(tmp_path / "cache"))}
    process = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    return Ran(process, output)


def test_a_step(tmp_path: Path) -> None:
    ran = step(
        tmp_path,
        "def f(a: int) -> int:\n    print('hello')\n    return a + 1\n",
        inputs='{"parameterValues":{"a":2.0}}',
    )
    assert (ran.code, ran.out, ran.err) == (0, "hello\n", "")
    assert ran.output == {"parameterValues": {"Output": 3}}


def test_the_input_may_lie_in_a_file(tmp_path: Path) -> None:
    text = "x" * 300_000
    output = tmp_path / "out.json"
    executor_input = {"inputs": {"parameterValues": {"a": text}}, "outputs": {"outputFile": str(output)}}
    (tmp_path / "input.json").write_text(json.dumps(executor_input))
    options = (f"--executor_input=@{tmp_path / 'input.json'}", "--function_to_execute=f")
    ran = step(tmp_path, "def f(a: str) -> int:\n    return len(a)\n", *options)
    assert ran.output == {"parameterValues": {"Output": 300_000}}


def test_a_failing_component_shows_its_own_traceback(tmp_path: Path) -> None:
    ran = step(tmp_path, "def f():\n    g()\ndef g():\n    raise ValueError('boom')\n")
    assert ran.code == 1
    lines = [line for line in ran.err.splitlines() if line.strip(" ~^")]
    assert lines == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path}/component.py", line 8, in f',
        "    g()",
        f'  File "{tmp_path}/component.py", line 10, in g',
        "    raise ValueError('boom')",
        "ValueError: boom",
    ]


def test_a_module_that_cannot_be_imported(tmp_path: Path) -> None:
    ran = step(tmp_path, "1 / 0\ndef f(): ...\n")
    assert ran.code == 1
    assert ran.err.splitlines()[1] == f'  File "{tmp_path}/component.py", line 7, in <module>'
    assert step(tmp_path, "def f(:\n").err.endswith("SyntaxError: invalid syntax\n")


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("def f(): ...\n", "g", "component.py defines no function 'g'"),
        ("def f(a: int): ...\n", "f", "component 'f' got no value for its input 'a'"),
        ("def f() -> int: return 'x'\n", "f", "component 'f' returned a value of type str for its output 'Output'"),
    ],
)
def test_one_clear_error(tmp_path: Path, source: str, name: str, message: str) -> None:
    ran = step(tmp_path, source, name=name)
    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_exit_codes_of_the_component_stand(tmp_path: Path) -> None:
    assert step(tmp_path, "def f():\n    raise SystemExit(3)\n").code == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--function_to_execute", "f"), "--executor_input is missing"),
        (("--executor_input", "{}"), "--function_to_execute is missing"),
        (("--executor_input",), "--executor_input needs a value"),
        (("--nonsense", "x"), "unknown option '--nonsense'"),
    ],
)
def test_usage(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    ran = step(tmp_path, "def f(): ...\n", *options)
    assert ran.code == 2
    assert ran.err.startswith(message)


@pytest.mark.parametrize("text", ["{", "[]", "@/does/not/exist"])
def test_unreadable_input(tmp_path: Path, text: str) -> None:
    ran = step(tmp_path, "def f(): ...\n", "--executor_input", text, "--function_to_execute", "f")
    assert (ran.code, ran.err[:25]) == (1, "error: the executor input")


def test_worker_processes_find_the_component(tmp_path: Path) -> None:
    source = (
        "def double(x): return 2 * x\n"
        "def f() -> list:\n"
        "    import multiprocessing\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        return pool.map(double, [1, 2])\n"
    )
    ran = step(tmp_path, source)
    assert (ran.err, ran.output) == ("", {"parameterValues": {"Output": [2, 4]}})
