from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp.engine.executors.guard import Guard

# Runs a guard over two groups and two containers, of which the first ones end, and is killed then.
PROGRAM = """
import os, signal, subprocess, sys
from kfp.engine.executors.guard import Guard

guard = Guard([sys.argv[1], "rm"])
first = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, start_new_session=True)
second = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, start_new_session=True)
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
        deadline = time.monotonic() + 10
        while runs(second) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (runs(first), runs(second)) == (True, False)
        while not (tmp_path / "asked").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert set((tmp_path / "asked").read_text().splitlines()) == {"rm left"}
    finally:
        os.kill(first, 9)


def test_nothing_starts_once_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard()
    guard.close()
    monkeypatch.setattr(subprocess, "Popen", None)
    with guard.group(1), guard.container("name"):
        pass


def runs(number: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], stdout=subprocess.PIPE, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")
