"""Documents, layers and archives damaged in many ways: all that comes is an ImageError, and nothing leaves its place.

`make fuzz` tries many more.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kfp.errors import ImageError
from kfp.images import archive, media_types
from kfp.images.blob import MemoryBlobs
from kfp.images.canonical import dumps
from kfp.images.config import Config
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.extract import extract_layer
from kfp.images.image import Image, scratch
from kfp.images.image_index import ImageIndex
from kfp.images.layer import Layer
from kfp.images.manifest import Index, Manifest, parse_manifest
from kfp.images.media_types import DOCKER, OCI
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.zstd import frame
from tests.images.making import AMD64, ARM64, Raw, make_image, raw_tar
from tests.parts.store_check import faults

NUMBER = int(os.environ.get("KFP_TEST_FUZZ", "150"))
FUZZ = settings(
    max_examples=NUMBER,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAME = Reference.parse("localhost:5000/team/name:v1")

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["", "sha256:" + "0" * 64, "sha256:../../x", "a/b", "\ud800", "\x1b[2J", *media_types.ACCEPTED]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


class Refusal:
    """Whether something was refused, and with which error."""

    def __init__(self) -> None:
        self.error: ImageError | None = None

    def __enter__(self) -> Refusal:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, ImageError):
            self.error = error
            assert len(str(error)) < 3000
        return self.error is not None


@contextmanager
def place() -> Iterator[Path]:
    """A directory of its own; whoever leaves its `inside` has failed."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        root = Path(folder)
        (root / "inside").mkdir()
        (root / "secret").write_text("not to be touched")
        yield root / "inside"
        assert sorted(path.name for path in root.iterdir()) == ["inside", "secret"]
        assert (root / "secret").read_text() == "not to be touched"


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document, the document itself included."""
    yield above
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*above, key))


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """A document in which a few places hold something else, or nothing, or stand twice."""
    whole = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(paths(whole))))
        if not path:
            return draw(junk)
        above = whole
        for key in path[:-1]:
            above = above[key]
        act = draw(st.sampled_from(["replace", "remove", "repeat"]))
        if act == "replace":
            above[path[-1]] = draw(junk)
        elif act == "remove":
            del above[path[-1]]
        elif isinstance(above, list):
            above.append(above[path[-1]])
        else:
            above[draw(st.text(max_size=5))] = above[path[-1]]
    return whole


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


LAYERED = Config(
    dumps(
        {
            "os": "linux", "architecture": "arm64", "variant": "v8", "created": "1970-01-01T00:00:00Z", "author": "a",
            "config": {"Env": ["A=1"], "Labels": {"a": "b"}, "Cmd": ["x"], "Entrypoint": ["y"], "User": "0"},
            "history": [{"created_by": "a", "empty_layer": True}, {"created": "x", "comment": "c"}],
            "rootfs": {"type": "layers", "diff_ids": [sha256(b"1")]},
        }
    )
)  # fmt: skip
MANIFEST = Manifest.create(
    OCI,
    Descriptor.of(LAYERED.to_bytes(), OCI.config),
    [replace(Descriptor.of(b"1", OCI.layers["gzip"]), annotations={"a": "b"}, urls=("https://x",))],
    {"a": "b"},
)
INDEX = Index.create(OCI, [replace(MANIFEST.descriptor, platform=platform) for platform in (AMD64, ARM64)], {"a": "b"})


@FUZZ
@given(damaged(MANIFEST.to_json()) | damaged(INDEX.to_json()), st.sampled_from(["", *media_types.ACCEPTED]))
def test_fuzz_of_manifests(document: Any, media_type: str) -> None:
    with Refusal():
        read = parse_manifest(media_type, encoded(document))
        if isinstance(read, Index):
            _ = read.images, read.select(ARM64), read.digest
        else:
            changed = read.with_annotations({"x": "y"}).with_blobs(read.config, read.layers)
            assert parse_manifest(read.media_type, changed.data) == changed


@FUZZ
@given(damaged(LAYERED.to_json()))
def test_fuzz_of_configurations(document: Any) -> None:
    with Refusal():
        config = Config(encoded(document))
        changed = config.with_layer(sha256(b"2"), "by").with_env({"B": "2"}).with_labels({"l": "m"}).with_cmd(["z"])
        again = Config(changed.with_platform(AMD64).with_entrypoint(["e"]).with_history("h").to_bytes())
        assert again.diff_ids == (*config.diff_ids, sha256(b"2"))
        assert sum(not step.empty_layer for step in again.history) == len(again.diff_ids)


@FUZZ
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE+-tfn\\u ', max_size=200).map(str.encode))
def test_fuzz_of_bytes_as_documents(data: bytes) -> None:
    with Refusal():
        parse_manifest("", data)
    with Refusal():
        Config(data)


# Mostly what is taken, so that what is not comes after something: a file below a link, a link over a file.
parts = st.sampled_from([*["a"] * 6, *["b"] * 4, *["src"] * 4, "c", "é", "\udcff", ".wh.a"])
strange = st.sampled_from(["..", ".", "", "/", "x" * 300])
names = st.one_of(*[st.lists(parts, min_size=1, max_size=3)] * 7, st.lists(parts | strange, max_size=4)).map("/".join)
links = names | st.sampled_from(["..", "../..", "/secret", "../secret", "a/../..", "b/../../secret", "../inside/out/a"])
kinds = st.sampled_from(
    [
        *[tarfile.REGTYPE] * 4,
        *[tarfile.DIRTYPE] * 4,
        *[tarfile.SYMTYPE] * 4,
        *[tarfile.LNKTYPE] * 3,
        tarfile.FIFOTYPE,
        b"9",
    ]
)


@st.composite
def raw_members(draw: st.DrawFn) -> Raw:
    kind = draw(kinds)
    data = draw(st.binary(max_size=30)) if kind == tarfile.REGTYPE else b""
    return Raw(draw(names), data, kind, draw(links), draw(st.integers(0, 0o7777)))


def layer_of(tar: bytes) -> Layer:
    descriptor = Descriptor.of(tar, media_types.OCI_LAYER)
    return Layer(descriptor, sha256(tar), MemoryBlobs({descriptor.digest: tar}))


@FUZZ
@given(st.lists(raw_members(), max_size=8), st.sampled_from(["", "src", "a/b"]))
def test_fuzz_of_layers(members: list[Raw], prefix: str) -> None:
    with place() as root:
        with Refusal() as refusal:
            extract_layer(layer_of(raw_tar(*members)), root / "out", prefix=prefix)
        assert [path.name for path in root.iterdir()] == ([] if refusal.error else ["out"])
        for path in (root / "out").rglob("*"):
            assert Path(os.path.realpath(path)).is_relative_to(root / "out"), f"{path} leads out"  # loops stay inside
            assert path.is_symlink() or path.is_dir() or path.is_file()
            assert path.is_symlink() or path.stat().st_mode & 0o7022 == 0


def saved(form: archive.Format) -> dict[str, bytes]:
    """The files of an archive with an index of two images."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        images = [make_image(store), make_image(store, platform=ARM64)]
        whole: Image | ImageIndex = ImageIndex.of(images) if form == "oci" else images[0].in_family(DOCKER)
        path = Path(folder) / "archive.tar"
        archive.save(whole, NAME, path, form)
        with tarfile.open(path) as tar:
            return {each.name: (tar.extractfile(each) or io.BytesIO()).read() for each in tar if each.isfile()}


SAVED = {"oci": saved("oci"), "docker": saved("docker")}


@st.composite
def damaged_files(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of an archive, one of them damaged; what names its digest is made to fit by chance alone."""
    files = dict(SAVED[draw(st.sampled_from(sorted(SAVED)))])
    name = draw(st.sampled_from(sorted(files)))
    act = draw(st.sampled_from(["document", "cut", "noise", "remove", "rename"]))
    data = files.pop(name)
    if act == "document" and data.startswith((b"{", b"[")):
        files[name] = encoded(draw(damaged(json.loads(data))))
    elif act == "cut":
        files[name] = data[: draw(st.integers(0, len(data)))]
    elif act == "noise":
        at = draw(st.integers(0, len(data)))
        files[name] = data[:at] + draw(st.binary(max_size=20)) + data[at:]
    elif act == "rename":
        files[draw(names)] = data
    return files


@FUZZ
@given(damaged_files(), st.sampled_from(["plain", "gzip", "noise"]), st.data())
def test_fuzz_of_archives(files: dict[str, bytes], form: str, data: st.DataObject) -> None:
    whole = raw_tar(*(Raw(name, content) for name, content in files.items()))
    if form == "gzip":
        whole = gzip.compress(whole, 1)
    elif form == "noise":
        at = data.draw(st.integers(0, len(whole)))
        noise = data.draw(st.binary(max_size=600))
        whole = whole[:at] + noise + whole[at + len(noise) :]
    with place() as root:
        (root / "archive.tar").write_bytes(whole)
        store = Store(root / "store")
        found: list[Reference] = []
        with Refusal():
            found = archive.load(root / "archive.tar", store)
        assert {stored.reference for stored in store.list()} <= set(found)
        assert faults(store) == []
        assert not store.blobs.drafts.is_dir() or list(store.blobs.drafts.iterdir()) == []


TAR = raw_tar(Raw("a/b", b"x" * 700))
COMPRESSED = {media_types.OCI_LAYER_GZIP: gzip.compress(TAR), media_types.OCI_LAYER_ZSTD: frame(TAR)}


@FUZZ
@given(st.sampled_from(sorted(COMPRESSED)), st.integers(0, 100), st.binary(max_size=40))
def test_fuzz_of_compressed_layers(media_type: str, at: int, noise: bytes) -> None:
    data = COMPRESSED[media_type]
    data = data[:at] + noise + data[at + len(noise) // 2 :]
    descriptor = Descriptor.of(data, media_type)
    layer = Layer(descriptor, sha256(TAR), MemoryBlobs({descriptor.digest: data}))
    with Refusal(), layer.uncompressed() as stream:
        assert stream.read() == TAR


def test_the_undamaged_are_taken() -> None:
    assert parse_manifest("", MANIFEST.data) == MANIFEST
    assert parse_manifest("", INDEX.data) == INDEX
    assert scratch(AMD64).config.diff_ids == ()
    for files in SAVED.values():
        with place() as root:
            (root / "archive.tar").write_bytes(raw_tar(*(Raw(name, data) for name, data in files.items())))
            assert archive.load(root / "archive.tar", Store(root / "store")) == [NAME]
