"""Builds and sweeps at once, killed at any moment: every image that has a name is whole, and the next build works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kfp import build
from kfp.build import BuildOptions
from kfp.build.sweeping import sweep
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, component
from tests.images.test_store_kill import drain
from tests.requirements.wheels import write_wheel

ROUNDS = 4

BUILDER = """
import sys
from pathlib import Path
from kfp import build
from kfp.build import BuildOptions
from kfp.home import kfp_home
from kfp.images.reference import Reference
from kfp.images.store import Store

store = Store(kfp_home() / "images")
folder = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    (folder / "data.txt").write_text(str(number % 3))  # contents come again: layers that nobody names are found
    (made,) = build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
    store.remove(made.reference)
    build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
"""
SWEEPER = """
from kfp.build.sweeping import sweep
from kfp.home import kfp_home
from kfp.images.store import Store

print("ready", flush=True)
number = 0
while True:
    number += 1
    sweep(Store(kfp_home() / "images"), kfp_home() / "cache", max_size=(0, 100_000, 1 << 30)[number % 3])
"""


def test_builds_and_sweeps_that_are_killed(store: Store, wheels: Path, kfp_home: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "big", files={"big.py": os.urandom(20_000).hex()})
    write_wheel(wheels, "small")
    folders = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        text = component(name, target=f"localhost/{name}:1", packages=("big", "small"))
        (folder / "a.py").write_text(text)
        folders.append(folder)
        build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
    moments = random.Random(5)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(ROUNDS):
        commands = [*([BUILDER, str(folder)] for folder in folders), [SWEEPER]]
        running = [
            subprocess.Popen([sys.executable, "-c", *command], env=env, stdout=subprocess.PIPE, text=True)
            for command in commands
        ]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.3, 1.2))
        assert [process.poll() for process in running] == [None] * 3, "nobody has failed"
        for process in moments.sample(running, len(running)):
            process.send_signal(signal.SIGKILL)
        for process in running:
            process.communicate()
        for stored in store.list():
            assert stored.complete
            image = store.get(stored.reference)
            assert image is not None
            for layer in image.layers:
                drain(layer)
    for folder in folders:
        (made,) = build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
        assert made.platforms[0].packages == ("big==1.0", "small==1.0")
        store.remove(made.reference)
    swept = sweep(store, kfp_home / "cache")
    assert swept.kept == swept.needed
    assert [stored.reference for stored in store.list()] == [Reference.parse(BASE)]
    assert len([*(kfp_home / "images/blobs/sha256").iterdir()]) == 2
