from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kfp.errors import BlobAbsent, InvalidImage, StoreError
from kfp.images.blob import MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.image import Image, scratch
from kfp.images.layer import build_layer
from kfp.images.manifest import Index, Manifest
from kfp.images.media_types import DOCKER, OCI, OCI_EMPTY, Family
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.making import make_image

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
NAME = Reference.parse("localhost:5000/a/b:v1")
ORIGIN = Reference.parse("python:3.11")


def make(store: Store, text: str = "hello", *, family: Family = OCI, platform: Platform = AMD64) -> Image:
    layer = build_layer([Entry.file("greeting", text.encode())], store.blobs)
    return scratch(platform, family=family).append(layer, created_by="test")


@pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])
def test_an_image_comes_back_from_another_process_s_view(store: Store, family: Family) -> None:
    image = make(store, family=family)
    store.put(image, NAME)
    found = Store(store.root).get(NAME)
    assert found is not None
    assert (found.manifest, found.config, found.id, found.digest) == (
        image.manifest,
        image.config,
        image.id,
        image.digest,
    )
    with found.layers[0].uncompressed() as tar:
        assert b"hello" in tar.read()


def test_nothing_is_made_by_looking(store: Store) -> None:
    assert store.get(NAME) is None
    assert store.list() == []
    assert not store.remove(NAME)
    assert not store.root.exists()


def test_a_name_holds_one_image(store: Store) -> None:
    first, second = make(store, "one"), make(store, "two")
    store.put(first, NAME)
    store.put(second, NAME)
    (line,) = store.list()
    assert (line.reference, line.digest, line.id, line.platform) == (NAME, second.digest, second.id, AMD64)
    assert line.complete
    assert line.size == second.manifest.config.size + second.layers[0].descriptor.size


def test_an_image_is_found_by_its_digest_whatever_its_tag(store: Store) -> None:
    image = make(store)
    store.put(image, NAME)
    assert store.get(NAME.with_digest(image.digest)) is not None
    assert store.get(Reference("localhost:5000", "a/b", None, image.digest)) is not None
    assert store.get(Reference("localhost:5000", "other", None, image.digest)) is None
    assert store.get(NAME.with_tag("v2")) is None


def test_a_removed_name_is_gone(store: Store) -> None:
    store.put(make(store), NAME)
    assert store.remove(NAME)
    assert store.get(NAME) is None
    assert not store.remove(NAME)


def test_an_image_for_another_platform_is_not_found(store: Store) -> None:
    store.put(make(store), NAME)
    assert store.get(NAME, AMD64) is not None
    assert store.get(NAME, ARM64) is None


def test_an_index_gives_the_image_of_the_platform(store: Store) -> None:
    images = {platform: make(store, str(platform), platform=platform) for platform in (AMD64, ARM64)}
    for platform, image in images.items():
        store.put(image, NAME.with_tag(platform.architecture))
    entries = [
        Descriptor(image.manifest.media_type, image.digest, len(image.manifest.data), platform=platform)
        for platform, image in images.items()
    ]
    index = Index.create(OCI, entries)
    store.tag(store.blobs.put(index.data, index.media_type), NAME)
    for platform, image in images.items():
        found = store.get(NAME, platform)
        assert found is not None
        assert found.id == image.id
    assert store.get(NAME, Platform("linux", "s390x")) is None
    assert [line.platform for line in store.list() if line.reference == NAME] == [AMD64, ARM64]


def test_what_is_no_image_is_not_listed_and_a_damaged_one_can_be_removed(store: Store) -> None:
    config = store.blobs.put(b"{}", OCI_EMPTY)
    manifest = Manifest.create(OCI, config)
    store.tag(store.blobs.put(manifest.data, manifest.media_type), NAME)
    assert store.list() == []
    with pytest.raises(InvalidImage, match="artifact"):
        store.get(NAME)
    store.put(make(store), NAME)
    store.blobs.path(store.list()[0].digest).write_bytes(b"damaged")
    with pytest.raises(StoreError):
        store.list()
    assert store.remove(NAME)
    assert store.list() == []


def test_a_base_whose_layers_are_elsewhere_is_legal(store: Store, tmp_path: Path) -> None:
    elsewhere = Store(tmp_path / "registry")
    base = make(elsewhere, "base").with_source(MemoryBlobs({}))
    image = base.append(build_layer([Entry.file("own", b"own")], store.blobs))
    absent = base.layers[0].descriptor
    store.put(image, NAME, origins={absent.digest: ORIGIN})

    again = Store(store.root)
    found = again.get(NAME)
    assert found is not None
    assert again.origin(absent.digest) == ORIGIN
    with pytest.raises(BlobAbsent) as caught:
        found.layers[0].open()
    assert (caught.value.digest, caught.value.origin) == (absent.digest, str(ORIGIN))
    assert [line.complete for line in again.list()] == [False]
    again.put(found, NAME.with_tag("v2"))  # the origin is known: nothing needs to be said again

    with elsewhere.open(absent) as stream:
        again.blobs.write(stream, absent)
    with found.layers[0].uncompressed() as tar:
        assert b"base" in tar.read()
    assert all(line.complete for line in again.list())


def test_a_layer_that_is_nowhere_is_refused_before_the_name_is_written(store: Store, tmp_path: Path) -> None:
    image = make(Store(tmp_path / "other")).with_source(MemoryBlobs({}))
    with pytest.raises(StoreError, match="neither in the store"):
        store.put(image, NAME)
    assert store.list() == []


def test_layers_are_copied_from_their_source(store: Store, tmp_path: Path) -> None:
    image = make(Store(tmp_path / "other"))
    store.put(image, NAME)
    assert store.blobs.has(image.layers[0].descriptor.digest)


def test_a_blob_that_is_not_what_was_promised_leaves_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(b"abc")
    good = Descriptor.of(b"abc", "x/y")
    for wrong in (
        Descriptor("x/y", good.digest, 2),
        Descriptor("x/y", good.digest, 4),
        Descriptor.of(b"abd", "x/y"),
    ):
        with path.open("rb") as stream, pytest.raises(InvalidImage):
            store.blobs.write(stream, wrong)
    assert list((store.root / "blobs" / "sha256").iterdir()) == []
    assert list(store.blobs.drafts.iterdir()) == []
    with path.open("rb") as stream:
        assert store.blobs.write(stream, good) == good


def test_a_blob_of_another_registered_algorithm_is_kept(store: Store, tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "blob"
    path.write_bytes(b"abc")
    descriptor = Descriptor("x/y", "sha512:" + hashlib.sha512(b"abc").hexdigest(), 3)
    with path.open("rb") as stream:
        store.blobs.write(stream, descriptor)
    assert store.blobs.read(descriptor, 10) == b"abc"


def test_damaged_blobs_are_noticed_and_mended(store: Store) -> None:
    image = make(store)
    store.put(image, NAME)
    config = store.blobs.path(image.id)
    data = config.read_bytes()
    config.write_bytes(data.replace(b"amd64", b"arm64"))
    with pytest.raises(InvalidImage, match="damaged"):
        store.get(NAME)
    config.write_bytes(data[:-1])
    with pytest.raises(StoreError, match="does not have"):
        store.get(NAME)
    store.put(image, NAME)
    assert store.get(NAME) is not None
    store.blobs.path(image.digest).unlink()
    with pytest.raises(StoreError, match="lacks the blob"):
        store.get(NAME)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"manifests": 3}', '{"manifests": [{"digest": "x"}]}'])
def test_a_damaged_index_is_an_error_with_a_way_out(store: Store, text: str) -> None:
    store.put(make(store), NAME)
    (store.root / "index.json").write_text(text)
    with pytest.raises(StoreError, match=r"index\.json") as caught:
        store.get(NAME)
    assert caught.value.hint


def test_entries_and_fields_of_other_tools_survive(store: Store) -> None:
    store.put(make(store), NAME)
    path = store.root / "index.json"
    document = json.loads(path.read_text())
    document["x-other"] = {"kept": True}
    document["manifests"].append({**document["manifests"][0], "annotations": {"who": "someone"}, "x": 1})
    path.write_text(json.dumps(document))
    store.put(make(store, "two"), NAME)
    after = json.loads(path.read_text())
    assert after["x-other"] == {"kept": True}
    assert document["manifests"][1] in after["manifests"]


def test_a_directory_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    other = Store(tmp_path / "other")
    image = make(other)
    broken = Store(tmp_path / "file" / "images")
    assert broken.get(NAME) is None
    with pytest.raises(StoreError, match="cannot be used") as caught:
        broken.put(image, NAME)
    assert caught.value.hint is not None


def test_a_place_where_even_root_may_not_write_is_a_store_error(tmp_path: Path) -> None:
    image = make(Store(tmp_path / "other"))
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Store(Path("/sys/images")).put(image, NAME)
    assert "directory" in (caught.value.hint or "")


def test_a_full_disk_is_a_store_error(store: Store) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            build_layer([Entry.file("big", os.urandom(1024 * 1024))], store.blobs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(store.blobs.drafts.iterdir()) == []


PUT = """
import sys
from pathlib import Path
from kfp.images.image import scratch
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
store = Store(Path(sys.argv[1]))
for number in range(10):
    store.put(scratch(Platform("linux", "amd64")), Reference.parse(f"localhost/{sys.argv[2]}:v{number}"))
"""


def test_several_processes_put_at_once_and_none_is_lost(store: Store) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen([sys.executable, "-c", PUT, str(store.root), f"name{number}"], env=env) for number in range(4)
    ]
    assert [process.wait() for process in running] == [0] * 4
    assert len(store.list()) == 40


def test_a_name_that_stays_writes_nothing(store: Store) -> None:
    image = make_image(store)
    for name in ("localhost/one:1", "localhost/two:1"):
        store.put(image, Reference.parse(name))
    before = (store.root / "index.json").stat().st_ino
    store.put(image, Reference.parse("localhost/one:1"))
    assert (store.root / "index.json").stat().st_ino == before
    store.put(make_image(store, text="other"), Reference.parse("localhost/one:1"))
    assert (store.root / "index.json").stat().st_ino != before
