"""uv crashes now and then when its work is done, or while it is at it."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import uv as uv_package

from kfp.errors import RequirementsError
from kfp.requirements import Layout, Target, build_wheel, environment, install, lock, uv
from tests.requirements.projects import write_project
from tests.requirements.wheels import write_wheel

CRASHING = """\
#!{python}
import os, pathlib, signal, subprocess, sys
words = [word for word in sys.argv[1:] if word in ("compile", "install", "venv", "build")]
starts = pathlib.Path({folder!r}, words[0])
with starts.open("a") as file:
    file.write("x")
status = subprocess.run([{uv!r}, *sys.argv[1:]]).returncode
if starts.stat().st_size < 3:
    for broken in pathlib.Path({ruins!r}).rglob({pattern!r}):
        broken.unlink()  # it may be a link into uv's cache
        broken.write_text("half")
    os.kill(os.getpid(), signal.SIGSEGV)
sys.exit(status)
"""

Crash = Callable[..., Path]


def use_as_uv(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "uv"
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setattr("kfp.requirements.uv._binary", lambda: str(program))


@pytest.fixture
def crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crash:
    """A uv whose first two starts of every kind crash, and leave half of the files that a pattern names."""

    def prepare(ruins: Path, pattern: str) -> Path:
        folder = tmp_path / "starts"
        folder.mkdir()
        settings = {"folder": str(folder), "ruins": str(ruins), "pattern": pattern}
        text = CRASHING.format(python=sys.executable, uv=uv_package.find_uv_bin(), **settings)
        use_as_uv(text, tmp_path, monkeypatch)
        return folder

    return prepare


def test_a_lock_outlasts_crashes(wheels: Path, tmp_path: Path, crash: Crash, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    starts = crash(tmp_path / "temporary", "pylock.toml")
    assert [each.name for each in lock(["tiny"], Target("3.11"), cache=tmp_path / "locks").packages] == ["tiny"]
    assert (starts / "compile").read_text() == "xxx"


def test_an_installation_outlasts_crashes(wheels: Path, tmp_path: Path, crash: Crash) -> None:
    write_wheel(wheels, files={"tiny.py": "whole = True\n"})
    locked = lock(["tiny"], Target("3.11"), cache=tmp_path / "locks")
    (tmp_path / "staging").mkdir()
    starts = crash(tmp_path / "staging", "tiny.py")
    layout = Layout("site", "usr", "/usr/bin/python3")
    (tiny,) = install(locked.packages, Target("3.11"), layout, staging=tmp_path / "staging")
    (file,) = [each for each in tiny.files if each.path == "site/tiny.py"]
    assert isinstance(file.source, Path)
    assert file.source.read_text() == "whole = True\n"
    assert (starts / "install").read_text() == "xxx"


def test_an_environment_outlasts_crashes(wheels: Path, tmp_path: Path, crash: Crash) -> None:
    write_wheel(wheels, files={"tiny.py": "whole = True\n"})
    starts = crash(tmp_path / "environments", "tiny.py")
    made = environment(["tiny"], root=tmp_path / "environments").python
    (module,) = made.parents[1].rglob("tiny.py")
    assert module.read_text() == "whole = True\n"
    assert {each.name: len(each.read_text()) for each in starts.iterdir()} == {"compile": 3, "venv": 5, "install": 3}


def test_a_project_s_wheel_outlasts_crashes(tmp_path: Path, crash: Crash) -> None:
    write_project(tmp_path / "lib", "lib")
    (tmp_path / "wheels").mkdir()
    starts = crash(tmp_path / "wheels", "*.whl")
    assert zipfile.is_zipfile(build_wheel(tmp_path / "lib", tmp_path / "wheels"))
    assert (starts / "build").read_text() == "xxx"


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ("SEGV", r"cannot lock: uv crashed 3 times \(SIGSEGV\)"),
        ("ABRT", r"cannot lock: uv crashed 3 times \(SIGABRT\)"),
        ("KILL", "cannot lock: uv was ended by SIGKILL"),
        ("40", "cannot lock: uv was ended by signal 40"),
    ],
)
def test_what_ended_uv_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signal: str, message: str) -> None:
    use_as_uv(f"#!/bin/sh\necho x >> {tmp_path}/starts\nkill -{signal} $$\n", tmp_path, monkeypatch)
    with pytest.raises(RequirementsError, match=message) as failure:
        uv.run(["pip", "compile"], what="cannot lock", environ=dict(os.environ))
    assert failure.value.hint
    assert len((tmp_path / "starts").read_text().split()) == (3 if "crashed" in message else 1)
