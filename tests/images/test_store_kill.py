"""A writer that is killed at any moment leaves a store that is readable, and the next command works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kfp.images.digest import sha256
from kfp.images.layer import Layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import make_image

KILLS = 20

WRITER = """
import os, sys
from pathlib import Path
from kfp.images.blob import MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.image import scratch
from kfp.images.layer import Layer, build_layer
from kfp.images.media_types import OCI_LAYER_GZIP
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    number += 1
    absent = "sha256:" + os.urandom(32).hex()
    base = Layer(Descriptor(OCI_LAYER_GZIP, absent, 5), absent, MemoryBlobs({}))
    layers = [build_layer([Entry.file("f", os.urandom(200_000))], store.blobs) for _ in range(2)]
    image = scratch(Platform("linux", "amd64")).append(base, *layers)
    store.put(image, Reference.parse(f"localhost/{sys.argv[2]}:v{number}"), {absent: Reference.parse("base:v1")})
    print(number, image.id, flush=True)
"""


def drain(layer: Layer) -> None:
    with layer.uncompressed() as stream:
        while stream.read(1 << 20):
            pass


def test_a_killed_writer_loses_nothing_that_it_reported(tmp_path: Path) -> None:
    store = Store(tmp_path / "images")
    survivor = Reference.parse("localhost/survivor:v1")
    store.put(make_image(store), survivor)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    moments = random.Random(7)
    reported: dict[Reference, str] = {}
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store.root), f"writer{kill}"], env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            first = process.stdout.readline() if kill % 4 == 0 else ""  # however slow the disk is
            time.sleep(moments.uniform(0, 0.08))
            process.send_signal(signal.SIGKILL)
            for line in (first + process.stdout.read()).splitlines():
                number, image_id = line.split()
                reported[Reference.parse(f"localhost/writer{kill}:v{number}")] = image_id
        again = Store(store.root)
        listed = {stored.reference: stored for stored in again.list()}
        assert survivor in listed
        assert {name: listed[name].id for name in reported} == reported
        again.put(make_image(again, text=str(kill)), Reference.parse("localhost/next:v1"))
        # What the dead left is swept by the next writer; nothing of it looks like a blob.
        assert list(again.blobs.drafts.iterdir()) == []
    assert reported, "no writer lived long enough to report anything"
    for stored in store.list():
        image = store.get(stored.reference)
        assert image is not None
        for layer in image.layers:
            if store.blobs.has(layer.descriptor.digest):
                drain(layer)
            else:
                assert store.origin(layer.descriptor.digest) == Reference.parse("base:v1")
    for blob in (store.root / "blobs" / "sha256").iterdir():
        assert sha256(blob.read_bytes()) == f"sha256:{blob.name}"


def test_a_sweep_leaves_the_living_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "images")
    with store.blobs.writer() as writer:
        writer.write(b"slow")
        dead = store.blobs.drafts / ("0" * 32)
        dead.write_bytes(b"left by a killed process")
        Store(store.root).blobs.prepare()
        assert not dead.exists()
        descriptor = writer.commit("x/y")
    assert store.blobs.read(descriptor, 10) == b"slow"
