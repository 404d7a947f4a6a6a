from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.errors import RequirementsError
from kfp.requirements import environment
from tests.requirements.wheels import write_wheel

ASK = """\
import pathlib, sys
from kfp.requirements import environment
print(environment(["tiny"], root=pathlib.Path(sys.argv[1])).python)
"""


def says(python: Path, code: str) -> str:
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.usefixtures("no_uv")
def test_no_packages_need_no_environment(tmp_path: Path) -> None:
    assert environment(["kfp==2.17"], root=tmp_path / "environments").python == Path(sys.executable)
    assert not (tmp_path / "environments").exists()


def test_an_environment_is_made_once(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels, scripts={"tiny-script": "tiny:run"}, files={"tiny.py": "def run(): print('ran')\n"})
    made = environment(["tiny", "kfp"], root=tmp_path / "environments").python
    assert says(made, "import tiny; print(tiny.__name__)") == "tiny"
    script = subprocess.run([str(made.with_name("tiny-script"))], capture_output=True, text=True, check=True)
    assert script.stdout == "ran\n"
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(tmp_path / "there-is-no-uv"))
    assert environment(["tiny"], root=tmp_path / "environments").python == made
    with pytest.raises(RequirementsError):
        environment(["tiny==1.0"], root=tmp_path / "environments")


def test_requirements_that_come_to_the_same_packages_share_an_environment(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    root = tmp_path / "environments"
    made = environment(["tiny"], root=root).python
    assert environment(["tiny==1.0"], root=root).python == made
    assert environment(["tiny >= 0.5", "tiny"], root=root).python == made
    assert len([each for each in root.iterdir() if (each / "bin").exists()]) == 1


def test_an_environment_that_was_deleted_is_made_again(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    root = tmp_path / "environments"
    made = environment(["tiny"], root=root).python
    shutil.rmtree(made.parents[1])
    assert environment(["tiny"], root=root).python == made
    assert says(made, "import tiny; print(1)") == "1"


def test_a_failure_leaves_nothing_that_looks_ready(wheels: Path, tmp_path: Path) -> None:
    root = tmp_path / "environments"
    with pytest.raises(RequirementsError, match="tiny"):
        environment(["tiny"], root=root)
    assert not list(root.glob("*/bin"))
    write_wheel(wheels)
    assert says(environment(["tiny"], root=root).python, "import tiny") == ""


def test_what_a_killed_process_left_is_replaced(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    root = tmp_path / "environments"
    made = environment(["tiny"], root=root).python
    place = made.parents[1]
    (place / ".kfp-ready").unlink()
    (place / "pyvenv.cfg").write_text("half")
    assert says(environment(["tiny"], root=root).python, "import tiny; print(1)") == "1"


def test_several_processes_at_once(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    command = [sys.executable, "-c", ASK, str(tmp_path / "environments")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) for _ in range(4)]
    answers = {process.communicate(timeout=60)[0].strip() for process in running}
    assert [process.returncode for process in running] == [0] * 4
    (answer,) = answers
    assert says(Path(answer), "import tiny; print(1)") == "1"


def test_another_interpreter_has_another_environment(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels)
    root = tmp_path / "environments"
    mine = environment(["tiny"], root=root).python
    assert environment(["tiny"], root=root, python=str(mine)).python == mine
    with pytest.raises(RequirementsError, match="does not start"):
        environment(["tiny"], root=root, python=str(tmp_path / "python"))
