"""A user's own test files, run by pytest in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points
from pathlib import Path

import kfp

ROOT = Path(__file__).parents[2]
FIXTURES = "kfp.testing.fixtures"
COMPONENTS = """
        import pytest
        from kfp import dsl, local
        from kfp.dsl import Dataset, Input, Output
        from kfp.errors import RunError, StepError

        @dsl.component
        def add(a: int, b: int = 3) -> int:
            return a + b

        @dsl.component
        def read(data: Input[Dataset]) -> str:
            return open(data.path).read()

        @dsl.component
        def fail(text: str) -> str:
            print("about to fail")
            raise ValueError(text)

        @dsl.pipeline
        def sums(x: int = 1) -> int:
            first = add(a=x)
            return add(a=first.output, b=10).output
"""


def pytest_run(directory: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests as a user does who has installed the package; where it is not installed, the entry point is named."""
    (directory / "test_pipelines.py").write_text(textwrap.dedent(tests))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(directory)]
    command += ["--basetemp", str(directory / "temporary")]  # else it deletes what other runs of pytest have left
    if FIXTURES not in {each.value for each in entry_points(group="pytest11")}:
        command += ["-p", FIXTURES]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "KFP_HOME": str(directory / "home")}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [*command, str(directory)], env=environment, cwd=directory, capture_output=True, text=True, check=False
    )


def test_components_pipelines_and_failures(tmp_path: Path) -> None:
    ran = pytest_run(
        tmp_path,
        COMPONENTS
        + """
        def test_a_component(kfp_run):
            assert kfp_run(add, a=1).output == 4

        def test_a_component_with_an_artifact(kfp_run, tmp_path):
            (tmp_path / "data.txt").write_text("hello")
            assert kfp_run(read, data=Dataset(uri=str(tmp_path / "data.txt"))).output == "hello"

        def test_a_pipeline_and_its_tasks(kfp_run):
            run = kfp_run(sums, x=2)
            assert (run.output, run.tasks["add"].output, run.tasks["add-2"].output) == (15, 5, 15)

        def test_a_component_that_is_called(kfp_run):
            assert add(a=2).output == 5

        def test_a_failure(kfp_run):
            with pytest.raises(StepError, match="no good") as caught:
                kfp_run(fail, text="no good")
            assert caught.value.task == "fail"
            assert open(caught.value.log).read().startswith("about to fail")

        def test_a_failure_that_does_not_raise(kfp_run):
            kfp_run.set_up(raise_on_error=False)
            assert kfp_run(fail, text="no good").state == "FAILED"

        def test_nothing_is_left_behind():
            with pytest.raises(RunError, match="no local runner is set up"):
                add(a=1)
        """,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "7 passed" in ran.stdout
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["cache", "images"]


def test_pytest_shows_the_line_of_the_test_and_the_steps_traceback(tmp_path: Path) -> None:
    test = """
        def test_it(kfp_run):
            kfp_run(fail, text="no good")  # here
    """
    ran = pytest_run(tmp_path, COMPONENTS + test)
    shown = ran.stdout.partition("Captured")[0]
    assert '>       kfp_run(fail, text="no good")  # here' in shown.splitlines()
    assert "ValueError: no good" in shown
    assert "kfp/local" not in shown
    assert "kfp/testing" not in shown


def test_each_test_has_a_store_of_its_own(tmp_path: Path) -> None:
    ran = pytest_run(
        tmp_path,
        COMPONENTS
        + """
        from kfp.engine.records.store import Store

        @pytest.mark.parametrize("number", range(2))
        def test_one_run(kfp_run, kfp_home, number):
            task = kfp_run(add, a=number)
            store = Store(kfp_home)
            assert [run.id for run in store.runs()] == [task.run_id]
            store.close()
        """,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_projects_that_do_not_use_them_load_nothing_of_ours(tmp_path: Path) -> None:
    ran = pytest_run(
        tmp_path,
        """
        import sys

        def test_other():
            ours = {name for name in sys.modules if name.split(".")[0] == "kfp"}
            assert ours <= {"kfp", "kfp.version", "kfp.testing", "kfp.testing.fixtures"}
        """,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_entry_point_is_declared() -> None:
    assert f'kfp = "{FIXTURES}"' in (ROOT / "pyproject.toml").read_text().split("pytest11]")[1]


def test_public_names() -> None:
    assert kfp.testing.__all__ == ["Run"]
    assert kfp.testing.Run.__name__ == "Run"
