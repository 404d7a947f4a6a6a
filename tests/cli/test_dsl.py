"""`kfp dsl compile`: what is loaded, what is chosen, what is written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Kfp, Outcome

COMPONENTS = """\
from kfp import dsl

@dsl.component
def first(a: int) -> int:
    return a

@dsl.component
def second(a: int) -> int:
    return a
"""
PIPELINE = """
@dsl.pipeline
def {name}(x: int, y: str = 'q') -> int:
    return first(a=x).output
"""


@pytest.fixture
def compiled(kfp: Kfp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Compile files given as name → text; the first is the pipeline's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def call(*options: str, output: str = "out.yaml", **texts: str) -> Outcome:
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return kfp("dsl", "compile", "--py", f"{next(iter(texts))}.py", "--output", output, *options)

    return call


def name_of(path: str = "out.yaml") -> str:
    return str(yaml.safe_load(Path(path).read_text())["pipelineInfo"]["name"])


@pytest.mark.parametrize(
    ("text", "options", "name"),
    [
        (COMPONENTS + PIPELINE.format(name="only"), [], "only"),
        (COMPONENTS + PIPELINE.format(name="one") + PIPELINE.format(name="two"), ["--function", "two"], "two"),
        (COMPONENTS + PIPELINE.format(name="one"), ["--function", "second"], "second"),
        (COMPONENTS.replace("@dsl.component\ndef second", "def second"), [], "first"),
        (COMPONENTS + PIPELINE.format(name="one") + "\nalias = one\n", [], "one"),
        ("from other import one\n" + COMPONENTS + PIPELINE.format(name="mine"), [], "mine"),
        ("from other import one\n", [], "one"),
    ],
)
def test_chooses(compiled: Kfp, text: str, options: list[str], name: str) -> None:
    outcome = compiled(*options, p=text, other=COMPONENTS + PIPELINE.format(name="one"))
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"compiled {name} to out.yaml\n")
    assert name_of() == name


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [
        (
            COMPONENTS + PIPELINE.format(name="one") + PIPELINE.format(name="two"), [],
            "error: p.py has 2 pipelines: one, two\nhint: say which one, such as --function one\n",
        ),
        (
            COMPONENTS, [],
            (
                "error: p.py has 2 components and no pipeline: first, second\n"
                "hint: say which one, such as --function first\n"
            ),
        ),
        (
            COMPONENTS + PIPELINE.format(name="one"), ["--function", "none"],
            (
                "error: p.py has no pipeline or component 'none'\n"
                "hint: it has the pipeline one and the components first, second\n"
            ),
        ),
        (
            "x = 1\n", [],
            "error: p.py has no pipeline and no component\nhint: decorate a function with @dsl.pipeline\n",
        ),
        (
            "from kfp import dsl\nimport absent_module_x.y\n", [],
            (
                "error: p.py:2: cannot be loaded: ModuleNotFoundError: No module named 'absent_module_x'\n"
                "hint: install absent_module_x, or import it inside the component that uses it\n"
            ),
        ),
        ("\n\ndef broken(:\n", [], "error: p.py:3: cannot be loaded: SyntaxError: invalid syntax\n"),
        ("def f():\n    1 / 0\n\nf()\n", [], "error: p.py:2: cannot be loaded: ZeroDivisionError: division by zero\n"),
        (
            "import sys\nsys.exit()\n", [],
            (
                "error: p.py:2: cannot be loaded: it ends the program when it is imported\n"
                "hint: put what a script does under `if __name__ == '__main__':`\n"
            ),
        ),
        ("import beside\n", [], "error: beside.py:1: p.py cannot be loaded: KeyError: 'x'\n"),
    ],
)  # fmt: skip
def test_refuses(compiled: Kfp, text: str, options: list[str], error: str) -> None:
    outcome = compiled(*options, p=text, beside="{}['x']\n")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", error)
    assert not Path("out.yaml").exists()


def test_an_authoring_error_says_where(compiled: Kfp) -> None:
    outcome = compiled(p=COMPONENTS + "\n@dsl.pipeline\ndef p():\n    first(a='text')\n")
    assert outcome.code == 1
    assert outcome.err.startswith("error: p.py:13: ")


def test_siblings_do_not_hide_the_standard_library(compiled: Kfp) -> None:
    shadows = dict.fromkeys(("math", "types", "json", "random", "typing"), "raise RuntimeError('hidden')\n")
    text = "import json, math, random, types\nassert math.pi and json.dumps\n" + COMPONENTS + PIPELINE.format(name="p")
    outcome = compiled(p=text, **shadows)
    assert (outcome.code, outcome.err) == (0, "compiled p to out.yaml\n")


def test_modules_beside_the_file(compiled: Kfp) -> None:
    text = "from parts.steps import first\nfrom .names import NAME\nfrom kfp import dsl\n" + PIPELINE.format(name="p")
    outcome = compiled(p=text, parts__steps=COMPONENTS, names="NAME = 'n'\n")
    assert (outcome.code, outcome.err) == (0, "compiled p to out.yaml\n")


def test_a_file_somewhere_else(kfp: Kfp, tmp_path: Path) -> None:
    (tmp_path / "my-pipeline.v2.py").write_text(COMPONENTS + PIPELINE.format(name="p"))
    outcome = kfp("dsl", "compile", "--py", tmp_path / "my-pipeline.v2.py", "--output", tmp_path / "out.json")
    assert outcome.code == 0
    assert json.loads((tmp_path / "out.json").read_text())["pipelineInfo"]["name"] == "p"


def test_what_the_file_prints_is_not_the_result(compiled: Kfp) -> None:
    outcome = compiled(p="print('loading')\n" + COMPONENTS + PIPELINE.format(name="p"))
    assert (outcome.out, outcome.err) == ("", "loading\ncompiled p to out.yaml\n")


def test_parameters_become_defaults(compiled: Kfp) -> None:
    outcome = compiled("--pipeline-parameters", '{"x": 3, "y": "r"}', p=COMPONENTS + PIPELINE.format(name="p"))
    assert outcome.code == 0
    inputs = yaml.safe_load(Path("out.yaml").read_text())["root"]["inputDefinitions"]["parameters"]
    assert (inputs["x"]["defaultValue"], inputs["y"]["defaultValue"]) == (3, "r")


@pytest.mark.parametrize(
    ("parameters", "code", "says"),
    [
        ('{"x": ', 2, "--pipeline-parameters is not JSON"),
        ("[1]", 2, "is not a JSON object"),
        ('{"z": 1}', 1, "no parameter 'z'"),
        ('{"x": "three"}', 1, "three"),
    ],
)
def test_wrong_parameters(compiled: Kfp, parameters: str, code: int, says: str) -> None:
    outcome = compiled("--pipeline-parameters", parameters, p=COMPONENTS + PIPELINE.format(name="p"))
    assert outcome.code == code
    assert says in outcome.err
    assert not Path("out.yaml").exists()


def test_type_checks_can_be_switched_off(compiled: Kfp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfp.TYPE_CHECK", True)
    text = COMPONENTS + "\n@dsl.pipeline\ndef p(t: str):\n    first(a=t)\n"
    assert compiled(p=text).code == 1
    assert compiled("--disable-type-check", p=text).code == 0


@pytest.mark.parametrize("switched_off", [False, True])
def test_caching_can_be_switched_off(compiled: Kfp, monkeypatch: pytest.MonkeyPatch, switched_off: bool) -> None:
    monkeypatch.setenv("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT", "")
    options = ["--disable-execution-caching-by-default"] if switched_off else []
    assert compiled(*options, p=COMPONENTS + PIPELINE.format(name="p")).code == 0
    task = yaml.safe_load(Path("out.yaml").read_text())["root"]["dag"]["tasks"]["first"]
    assert task["cachingOptions"] == ({} if switched_off else {"enableCache": True})


def test_the_output_must_be_a_pipelines_file(compiled: Kfp) -> None:
    for output in ("out.txt", "nowhere/out.yaml"):
        outcome = compiled(output=output, p=COMPONENTS + PIPELINE.format(name="p"))
        assert outcome.code == 1
        assert output in outcome.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_the_file_loads(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "p.py").write_text("import pathlib, time\npathlib.Path('marker').touch()\ntime.sleep(60)\n")
    program = [sys.executable, "-m", "kfp.cli", "dsl", "compile", "--py", "p.py", "--output", "out.yaml"]
    with subprocess.Popen(program, cwd=tmp_path, stdout=-1, stderr=-1, text=True) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "marker").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    word = "interrupted" if number == signal.SIGINT else "terminated"
    assert (process.returncode, out, err.strip()) == (128 + number, "", word)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == ["p.py"]


def test_kubernetes_resources(compiled: Kfp, tmp_path: Path) -> None:
    options = ("--kubernetes-manifest-format", "--include-pipeline-manifest", "--namespace", "team")
    outcome = compiled(*options, "--pipeline-name", "adding", "--function", "first", p=COMPONENTS)
    assert outcome.code == 0, outcome.err
    pipeline, version = yaml.safe_load_all((tmp_path / "out.yaml").read_text())
    assert pipeline["metadata"] == version["metadata"] == {"name": "adding", "namespace": "team"}
    assert version["spec"]["pipelineName"] == "adding"


def test_names_of_resources_need_the_format(compiled: Kfp) -> None:
    outcome = compiled("--pipeline-name", "adding", p=COMPONENTS)
    assert outcome.code == 2
    assert "--pipeline-name: only together with --kubernetes-manifest-format" in outcome.err
