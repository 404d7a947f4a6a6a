"""A kill at any moment of a build or a push: the store stays sound, and the next build is what it would have been."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kfp.build.packages import LAYER_LIMIT
from kfp.images.digest import sha256
from kfp.images.store import Store
from tests.parts import image_tools
from tests.parts.registry import RunningRegistry
from tests.parts.store_check import faults
from tests.requirements.wheels import write_wheel
from tests.walk.conftest import Project

KILLS = int(os.environ.get("KFP_TEST_KILLS", "12"))
OPTIONS = ((), ("--portable",), ("--compression", "zstd"))
COMMAND = ("component", "build", "src/", "--component-filepattern", "my_component.py")
COMPONENT = """\
from kfp import dsl
from .number import NUMBER


@dsl.component(base_image={base!r}, target_image={target!r}, packages_to_install=["part=={version}", "still"])
def add(a: int, b: int) -> int:
    return a + b + NUMBER
"""


def change(project: Project, wheels: Path, base: str, target: str, number: int) -> None:
    """Make the next version of the project: another source file, another wheel, large and small in turn."""
    times = 20_000 if number % 2 else 1
    write_wheel(wheels, "part", f"{number}.0", files={"part.py": f"NUMBER = {number}\n" * times})
    component = COMPONENT.format(base=base, target=target, version=f"{number}.0")
    project.write({"src/my_component.py": component, "src/number.py": f"NUMBER = {number}\n"})


def killed(project: Project, seconds: float, *options: str) -> bool:
    """Start a build and kill it, with all it has started, after a while; return whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kfp.cli", *COMMAND, *options],
        cwd=project.folder, env=project.environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(seconds)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def built(project: Project, *options: str) -> dict[str, Any]:
    report = project.data(*COMMAND, *options)
    assert isinstance(report, list)
    (image,) = report
    return dict(image)


def check_registry(registry: RunningRegistry, target: str, digest: str) -> None:
    """The registry holds exactly what the digest says."""
    manifest = image_tools.raw_manifest(target)
    assert sha256(manifest) == digest
    document = json.loads(manifest)
    for blob in (document["config"], *document["layers"]):
        assert sha256(image_tools.raw_blob(registry, blob["digest"])) == blob["digest"]


@pytest.mark.timeout(120 + 20 * KILLS)
def test_kill_during_build_and_push(
    project: Project, base_image: str, registry: RunningRegistry, wheels: Path, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    target = f"{registry.host}/kill/adder{seed}:v1"
    others = [f"other{number}" for number in range(LAYER_LIMIT)]  # the last layer is put together from several wheels
    for name in others:
        write_wheel(wheels, name)
    write_wheel(wheels, "still", requires=tuple(others))
    change(project, wheels, base_image, target, 0)
    calm = Project(project.folder, tmp_path / "calm-home")  # the same sources, built without disturbance
    shutil.copytree(project.home, calm.home)
    built(project)
    store = Store(project.home / "images")
    alive, whole, share = 0, 1.0, 1.0
    for number in range(1, KILLS + 1):
        options = OPTIONS[number % len(OPTIONS)]
        change(project, wheels, base_image, target, number)
        expected = built(calm, "--no-push-image", *options)
        was_alive = killed(project, chance.uniform(0, share * whole), *options)
        alive += was_alive
        share = 1.0 if was_alive else share / 2  # the build before may have met a busy machine
        assert faults(store) == []
        assert base_image in project.kfp("image", "list")
        started = time.monotonic()
        report = built(project, *options)
        whole = time.monotonic() - started
        assert report["platforms"][0]["id"] == expected["platforms"][0]["id"]
        assert list(store.blobs.drafts.iterdir()) == [], "a killed writer's draft is still there"
        check_registry(registry, target, report["digest"])
    assert faults(store) == []
    print(f"{alive} of {KILLS} were still running when they were killed, the last whole build took {whole:.2f} s")
    assert alive > KILLS // 3
