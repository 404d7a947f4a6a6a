"""What no name leads to is deleted; what one leads to, or somebody is about to name, is not, whoever is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kfp.errors import StoreError
from kfp.images.artifact import Artifact
from kfp.images.attachments import Attachments
from kfp.images.collect import Spare, collect
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.making import ARM64, make_image
from tests.images.test_store_kill import drain

ONE, TWO = Reference.parse("localhost/one:1"), Reference.parse("localhost/two:1")


def blobs(store: Store) -> set[str]:
    return {f"sha256:{path.name}" for path in (store.root / "blobs/sha256").iterdir()}


def test_removing_and_collecting_frees(store: Store) -> None:
    kept, gone = make_image(store), make_image(store, text="other")
    store.put(kept, ONE)
    store.put(gone, TWO)
    before = blobs(store)
    assert collect(store).freed == 0
    store.remove(TWO)
    told = collect(store, dry_run=True)
    assert blobs(store) == before
    collected = collect(store)
    assert collected == told
    assert before - blobs(store) == {gone.layers[1].descriptor.digest, gone.id, gone.digest}
    assert collected.files == 3
    assert collected.freed == sum(
        (gone.layers[1].descriptor.size, len(gone.config.to_bytes()), len(gone.manifest.data))
    )
    assert collected.kept == collected.needed == sum(p.stat().st_size for p in (store.root / "blobs/sha256").iterdir())
    for layer in kept.layers:
        drain(layer)


def test_an_index_keeps_its_images(store: Store) -> None:
    images = [make_image(store), make_image(store, platform=ARM64, text="arm")]
    store.put(ImageIndex.of(images), ONE)
    before = blobs(store)
    assert collect(store).files == 0
    assert blobs(store) == before
    store.remove(ONE)
    collect(store)
    assert blobs(store) == set()


def test_an_index_may_list_images_that_were_never_fetched(store: Store) -> None:
    here, elsewhere = make_image(store), make_image(store, platform=ARM64, text="arm")
    store.put(here, ONE)
    index = ImageIndex.of([here, elsewhere]).index
    store.tag(store.blobs.put(index.data, index.media_type), ONE)
    assert collect(store).files == 1
    assert store.get(ONE) is not None


def test_what_is_attached_goes_with_its_image(store: Store) -> None:
    image = make_image(store)
    store.put(image, ONE)
    attachments = Attachments(store.blobs)
    attachments.set(image.digest, [Artifact.of(b"{}\n", "application/vnd.test+json", image.manifest.descriptor)])
    assert collect(store).files == 0
    assert len(attachments.of(image.digest)) == 1
    store.remove(ONE)
    collect(store)
    assert (blobs(store), attachments.subjects()) == (set(), ())


def test_where_a_blob_came_from_is_forgotten_with_it(store: Store) -> None:
    image = make_image(store)
    store.put(image, ONE)
    for layer in image.layers:
        store.blobs.origins.record(layer.descriptor.digest, TWO)
    collect(store)
    assert store.origin(image.layers[0].descriptor.digest) == TWO
    store.remove(ONE)
    collect(store)
    assert store.origin(image.layers[0].descriptor.digest) is None


def test_spare_blobs_stay_while_there_is_room_the_latest_used_first(store: Store, tmp_path: Path) -> None:
    image = make_image(store)
    store.put(image, ONE)
    spares = []
    for number, used in enumerate([30.0, 10.0, 20.0]):
        layer = build_layer([Entry.file("f", os.urandom(10_000 + number))], store.blobs)
        record = tmp_path / f"{number}.json"
        record.touch()
        spares.append(Spare(used, record, frozenset({layer.descriptor.digest})))
    needed = collect(store, find_spare=lambda: spares, max_size=1 << 30).needed
    assert blobs(store) >= {digest for spare in spares for digest in spare.digests}
    collected = collect(store, find_spare=lambda: spares, max_size=needed + 25_000)
    assert [spare.record.exists() for spare in spares] == [True, False, True]
    assert (collected.files, needed < collected.kept <= needed + 25_000) == (2, True)
    assert collect(store, find_spare=lambda: [spares[0], spares[2]]).files == 4
    assert len(blobs(store)) == 4


def test_a_limit_below_what_images_need_deletes_no_image(store: Store) -> None:
    image = make_image(store)
    store.put(image, ONE)
    collected = collect(store, max_size=1)
    assert (collected.files, collected.kept) == (0, collected.needed)
    assert collected.kept > 1


def test_a_spare_that_an_image_needs_costs_nothing(store: Store, tmp_path: Path) -> None:
    image = make_image(store)
    store.put(image, ONE)
    record = tmp_path / "record.json"
    record.touch()
    spare = Spare(0, record, frozenset({image.layers[0].descriptor.digest}))
    assert collect(store, find_spare=lambda: [spare]).files == 0
    store.blobs.path(image.layers[0].descriptor.digest).unlink()
    collect(store, find_spare=lambda: [spare])
    assert not record.exists(), "the blob is gone, the record says nothing any more"


def test_a_second_name_frees_nothing(store: Store, tmp_path: Path) -> None:
    layer = build_layer([Entry.file("f", b"x" * 5000)], store.blobs)
    (tmp_path / "link").hardlink_to(store.blobs.path(layer.descriptor.digest))
    collected = collect(store)
    assert (collected.files, collected.freed) == (1, 0)


def test_a_damaged_image_stops_the_collection(store: Store) -> None:
    image = make_image(store)
    store.put(image, ONE)
    store.blobs.path(image.digest).unlink()
    with pytest.raises(StoreError, match=image.digest):
        collect(store)
    assert store.blobs.has(image.layers[0].descriptor.digest)


def test_writers_are_waited_for(store: Store) -> None:
    told: list[bool] = []
    with store.in_use(), store.in_use():
        layer = build_layer([Entry.file("f", b"x")], store.blobs)
        with pytest.raises(StoreError, match="in use"):
            collect(store, patience=0.2, on_wait=lambda: told.append(True))
    assert told == [True]
    assert store.blobs.has(layer.descriptor.digest)
    assert collect(store).files == 1


def test_no_store_is_made(tmp_path: Path) -> None:
    assert collect(Store(tmp_path / "absent")).files == 0
    assert not (tmp_path / "absent").exists()


BUILDER = """
import os, random, sys
from pathlib import Path
from kfp.images.image import scratch
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry

store = Store(Path(sys.argv[1]))
moments = random.Random(sys.argv[2])
print("ready", flush=True)
for number in range(10_000):
    with store.in_use():
        # Few contents: most layers are found in the store, where nobody names them at that moment.
        layers = [build_layer([Entry.file("f", bytes([moments.randrange(8)]) * 50_000)], store.blobs) for _ in range(2)]
        reference = Reference.parse(f"localhost/{sys.argv[2]}:v{number}")
        store.put(scratch(Platform("linux", "amd64")).append(*layers), reference)
    print(number, flush=True)
    if number >= 2:
        store.remove(Reference.parse(f"localhost/{sys.argv[2]}:v{number - 2}"))
"""
COLLECTOR = """
import sys
from pathlib import Path
from kfp.images.collect import collect
from kfp.images.store import Store

print("ready", flush=True)
while True:
    collect(Store(Path(sys.argv[1])))
"""


def test_builders_and_collectors_that_are_killed(store: Store) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    moments = random.Random(11)
    for kill in range(5):
        programs = [BUILDER, BUILDER, COLLECTOR]
        running = [
            subprocess.Popen(
                [sys.executable, "-c", program, str(store.root), f"w{kill}-{number}"],
                env=env, stdout=subprocess.PIPE, text=True,
            )
            for number, program in enumerate(programs)
        ]  # fmt: skip
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.05, 0.5))
        for process in moments.sample(running, len(running)):
            process.send_signal(signal.SIGKILL)
        for process in running:
            process.communicate()
        for stored in store.list():
            image = store.get(stored.reference)
            assert image is not None
            assert stored.complete
            for layer in image.layers:
                drain(layer)
    for stored in store.list():
        store.remove(stored.reference)
    collect(store)
    assert blobs(store) == set()
    assert list(store.blobs.drafts.iterdir()) == []
