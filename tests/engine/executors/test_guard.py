from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp.engine.executors.guard import Guard
from tests.engine.executors.test_process import wait_until

# Runs a guard over two groups and two containers, of which the first ones end, and is killed then.
PROGRAM = """
import os, signal, subprocess, sys
from kfp.engine.executors.guard import Guard

guard = Guard([sys.argv[1], "rm"])
first = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True)
second = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True)
with guard.container("over"), guard.group(first.pid):
    pass
with guard.container("left"), guard.group(second.pid):
    print(first.pid, second.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_is_guarded_ends_with_the_process_and_nothing_else(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    engine.chmod(0o755)
    said = subprocess.run([sys.executable, "-c", PROGRAM, str(engine)], stdout=subprocess.PIPE, text=True, check=False)
    first, second = map(int, said.stdout.split())
    try:
        assert wait_until(lambda: not runs(second))
        assert runs(first)
        asked = tmp_path / "asked"
        assert wait_until(lambda: asked.exists() and asked.read_text().endswith("\n"))
        assert set(asked.read_text().splitlines()) == {"rm left"}
    finally:
        os.kill(first, 9)


# Starts children one after another in several threads, so that at any instant some have started a moment ago.
STARTING = """
import contextlib, os, sys, threading
from pathlib import Path
from kfp.engine.executors.child import Child
from kfp.engine.executors.guard import Guard

guard, folder = Guard(), Path(sys.argv[1])

def start(number):
    command = ["sh", "-c", f": {folder.name}; exec sleep 600"]
    with contextlib.suppress(OSError):
        Child(1, guard).run(command, environment=os.environ, cwd=folder, log=folder / str(number), on_line=print)

print("ready", flush=True)
for number in range(200):
    threading.Thread(target=start, args=(number,)).start()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the environments of processes are not told")
@pytest.mark.parametrize("turn", range(8))
def test_no_child_outlives_a_kill_at_any_instant(tmp_path: Path, turn: int) -> None:
    home = tmp_path / secrets.token_hex(8)
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", STARTING, str(home)], stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.01 + turn * 0.007)
        process.kill()
    is_over = wait_until(lambda: not working_in(home))
    for number in working_in(home):
        os.kill(number, 9)
    assert is_over


def working_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


def test_nothing_starts_once_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard()
    guard.close()
    monkeypatch.setattr(subprocess, "Popen", None)
    with guard.group(1), guard.container("name"):
        pass


def runs(number: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], stdout=subprocess.PIPE, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")
