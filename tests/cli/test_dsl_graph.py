"""`kfp dsl graph`: from Python and from compiled files, to Mermaid and SVG."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Kfp

SOURCE = """\
from kfp import dsl

@dsl.component
def add(a: int) -> int:
    return a

@dsl.pipeline
def first(x: int) -> int:
    return add(a=add(a=x).output).output
"""
SECOND = """
@dsl.pipeline
def second():
    add(a=1)
"""
MERMAID = """\
flowchart TB
    n0(["x"])
    n1["add"]
    n2["add-2"]
    n3(["Output"])
    n0 -->|"a"| n1
    n1 -->|"a"| n2
    n2 --> n3
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.py").write_text(SOURCE)
    (tmp_path / "two.py").write_text(SOURCE + SECOND)


def test_python_to_mermaid_on_stdout(kfp: Kfp) -> None:
    assert kfp("dsl", "graph", "one.py").out == MERMAID


def test_python_to_files(kfp: Kfp) -> None:
    outcome = kfp("dsl", "graph", "one.py", "-o", "graph.svg")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "drew first to graph.svg\n")
    assert Path("graph.svg").read_text().startswith("<svg ")
    assert kfp("dsl", "graph", "one.py", "--output", "graph.mmd").code == 0
    assert Path("graph.mmd").read_text() == MERMAID


@pytest.mark.parametrize("name", ["p.yaml", "p.json"])
def test_a_compiled_file_gives_the_same(kfp: Kfp, name: str) -> None:
    assert kfp("dsl", "compile", "--py", "one.py", "--output", name).code == 0
    assert kfp("dsl", "graph", name).out == MERMAID


def test_one_of_several(kfp: Kfp) -> None:
    outcome = kfp("dsl", "graph", "two.py")
    assert outcome.code == 1
    assert "2 pipelines: first, second" in outcome.err
    assert kfp("dsl", "graph", "two.py", "--function", "second").out == 'flowchart TB\n    n0["add"]\n'


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["one.py", "-o", "graph.png"], 1, "error: graph.png: a graph's file ends in .svg or .mmd"),
        (["one.py", "-o", "nowhere/graph.svg"], 1, "error: cannot write nowhere/graph.svg"),
        (["nowhere.py"], 2, "'nowhere.py' does not exist"),
        (["broken.yaml"], 1, "error: broken.yaml: not a PipelineSpec"),
        (["broken.yaml", "--function", "p"], 2, "--function: only with a .py file"),
    ],
)
def test_mistakes(kfp: Kfp, arguments: list[str], code: int, message: str) -> None:
    Path("broken.yaml").write_text("a: 1\n")
    outcome = kfp("dsl", "graph", *arguments)
    assert outcome.code == code
    assert message in outcome.err
    assert not list(Path().glob("graph.*"))
