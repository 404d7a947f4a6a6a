"""A push is killed at random instants: no tag points at something incomplete, and the next push sends what lacks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.image import scratch
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.parts.registry import RunningRegistry
from tests.parts.store_check import faults

pytestmark = pytest.mark.engine

KILLS = int(os.environ.get("KFP_TEST_KILLS", "8"))
BASE = "kills/base"
PUSH = """\
import pathlib, sys
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.push import push_all
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.reference import Reference
from kfp.images.store import Store

first, *others = map(Reference.parse, sys.argv[2:])
whole = Store(pathlib.Path(sys.argv[1])).get_whole(first)
print("ready", flush=True)
push_all(whole, (first, *others), options=RegistryOptions(Keychain()))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def base_layers(registry: RunningRegistry, tmp_path_factory: pytest.TempPathFactory) -> ImageIndex:
    """Two platforms of a base in the real registry, reached under another name: its layers are streamed."""
    store = Store(tmp_path_factory.mktemp("base"))
    images = [
        scratch(Platform("linux", machine)).append(
            build_layer([Entry.file("base", os.urandom(500_000))], store.blobs, compressor=None)
        )
        for machine in ("amd64", "arm64")
    ]
    whole = ImageIndex.of(images)
    push(whole, Reference.parse(f"{registry.host}/{BASE}:v1"), options=RegistryOptions(Keychain()))
    return whole


def make(store: Store, base: ImageIndex, source: str, target: Reference) -> ImageIndex:
    """An index of two platforms: on each base four layers of which nobody has heard."""
    images = []
    for image in base.images:
        own = [
            build_layer([Entry.file(f"own{n}", os.urandom(400_000))], store.blobs, compressor=None) for n in range(4)
        ]
        images.append(image.append(*own))
    origins = {
        layer.descriptor.digest: Reference(source, BASE, digest=image.digest)
        for image in base.images
        for layer in image.layers
    }
    store.put(ImageIndex.of(image.with_source(store) for image in images), target, origins)
    whole = store.get_whole(target)
    assert isinstance(whole, ImageIndex)
    return whole


def killed(store: Store, names: list[Reference], seconds: float) -> bool:
    """Start a push and kill it after a while; return whether it was still at work."""
    command = [sys.executable, "-c", PUSH, str(store.root), *map(str, names)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        return process.stdout.read() == ""


@pytest.mark.timeout(60 + 10 * KILLS)
def test_kill_during_push(registry: RunningRegistry, base_layers: ImageIndex, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    options = RegistryOptions(Keychain())
    source = registry.host.replace("localhost", "127.0.0.1")  # another registry, as far as anybody can tell
    longest, at_work = 0.0, 0
    for number in range(KILLS + 1):
        store = Store(tmp_path / f"store{number}")
        names = [Reference.parse(f"{registry.host}/kills/{number}:{tag}") for tag in ("v1", "latest")]
        whole = make(store, base_layers, source, names[0])
        blobs = [blob.descriptor.digest for blob in whole.blobs]
        if number:
            was_at_work = killed(store, names, chance.uniform(0, longest))
            at_work += was_at_work
            longest *= 1 if was_at_work else 0.5  # the first push may have met a busy machine
        for name in names:
            digest = registry.digest_of(name.repository, name.tag or "")
            assert digest in (None, whole.digest)
            assert digest is None or registry.damage(name.repository, digest) == []
        assert faults(store) == []
        there = registry.linked(names[0].repository, blobs)
        started = time.monotonic()
        results = [push(whole, name, options=options) for name in names]
        longest = longest or 1.2 * (time.monotonic() - started)
        if results[0].pushed:
            assert results[0].skipped >= len(there)  # what the registry was still taking in comes on top
            assert results[0].uploaded + results[0].skipped == len(blobs)
        for name in names:
            assert registry.digest_of(name.repository, name.tag or "") == whole.digest
        assert registry.damage(names[0].repository, whole.digest) == []
    print(f"{at_work} of {KILLS} pushes were killed at work, within {longest:.2f} s")
    assert at_work
