"""Containers of an ordinary user, by runc, without a daemon and without a right of root's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.processes import require

pytestmark = pytest.mark.engine

SOMEBODY = 12345
PROGRAM = """
import json, os, sys
from pathlib import Path
from kfp.engine.running.choice import choose_executor
from kfp.engine.planning.limits import Limits
from tests.engine.executors.test_container_steps import play
from tests.parts.runtimes import Runtime

home, image = Path(sys.argv[1]), sys.argv[2]
said = {"capabilities": int(open("/proc/self/status").read().split("CapEff:")[1].split()[0], 16)}
for name, options in (("plain", {}), ("user", {"user": "1000"})):
    executor = choose_executor(Runtime("runc", "runc").settings(home, container_options=options))
    script = f"id -u; touch /usr/local/mine /etc/new && echo writes; echo o > {home}/step/out"
    end, told = play(executor, home, image, script, limits=Limits(cpu=1, memory=10**8))
    said[name] = end.error or told.lines
    executor.close()
said["left"] = os.listdir(home / "cache" / "containers")
said["layers"] = os.listdir(home / "cache" / "layers")
print(json.dumps(said))
"""


@pytest.fixture
def ordinary(bootstrapped: Path) -> Iterator[tuple[list[str], Path]]:
    """How to run a program as somebody else, who may read everything (the tests' own files) but do nothing more."""
    require("runc", "runc")
    if os.geteuid() != 0:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(bootstrapped, folder, dirs_exist_ok=True)
            yield [], Path(folder)
        return
    require("setpriv", "util-linux")
    command = [
        "setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups",
        "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
    ]  # fmt: skip
    tried = subprocess.run(
        [*command, "unshare", "--user", "--map-root-user", "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"no user namespaces for ordinary users here: {tried.stderr.strip()}")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(bootstrapped, folder, dirs_exist_ok=True)
        for path in [Path(folder), *Path(folder).rglob("*")]:
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
        yield command, Path(folder)


def test_a_step_of_an_ordinary_user(ordinary: tuple[list[str], Path]) -> None:
    command, home = ordinary
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(home), "KFP_HOME": str(home)}
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, str(home), "localhost/python-base:test"],
        capture_output=True, text=True, check=False, env=environment, cwd=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert not said["capabilities"] >> 21 & 1, "no right to administer the system"
    assert said["plain"] == ["0", "writes"]
    assert (home / "step" / "out").stat().st_uid == (SOMEBODY if command else os.geteuid())
    assert "a container of an ordinary user has no user '1000'" in said["user"]
    assert said["layers"] == ["mine-user"]
    assert said["left"] == []
