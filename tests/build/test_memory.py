"""How much memory a build and a push take does not depend on how much goes in."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.images.distribution.push import push
from kfp.images.layer import build_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.build.conftest import Write, component, python_base
from tests.parts.memory import PEAKS_ARE_TOLD
from tests.parts.registry import RunningRegistry, serve_registry
from tests.requirements.wheels import write_wheel

MEGABYTE = 1 << 20
LIMIT = 150
"""Megabytes."""

COMMAND = """\
import atexit, sys
from kfp.cli import main
from tests.parts.memory import peak
atexit.register(lambda: print(peak(), file=sys.stderr))
main()
"""


def peak(*arguments: str) -> float:
    """Run `kfp` and return the most megabytes that it held, its children not counted."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env=os.environ, check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1]) / MEGABYTE


@pytest.mark.engine
@pytest.mark.skipif(not PEAKS_ARE_TOLD, reason="only Linux tells a process's peak")
def test_170_mb_of_packages_on_a_large_base_from_another_registry(
    source: Write, wheels: Path, registry: RunningRegistry, tmp_path: Path
) -> None:
    text = random.Random(1).randbytes(21 * MEGABYTE).hex()
    names = ("first", "second", "third", "fourth")
    for name in names:
        write_wheel(wheels, name, files={f"{name}.py": f"# {name} {text}"})
    (tmp_path / "elsewhere").mkdir()
    with serve_registry(tmp_path / "elsewhere") as elsewhere:
        base = Reference.parse(f"{elsewhere.host}/large/base:1")
        blobs = Store(tmp_path / "scratch").blobs
        zeros = [Entry.file("srv/zeros", bytes(200 * MEGABYTE))]
        push(python_base().append(build_layer(zeros, blobs, compressor=None)), base)
        target = f"{registry.host}/memory/large:1"
        folder = source({"a.py": component(base=str(base), target=target, packages=names)})
        assert peak("component", "build", str(folder)) <= LIMIT
        assert peak("component", "build", str(folder), "--compression", "zstd") <= LIMIT
    assert registry.digest_of("memory/large", "1") is not None
