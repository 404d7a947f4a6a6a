"""A kill at any moment of a build or a push leaves the store readable, and the next command works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.parts.registry import RunningRegistry
from tests.walk.conftest import COMPONENT, Project

KILLS = int(os.environ.get("KFP_TEST_KILLS", "12"))


@pytest.mark.timeout(60 + 10 * KILLS)
def test_kill_during_build_and_push(project: Project, base_image: str, registry: RunningRegistry) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    target = f"{registry.host}/kill/adder:v1"
    project.write({"src/my_component.py": COMPONENT.format(base=base_image, target=target)})
    started = time.monotonic()
    project.build()
    whole = time.monotonic() - started
    for round_number in range(KILLS):
        project.write({"src/math.py": f"ROUND = {round_number}\ndef add_numbers(a, b):\n    return a + b\n"})
        process = subprocess.Popen(
            [sys.executable, "-m", "kfp.cli", "component", "build", "src/", "--component-filepattern", "my_*.py"],
            cwd=project.folder, env=project.environment(), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0, 1.1 * whole))
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
        assert base_image in project.kfp("image", "list")
    project.build()
    images = project.data("image", "list")
    assert isinstance(images, list)
    (digest,) = [image["digest"] for image in images if image["name"] == target]
    assert digest.removeprefix("sha256:") in registry.blobs()
