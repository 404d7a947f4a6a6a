from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from kfp.errors import ImageError, InvalidImage, StoreError
from kfp.images import digest, durable
from kfp.images.blob_store import BlobStore
from kfp.images.compression import CHUNK, Compressor
from kfp.images.layer import Layer, build_layer
from kfp.images.parts import Part, join, pack
from kfp.images.store import Store
from kfp.images.tar import Entry

COMPRESSORS: tuple[Compressor, ...] = ("fast", "portable", "zstd")
FIRST = (Entry.file("opt/a/one", b"1"), Entry.file("opt/a/big", os.urandom(CHUNK + 9)))
SECOND = (Entry.file("opt/b/two", b"2", executable=True), Entry.symlink("opt/b/link", "two"))


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return Store(tmp_path / "store").blobs


def parts(folder: Path, compressor: Compressor = "fast") -> list[Part]:
    return [
        pack(FIRST, ["opt", "opt/a"], folder / "first", compressor),
        pack(SECOND, ["opt/b", "opt"], folder / "second", compressor),
    ]


def listed(layer: Layer) -> list[tuple[str, int]]:
    with layer.open() as stream:
        assert digest.sha256(stream.read()) == layer.descriptor.digest
    with layer.uncompressed() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        return [(member.name, member.mode) for member in archive]


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_a_layer_of_parts_has_each_directory_once_and_before_what_is_in_it(
    tmp_path: Path, blobs: BlobStore, compressor: Compressor
) -> None:
    assert listed(join(parts(tmp_path, compressor), blobs, compressor)) == [
        ("opt", 0o755),
        ("opt/a", 0o755),
        ("opt/b", 0o755),
        ("opt/a/big", 0o644),
        ("opt/a/one", 0o644),
        ("opt/b/link", 0o777),
        ("opt/b/two", 0o755),
    ]


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_a_part_is_a_layer_and_its_file_becomes_the_blob(
    tmp_path: Path, blobs: BlobStore, compressor: Compressor
) -> None:
    part = parts(tmp_path, compressor)[1]
    layer = join([part], blobs, compressor)
    assert [name for name, _ in listed(layer)] == ["opt", "opt/b", "opt/b/link", "opt/b/two"]
    assert blobs.path(layer.descriptor.digest).samefile(part.path)
    assert join([part], blobs, compressor) == layer


def test_where_there_are_no_links_the_file_is_copied(
    tmp_path: Path, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(durable, "link", refuse)
    part = parts(tmp_path)[1]
    layer = join([part], blobs, "fast")
    assert not blobs.path(layer.descriptor.digest).samefile(part.path)
    assert len(listed(layer)) == 4


def test_a_damaged_blob_is_replaced(tmp_path: Path, blobs: BlobStore) -> None:
    part = parts(tmp_path)[1]
    blobs.prepare()
    blobs.path(part.descriptor.digest).write_bytes(b"cut")
    assert len(listed(join([part], blobs, "fast"))) == 4


def test_packed_together_or_from_parts_the_layer_holds_the_same(tmp_path: Path, blobs: BlobStore) -> None:
    at_once = build_layer([*map(Entry.directory, ("opt", "opt/a", "opt/b")), *FIRST, *SECOND], blobs)
    assert sorted(listed(join(parts(tmp_path), blobs, "fast"))) == sorted(listed(at_once))


def test_the_same_files_are_the_same_part(tmp_path: Path) -> None:
    first = pack(FIRST, ["opt", "opt/a"], tmp_path / "first", "fast")
    again = pack(reversed(FIRST), ["opt/a", "opt"], tmp_path / "again", "fast")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert (first.descriptor, first.diff_id, first.files) == (again.descriptor, again.diff_id, again.files)


def test_without_directories_a_part_begins_with_its_files(tmp_path: Path, blobs: BlobStore) -> None:
    made = [pack([Entry.file(name, b"")], [], tmp_path / name, "fast") for name in ("b", "a")]
    assert [part.start for part in made] == [0, 0]
    assert [name for name, _ in listed(join(made, blobs, "fast"))] == ["b", "a"]


@pytest.mark.parametrize("entry", [Entry.file("opt/a/one", b"other"), Entry.file("opt/a", b"no directory")])
def test_parts_with_a_path_in_common_are_refused(tmp_path: Path, blobs: BlobStore, entry: Entry) -> None:
    clashing = pack([entry], ["opt"], tmp_path / "clashing", "fast")
    with pytest.raises(InvalidImage, match="both have 'opt/a"):
        join([*parts(tmp_path), clashing], blobs, "fast")
    assert not list(blobs.drafts.glob("*")) if blobs.drafts.exists() else True


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 60)


def scratched(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, scratched, Path.unlink])
@pytest.mark.parametrize("compressor", COMPRESSORS)
@pytest.mark.parametrize("chosen", [slice(0, 1), slice(0, 2)], ids=["one part", "two parts"])
def test_a_damaged_part_is_found_out(
    tmp_path: Path, blobs: BlobStore, damage: object, compressor: Compressor, chosen: slice
) -> None:
    made = parts(tmp_path, compressor)
    assert callable(damage)
    damage(made[0].path)
    with pytest.raises(ImageError) as raised:
        join(made[chosen], blobs, compressor)
    assert type(raised.value) is (StoreError if damage is Path.unlink else InvalidImage)
    assert list((blobs.root / "blobs/sha256").iterdir()) == []
    assert list(blobs.drafts.iterdir()) == []
