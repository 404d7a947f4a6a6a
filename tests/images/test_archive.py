from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.errors import BlobAbsent, ImageError, InvalidImage, StoreError
from kfp.images import archive, archive_files
from kfp.images.blob import MemoryBlobs
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.image import scratch
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.manifest import Index
from kfp.images.media_types import DOCKER, OCI, Family
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import AMD64, ARM64, ENTRIES, Raw, make_image, raw_tar

NAME = Reference.parse("localhost:5000/team/name:v1")
OTHER = Reference.parse("other:v2")


@pytest.fixture
def target(tmp_path: Path) -> Store:
    return Store(tmp_path / "target")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


def files_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]


def write(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(raw_tar(*(Raw(name, data) for name, data in files.items())))
    return path


@pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])
@pytest.mark.parametrize("form", ["oci", "docker"])
@pytest.mark.parametrize("squeeze", [False, True], ids=["plain", "gzip"])
def test_a_saved_image_loads_with_the_same_id(
    store: Store, target: Store, path: Path, family: Family, form: archive.Format, squeeze: bool
) -> None:
    image = make_image(store, family=family)
    archive.save(image, NAME, path, form)
    if squeeze:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert archive.load(path, target) == [NAME]
    found = target.get(NAME)
    assert found is not None
    assert found.id == image.id
    assert [layer.diff_id for layer in found.layers] == list(image.config.diff_ids)
    with found.layers[0].uncompressed() as stream:
        assert b"hello" in stream.read()
    assert list(target.blobs.drafts.iterdir()) == []


def test_a_stream_is_a_docker_archive(store: Store, path: Path) -> None:
    image = make_image(store)
    out = io.BytesIO()
    archive.write_docker_archive(image, Reference.parse("python:3.11"), out)
    path.write_bytes(out.getvalue())
    files = files_of(path)
    (item,) = json.loads(files["manifest.json"])
    assert item["RepoTags"] == ["docker.io/library/python:3.11"]
    assert sha256(files[item["Config"]]) == image.id
    assert [sha256(gzip.decompress(files[name])) for name in item["Layers"]] == list(image.config.diff_ids)


def test_layers_in_zstd_lie_uncompressed_in_a_docker_archive(store: Store, target: Store, path: Path) -> None:
    layer = build_layer(ENTRIES, store.blobs, compressor="zstd")
    image = scratch(AMD64).append(layer)
    archive.save(image, NAME, path, "docker")
    files = files_of(path)
    (item,) = json.loads(files["manifest.json"])
    assert [sha256(files[name]) for name in item["Layers"]] == [layer.diff_id]
    assert archive.load(path, target) == [NAME]
    found = target.get(NAME)
    assert found is not None
    assert found.id == image.id


def test_what_docker_save_writes_loads(store: Store, target: Store, path: Path) -> None:
    """Uncompressed layers in directories, a repeated one as a symbolic link, several names, an image without a name."""
    image = make_image(store)
    tars = []
    for layer in image.layers:
        with layer.uncompressed() as stream:
            tars.append(stream.read())
    config = image.append(image.layers[0]).config
    item = {
        "Config": "c.json",
        "RepoTags": ["a:1", "localhost:5000/b:2"],
        "Layers": ["1/layer.tar", "2/layer.tar", "3/layer.tar"],
    }
    path.write_bytes(
        raw_tar(
            Raw("1/", type=tarfile.DIRTYPE),
            Raw("1/VERSION", b"1.0"),
            Raw("1/layer.tar", tars[0]),
            Raw("2/layer.tar", tars[1]),
            Raw("3/layer.tar", type=tarfile.SYMTYPE, link="../1/layer.tar"),
            Raw("c.json", config.to_bytes()),
            Raw("manifest.json", json.dumps([item, {**item, "RepoTags": None}]).encode()),
            Raw("repositories", b"{}"),
        )
    )
    names = [Reference.parse("a:1"), Reference.parse("localhost:5000/b:2")]
    assert archive.load(path, target) == names
    for name in names:
        found = target.get(name)
        assert found is not None
        assert (found.id, found.config.diff_ids) == (config.digest, config.diff_ids)


def test_an_index_of_platforms_loads(store: Store, target: Store, path: Path) -> None:
    images = [make_image(store, platform=AMD64, text="a"), make_image(store, platform=ARM64, text="b")]
    index = Index.create(
        OCI, [Descriptor(i.manifest.media_type, i.digest, len(i.manifest.data), platform=i.platform) for i in images]
    )
    files: dict[str, bytes] = {}
    for image in images:
        archive.save(image, NAME, path)
        files |= files_of(path)
    entry = {**index.descriptor.to_json(), "annotations": {"org.opencontainers.image.ref.name": str(NAME)}}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    files["blobs/sha256/" + index.digest[7:]] = index.data
    assert archive.load(write(path, files), target) == [NAME]
    assert [line.platform for line in target.list()] == [AMD64, ARM64]


def test_an_archive_without_names_gets_the_caller_s(store: Store, target: Store, path: Path) -> None:
    archive.save(make_image(store), NAME, path)
    files = files_of(path)
    files["index.json"] = files["index.json"].replace(b"ref.name", b"other")
    write(path, files)
    with pytest.raises(InvalidImage, match="names no image"):
        archive.load(path, target)
    assert archive.load(path, target, OTHER) == [OTHER]
    assert target.get(OTHER) is not None


def test_a_failed_save_leaves_what_was_there(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "out" / "image.tar"
    path.parent.mkdir()
    path.write_bytes(b"before")
    image = make_image(store).with_source(MemoryBlobs({}))
    with pytest.raises(BlobAbsent):
        archive.save(image, NAME, path)
    assert [(p.name, p.read_bytes()) for p in path.parent.iterdir()] == [("image.tar", b"before")]


def test_a_place_that_cannot_be_written_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing") as caught:
        archive.save(make_image(store), NAME, tmp_path / "missing" / "image.tar")
    assert caught.value.hint == "make the directory first"


Files = dict[str, bytes]


def _without(*words: str) -> Callable[[Files], Files]:
    return lambda files: {name: data for name, data in files.items() if not any(word in name for word in words)}


def _swap(name: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: data}


def _index(change: Callable[[dict[str, Any]], object]) -> Callable[[Files], Files]:
    def apply(files: Files) -> Files:
        document = json.loads(files["index.json"])
        change(document)
        return {**files, "index.json": json.dumps(document).encode()}

    return apply


def _damage(files: Files) -> Files:
    name = max((n for n in files if n.startswith("blobs/")), key=lambda n: len(files[n]))
    return {**files, name: files[name][:-1] + bytes([files[name][-1] ^ 1])}


def _cut_blob(files: Files) -> Files:
    name = max((n for n in files if n.startswith("blobs/")), key=lambda n: len(files[n]))
    return {**files, name: files[name][:-1]}


def _no_layers(files: Files) -> Files:
    return {n: d for n, d in files.items() if not n.startswith("blobs/") or d.startswith(b"{")}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_without("oci-layout"), "no image archive"),
        (_without("index.json"), "no file 'index.json'"),
        (_without("blobs/"), "no file 'blobs/"),
        (_no_layers, "no file 'blobs/"),
        (_damage, "digest|damaged"),
        (_cut_blob, "digest|damaged"),
        (_swap("oci-layout", b'{"imageLayoutVersion": "9.0"}'), "version"),
        (_swap("oci-layout", b"[]"), "not a JSON object"),
        (_swap("index.json", b"{" * 100_000), "not JSON"),
        (_swap("index.json", b" " * (DOCUMENT_LIMIT + 1)), "limit"),
        (_swap("../escape", b""), "unsafe path"),
        (_swap("/etc/escape", b""), "unsafe path"),
        (_index(lambda d: d["manifests"][0].update(digest="sha256:../../etc/passwd")), "not a digest"),
        (_index(lambda d: d["manifests"][0].update(size=5)), "damaged"),
        (_index(lambda d: d["manifests"][0].update(size=-5)), "size"),
        (_index(lambda d: d["manifests"][0].update(mediaType=DOCKER.manifest)), "its sender"),
        (_index(lambda d: d.update(manifests=[])), "names no image"),
        (
            _index(lambda d: d["manifests"][0]["annotations"].update({"org.opencontainers.image.ref.name": "A B"})),
            "names no",
        ),
    ],
)
def test_a_hostile_oci_archive_is_refused(
    store: Store, target: Store, path: Path, spoil: Callable[[Files], Files], words: str
) -> None:
    archive.save(make_image(store), NAME, path)
    write(path, spoil(files_of(path)))
    with pytest.raises(InvalidImage, match=words):
        archive.load(path, target)
    assert target.list() == []
    assert list(target.blobs.drafts.iterdir()) == []


def _item(change: Callable[[dict[str, Any]], object]) -> Callable[[Files], Files]:
    def apply(files: Files) -> Files:
        document = json.loads(files["manifest.json"])
        change(document[0])
        return {**files, "manifest.json": json.dumps(document).encode()}

    return apply


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_swap("manifest.json", b"{}"), "list of objects"),
        (_swap("manifest.json", b"[3]"), "list of objects"),
        (_swap("manifest.json", b"[]"), "names no image"),
        (_item(lambda i: i.update(RepoTags=["A B"])), "invalid image name"),
        (_item(lambda i: i.update(RepoTags=[])), "names no image"),
        (_item(lambda i: i.update(Config="../../etc/passwd")), "unsafe path"),
        (_item(lambda i: i.update(Config="/etc/passwd")), "unsafe path"),
        (_item(lambda i: i.update(Config=7)), "not a string"),
        (_item(lambda i: i.update(Layers=i["Layers"][:1])), "1 layers"),
        (_item(lambda i: i.update(Layers=i["Layers"][::-1])), "diff_id"),
        (_item(lambda i: i.update(Layers=["none", "none"])), "no file 'none'"),
    ],
)
def test_a_hostile_docker_archive_is_refused(
    store: Store, target: Store, path: Path, spoil: Callable[[Files], Files], words: str
) -> None:
    archive.save(make_image(store), NAME, path, "docker")
    write(path, spoil(files_of(path)))
    with pytest.raises(ImageError, match=words):
        archive.load(path, target)
    assert target.list() == []
    assert list(target.blobs.drafts.iterdir()) == []


@pytest.mark.parametrize("link", ["/etc/passwd", "../../../etc/passwd", "loop", "."])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_out_of_an_archive_are_not_followed(target: Store, path: Path, link: str, kind: bytes) -> None:
    item = {"Config": "loop", "RepoTags": ["a:1"], "Layers": []}
    path.write_bytes(raw_tar(Raw("loop", type=kind, link=link), Raw("manifest.json", json.dumps([item]).encode())))
    with pytest.raises(InvalidImage, match=r"unsafe path|no file|too many links"):
        archive.load(path, target)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04" * 200, b"\x1f\x8b\x08" + b"x" * 50, gzip.compress(b"x" * 5000, mtime=0)[:-9]]
)
def test_what_is_no_archive_is_refused(target: Store, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(InvalidImage):
        archive.load(path, target)


@pytest.mark.parametrize("squeeze", [False, True], ids=["plain", "gzip"])
def test_an_archive_comes_through_a_pipe(store: Store, target: Store, path: Path, squeeze: bool) -> None:
    archive.save(make_image(store), NAME, path)
    data = gzip.compress(path.read_bytes()) if squeeze else path.read_bytes()
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[data])
    writer.start()
    assert archive.load(pipe, target) == [NAME]
    writer.join()


def test_a_missing_archive_is_named(target: Store, path: Path) -> None:
    with pytest.raises(InvalidImage, match="No such file"):
        archive.load(path, target)


@pytest.mark.parametrize("form", ["oci", "docker"])
def test_a_bomb_stops_at_the_limit(
    store: Store, target: Store, path: Path, form: archive.Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.save(make_image(store), NAME, path, form)
    path.write_bytes(gzip.compress(path.read_bytes() + bytes(10_000_000)))
    monkeypatch.setattr(archive_files, "UNPACKED_LIMIT", 5_000_000)
    with pytest.raises(InvalidImage, match="more than 5000000 bytes"):
        archive.load(path, target)
    assert list(target.blobs.drafts.iterdir()) == []


def test_a_layer_bomb_in_a_docker_archive_stops_at_the_limit(
    store: Store, target: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kfp.images import docker_archive

    archive.save(make_image(store), NAME, path, "docker")
    monkeypatch.setattr(docker_archive, "UNPACKED_LIMIT", 1000)
    with pytest.raises(InvalidImage, match="more than 1000 bytes"):
        archive.load(path, target)


def make_index(store: Store, family: Family = OCI) -> ImageIndex:
    images = (make_image(store, family=family, platform=each, text=str(each)) for each in (ARM64, AMD64))
    return ImageIndex.of(images, {"org.opencontainers.image.revision": "abc"})


@pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])
def test_an_index_keeps_all_its_platforms(store: Store, target: Store, path: Path, family: Family) -> None:
    index = make_index(store, family)
    archive.save(index, NAME, path)
    assert archive.load(path, target) == [NAME]
    found = target.get_whole(NAME)
    assert isinstance(found, ImageIndex)
    assert [image.id for image in found.images] == [image.id for image in index.images]
    assert found.digest == index.in_family(OCI).digest
    assert (found.digest == index.digest) is (family is OCI)


def test_an_index_of_which_one_platform_is_here(store: Store, target: Store, path: Path) -> None:
    """As a pull leaves it: the digest of the index stays what the registry says."""
    index = make_index(store)
    archive.save(ImageIndex(index.index, index.images[1:]), NAME, path)
    archive.load(path, target)
    found = target.get_whole(NAME)
    assert isinstance(found, ImageIndex)
    assert (found.digest, [image.platform for image in found.images]) == (index.digest, [AMD64])


def test_docker_gets_the_platform_of_this_machine(
    store: Store, target: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = make_index(store)
    for machine, expected in [(ARM64, 0), (AMD64, 1), (Platform("linux", "s390x"), 1)]:
        monkeypatch.setattr(Platform, "host", lambda machine=machine: machine)
        archive.save(index, NAME, path, "docker")
        archive.load(path, target)
        found = target.get(NAME)
        assert found is not None
        assert found.id == index.images[expected].id
    with pytest.raises(InvalidImage, match="no image of the index"):
        archive.save(ImageIndex(index.index, ()), NAME, path, "docker")


@pytest.mark.parametrize("form", ["oci", "docker"])
def test_several_images_in_one_archive(store: Store, target: Store, path: Path, form: archive.Format) -> None:
    """What they share is written once."""
    image, other = make_image(store), make_image(store, text="other")
    archive.save_all([(image, NAME), (other, OTHER), (image, NAME.with_tag("v2"))], path, form)
    with tarfile.open(path) as tar:
        names = tar.getnames()
    assert len(names) == len(set(names))
    assert sum("blobs/sha256/" in name or name.endswith(".tar.gz") for name in names) == (7 if form == "oci" else 3)
    assert set(archive.load(path, target)) == {NAME, OTHER, NAME.with_tag("v2")}
    found = target.get(OTHER)
    assert found is not None
    assert found.id == other.id
