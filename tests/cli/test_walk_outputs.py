"""The whole output of every command of the walk, and of what goes wrong on it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Kfp, Outcome
from tests.cli.snapshot import check
from tests.parts.registry import RunningRegistry

HELPER = "def add_numbers(num1, num2):\n    return num1 + num2\n"
COMPONENT = """\
from kfp import dsl
from .math import add_numbers


@dsl.component(base_image={base!r}, target_image={target!r})
def add(a: int, b: int) -> int:
    print("adding", a, b)
    return add_numbers(a, b)
"""
PIPELINE = """\
from kfp import dsl
from src.my_component import add


@dsl.pipeline
def math_pipeline(x: int, y: int) -> int:
    '''Add y to x, then x again.'''
    task1 = add(a=x, b=y)
    task2 = add(a=task1.output, b=x)
    return task2.output
"""
DIVISION = """\
from kfp import dsl


@dsl.component(base_image={base!r})
def divide(a: int) -> float:
    return a / 0


@dsl.pipeline
def division(a: int) -> float:
    return divide(a=a).output
"""
TARGET = "localhost:5000/my-project/my-component:v1"

Recorded = Callable[[str], Outcome]


class Recorder:
    """Runs commands in a project's directory and keeps what they printed."""

    def __init__(self, kfp: Kfp, folder: Path, home: Path) -> None:
        self.kfp, self.folder, self.home = kfp, folder, home
        self.seen: dict[str, Outcome] = {}

    def __call__(self, command: str, shown: str | None = None) -> Outcome:
        outcome = self.kfp(*shlex.split(command))
        self.seen[f"kfp {shown or command}"] = outcome
        return outcome

    def check(self, name: str) -> None:
        check(name, self.seen, {self.folder: "<project>", self.home: "<home>"})


@pytest.fixture
def record(kfp: Kfp, kfp_home: Path, base_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The quickstart's directory on a bootstrapped base."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src/math.py").write_text(HELPER)
    (folder / "src/my_component.py").write_text(COMPONENT.format(base=base_image, target=TARGET))
    (folder / "pipeline.py").write_text(PIPELINE)
    (folder / "division.py").write_text(DIVISION.format(base=base_image))
    monkeypatch.chdir(folder)
    return Recorder(kfp, folder, kfp_home)


def test_the_walk(record: Recorder) -> None:
    build = "component build src/ --component-filepattern my_component.py --no-push-image"
    assert record(build).code == 0
    assert record(f"{build} --engine docker").code == 0
    assert record("dsl compile --py pipeline.py --output pipeline.yaml").code == 0
    assert record("run create --package-file pipeline.yaml x=2 y=3").out == "Output = 7\n"
    record("run list")
    run_id = json.loads(record.kfp("--output", "json", "run", "list").out)[0]["run_id"]
    assert record(f"run get {run_id}", "run get RUN_ID").code == 0
    record("image list")
    record.check("walk")


def test_a_dockerfile_instead(record: Recorder) -> None:
    command = "component build src/ --component-filepattern my_component.py --no-build-image"
    record(command)
    assert (record.folder / "src/Dockerfile").is_file()
    record(f"{command} --overwrite-dockerfile")
    record.check("dockerfile")


def test_a_push(record: Recorder, registry: RunningRegistry, base_image: str) -> None:
    target = f"{registry.host}/cli/snapshot:v1"
    (record.folder / "src/my_component.py").write_text(COMPONENT.format(base=base_image, target=target))
    first = record.kfp("component", "build", "src/")
    second = record.kfp("component", "build", "src/", "--output", "json")
    assert (first.code, second.code) == (0, 0)
    lines = first.err.splitlines()
    assert f"pushing {target}" in lines
    assert sum("  sent" in line for line in lines) >= 3
    assert "  pushed    " in first.out
    assert "blob" in first.out
    (image,) = json.loads(second.out)
    assert (image["name"], image["pushed"], image["sent_bytes"]) == (target, False, 0)
    assert [layer["cached"] for layer in image["platforms"][0]["layers"]] == [True, True, True]


def test_a_push_that_fails_leaves_the_image(record: Recorder, base_image: str) -> None:
    (record.folder / "src/my_component.py").write_text(
        COMPONENT.format(base=base_image, target="localhost:1/my-project/my-component:v1")
    )
    assert record("component build src/").code == 1
    record("image list")
    record.check("push-fails")


def test_a_step_that_fails(record: Recorder) -> None:
    record("dsl compile --py division.py --output division.yaml")
    assert record("run create -f division.yaml a=2").code == 1
    record("--output json run list", "run list as JSON")
    (run,) = json.loads(record.seen.pop("kfp run list as JSON").out)
    assert run["state"] == "FAILED"
    record(f"run get {run['run_id'][:8]}", "run get ID")
    record.check("step-fails")


def test_bad_input(record: Recorder) -> None:
    assert record("dsl compile --py pipeline.py --output pipeline.yaml").code == 0
    assert record("run create -f pipeline.yaml x=2").code == 1
    assert record("run create -f pipeline.yaml x=2 y=three").code == 1
    assert record("run create -f pipeline.yaml x=2 y=3 z=4").code == 1
    assert record("run create -f src/math.py x=2").code == 1
    assert record("component build src/ --component-filepattern 'nothing_*.py'").code == 1
    assert record("component build src/ --component-filepattern math.py").code == 1
    assert record("component build src/ --kfp-package-path x").code == 1
    assert record("run get no-such-run").code == 1
    assert record("run list --sort-by colour").code == 1
    record.check("bad-input")
