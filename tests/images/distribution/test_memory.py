"""A base goes from one real registry to another through this machine: not into the store, and not into memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.images.distribution.push import push
from kfp.images.image import Image, scratch
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.parts.memory import PEAKS_ARE_TOLD
from tests.parts.registry import RunningRegistry

pytestmark = pytest.mark.engine

LAYERS, LAYER_SIZE = 4, 32 * 1024 * 1024
BOUND = 64 * 1024 * 1024
"""Resident bytes of the whole process, interpreter and all."""

STREAM = """\
import json, pathlib, sys
from kfp.images.distribution.pull import resolve
from kfp.images.distribution.push import push
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.parts.memory import peak

store, source, target = Store(pathlib.Path(sys.argv[1])), *map(Reference.parse, sys.argv[2:])
result = push(resolve(source, store=store), target)
print(json.dumps({"digest": result.digest, "sent": result.uploaded_bytes, "peak": peak()}))
"""


@pytest.fixture
def large(tmp_path: Path, registry: RunningRegistry) -> Image:
    """An image in a real registry, larger than the memory that moving it may take."""
    store = Store(tmp_path / "first")
    image = scratch(Platform("linux", "amd64"))
    for number in range(LAYERS):
        entry = Entry.file(f"large{number}", os.urandom(LAYER_SIZE))
        image = image.append(build_layer([entry], store.blobs, compressor=None))
    push(image, Reference.parse(f"{registry.host}/memory/base:v1"))
    return image


@pytest.mark.skipif(not PEAKS_ARE_TOLD, reason="only Linux tells a process's peak")
def test_a_large_base_is_streamed_through(
    large: Image, registry: RunningRegistry, locked_registry: RunningRegistry, tmp_path: Path
) -> None:
    (tmp_path / "docker-config" / "config.json").write_text(locked_registry.docker_config())
    source, target = f"{registry.host}/memory/base:v1", f"{locked_registry.host}/memory/copy:v1"
    done = subprocess.run(
        [sys.executable, "-c", STREAM, tmp_path / "second", source, target],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["digest"] == large.digest
    assert told["sent"] > LAYERS * LAYER_SIZE
    assert told["peak"] < BOUND, f"{told['peak'] / 2**20:.0f} MiB"
    assert locked_registry.damage("memory/copy", large.digest) == []
    stored = sum(path.stat().st_size for path in (tmp_path / "second").rglob("*") if path.is_file())
    assert stored < 100_000
