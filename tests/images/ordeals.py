"""Inputs that are made to exhaust a machine, each read in a process of its own with little time, memory and disk.

    python -m tests.images.ordeals NAME FOLDER

prints as JSON how the reading ended and what it took.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kfp.errors import ImageError
from kfp.images import archive, compression, media_types, zstd
from kfp.images.blob import MemoryBlobs
from kfp.images.config import Config
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.extract import extract_layer
from kfp.images.image import scratch
from kfp.images.layer import Layer
from kfp.images.manifest import Index, Manifest, parse_manifest
from kfp.images.media_types import OCI
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import AMD64, Raw, raw_tar
from tests.parts.memory import peak

SECONDS = 20
"""Of processor time, after which the reading process is killed."""

MEGABYTE: Final = 1024 * 1024
FILE_LIMIT: Final = 400 * MEGABYTE
_ALLOWED: Final = 100 * MEGABYTE

Ordeal = Callable[[Path], object]
ORDEALS: dict[str, tuple[Ordeal, str]] = {}
"""By name: what reads the input, in an empty directory, and words of the error that it ends with."""


def ordeal(words: str) -> Callable[[Ordeal], Ordeal]:
    def keep(function: Ordeal) -> Ordeal:
        ORDEALS[function.__name__.strip("_")] = (function, words)
        return function

    return keep


def repeated(times: int, *members: Raw) -> bytes:
    """Members of a tar archive many times over, compressed: nobody has to write them all."""
    blocks = raw_tar(*members)
    whole = blocks[: blocks.rindex(members[-1].data[-20:] or b"ustar") // 512 * 512 + 512]
    return gzip.compress(whole, 1) * times


def zeros(gigabytes: int) -> bytes:
    """Zeros, compressed 1,000 times."""
    return gzip.compress(bytes(64 * MEGABYTE), 9) * (16 * gigabytes)


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """The header of a member without its data."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def layer_of(data: bytes, media_type: str = media_types.OCI_LAYER_GZIP) -> Layer:
    """A layer of these bytes, whose diff_id is not looked at before everything is read."""
    descriptor = Descriptor.of(data, media_type)
    return Layer(descriptor, sha256(b""), MemoryBlobs({descriptor.digest: data}))


def load(folder: Path, data: bytes) -> None:
    path = folder / "input.tar"
    path.write_bytes(data)
    archive.load(path, Store(folder / "store"))


def load_files(folder: Path, files: dict[str, bytes]) -> None:
    load(folder, raw_tar(*(Raw(name, data) for name, data in files.items())))


def scan(folder: Path, *layers: Layer) -> None:
    from kfp.build.scan import list_files

    list_files(scratch(AMD64).append(*layers))


def oci_files(**replaced: bytes) -> dict[str, bytes]:
    """The files of an archive with one empty image, some of them replaced."""
    image = scratch(AMD64)
    descriptor = image.manifest.descriptor.to_json()
    entry = {**descriptor, "annotations": {"org.opencontainers.image.ref.name": "a:1"}}
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
        f"blobs/sha256/{image.digest[7:]}": image.manifest.data,
        f"blobs/sha256/{image.id[7:]}": image.config.to_bytes(),
    }
    return {**files, **{name.replace("_", "."): data for name, data in replaced.items()}}


@ordeal("unpacks to more than")
def a_compressed_archive_of_zeros(folder: Path) -> None:
    load(folder, gzip.compress(header("zeros", 60 * 1024**3)) + zeros(60))


@ordeal("unpacks to more than")
def a_layer_of_zeros(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(header("zeros", 15 * 1024**3)) + zeros(15)), folder / "out")


@ordeal("unpacks to more than")
def zeros_after_the_end_of_a_layer(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(raw_tar(Raw("a", b"a"))) + zeros(60)), folder / "out")


@ordeal("unpacks to more than")
def a_scanned_layer_of_zeros(folder: Path) -> None:
    scan(folder, layer_of(gzip.compress(header("zeros", 60 * 1024**3)) + zeros(60)))


@ordeal("unpacks to more than")
def a_layer_of_zeros_in_a_docker_archive(folder: Path) -> None:
    layer = gzip.compress(header("zeros", 60 * 1024**3)) + zeros(60)
    config = scratch(AMD64).config.with_layer(sha256(b"")).to_bytes()
    item = {"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}
    load_files(folder, {"manifest.json": json.dumps([item]).encode(), "c.json": config, "l.tar": layer})


@ordeal("unpacks to more than")
def a_layer_of_zeros_compressed_with_zstd(folder: Path) -> None:
    frames = zstd.frame(header("zeros", 15 * 1024**3)) + zstd.frame(bytes(64 * MEGABYTE)) * 240
    extract_layer(layer_of(frames, media_types.OCI_LAYER_ZSTD), folder / "out")


@ordeal("damaged")
def a_zstd_frame_that_wants_gigabytes_of_memory(folder: Path) -> None:
    """A window of 2 GiB, which a decompressor would keep in memory, and one byte."""
    frame = b"\x28\xb5\x2f\xfd" + bytes([0, (31 - 10) << 3]) + (1 | 1 << 3).to_bytes(3, "little") + b"x"
    extract_layer(layer_of(frame, media_types.OCI_LAYER_ZSTD), folder / "out")


@ordeal("more bytes than the limit")
def a_layer_that_claims_terabytes(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(header("zeros", 2**42)) + zeros(1)), folder / "out")


@ordeal("more than 200000 files")
def a_layer_of_a_million_directories(folder: Path) -> None:
    extract_layer(layer_of(repeated(1100, *[Raw("a/", type=tarfile.DIRTYPE)] * 1000)), folder / "out")


@ordeal("more than 100000 files")
def an_archive_of_a_million_members(folder: Path) -> None:
    load(folder, gzip.decompress(repeated(110, *[Raw("a", b"")] * 1000)))


@ordeal("too long")
def an_archive_of_long_names(folder: Path) -> None:
    load(folder, raw_tar(*(Raw(f"{number}/" + "n" * 1_000_000, b"") for number in range(5))))


@ordeal("names of more than")
def an_archive_of_many_names_of_the_longest_kind(folder: Path) -> None:
    names = ("/".join(["n" * 254] * 15 + [f"{number:0200}"]) for number in range(20_000))
    load(folder, gzip.compress(raw_tar(*(Raw(name, b"") for name in names)), 1))


@ordeal("names of more than")
def a_scanned_layer_of_many_names(folder: Path) -> None:
    names = ("/".join(["n" * 254] * 15 + [f"{number:0200}"]) for number in range(20_000))
    scan(folder, layer_of(gzip.compress(raw_tar(*(Raw(name, b"") for name in names)), 1)))


@ordeal("digest")
def a_scanned_layer_of_whiteouts(folder: Path) -> None:
    """As many whiteouts as files: whoever compares each with each is busy for hours."""
    files = b"".join(header(f"d/{number}", 0) for number in range(50_000)) + bytes(1024)
    gone = b"".join(header(f"e/.wh.{number}", 0) for number in range(50_000)) + bytes(1024)
    below = Layer(Descriptor.of(files, OCI.layers["none"]), sha256(files), MemoryBlobs({sha256(files): files}))
    scan(folder, below, layer_of(gzip.compress(gone)))


@ordeal("describes a member more than")
def a_member_that_is_described_without_end(folder: Path) -> None:
    pax = header("x", 512, b"x") + b"512 path=" + b"a" * 502 + b"\n"
    extract_layer(layer_of(gzip.compress(pax * 10_000, 1) * 500), folder / "out")


@ordeal("a header of")
def a_header_of_gigabytes(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(header("x", 2**33, b"x")) + zeros(8)), folder / "out")


@ordeal("too long")
def a_deep_path(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(raw_tar(Raw("a/" * 100_000 + "f", b"")))), folder / "out")


@ordeal("more than 200 directories")
def a_path_as_deep_as_disks_allow(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(raw_tar(Raw("a/" * 1500 + "f", b"")))), folder / "out")


@ordeal("a target that is too long")
def a_long_link(folder: Path) -> None:
    extract_layer(layer_of(gzip.compress(raw_tar(Raw("l", type=tarfile.SYMTYPE, link="a/" * 50_000)))), folder / "out")


@ordeal("digest")
def hard_links_to_one_file(folder: Path) -> None:
    """A thousand gigabytes, were they copied."""
    links = [Raw(f"l{number}", type=tarfile.LNKTYPE, link="f") for number in range(10_000)]
    extract_layer(layer_of(gzip.compress(raw_tar(Raw("f", bytes(MEGABYTE)), *links))), folder / "out")


@ordeal("more than the limit of 4194304")
def an_index_of_100_megabytes(folder: Path) -> None:
    load_files(folder, oci_files(index_json=b" " * (100 * MEGABYTE)))


@ordeal("more than the limit of 4194304")
def a_list_of_100_megabytes_in_a_docker_archive(folder: Path) -> None:
    load_files(folder, {"manifest.json": b" " * (100 * MEGABYTE)})


@ordeal("more than the limit of 4194304")
def a_manifest_of_100_megabytes(folder: Path) -> None:
    data = b"{" + b" " * (100 * MEGABYTE) + b"}"
    entry = {**Descriptor.of(data, OCI.manifest).to_json(), "annotations": {"org.opencontainers.image.ref.name": "a:1"}}
    index = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    load_files(folder, {**oci_files(index_json=index), f"blobs/sha256/{sha256(data)[7:]}": data})


@ordeal("not JSON")
def deeply_nested_lists(folder: Path) -> None:
    load_files(folder, oci_files(index_json=b"[" * 2_000_000 + b"]" * 2_000_000))


@ordeal("not JSON")
def deeply_nested_objects(folder: Path) -> None:
    parse_manifest(OCI.manifest, b'{"a":' * 600_000 + b"1" + b"}" * 600_000)


@ordeal("more than the limit of 10000")
def a_wide_index(folder: Path) -> None:
    load_files(folder, oci_files(index_json=b'{"manifests":[' + b"{}," * 1_390_000 + b"{}]}"))


@ordeal("not JSON")
def a_number_of_a_million_digits(folder: Path) -> None:
    parse_manifest(OCI.manifest, b'{"schemaVersion":' + b"9" * 4_000_000 + b"}")


@ordeal("size")
def a_size_beyond_every_disk(folder: Path) -> None:
    parse_manifest(OCI.manifest, oci_manifest(b'"size":99999999999999999999'))


@ordeal("twice")
def a_field_that_is_there_twice(folder: Path) -> None:
    Config(b'{"rootfs":{"type":"layers"},"os":"linux","rootfs":{"type":"layers"}}')


@ordeal("none of the images")
def an_index_of_indexes(folder: Path) -> None:
    inner = Index.create(OCI, []).data
    outer = Index.create(OCI, [Descriptor.of(inner, OCI.index)])
    load_files(folder, nested(outer, inner))


@ordeal("not what its media type")
def an_index_that_says_it_is_an_image(folder: Path) -> None:
    """An index may hold no index; one that calls itself an image could lead in circles."""
    inner = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    outer = Index.create(OCI, [Descriptor.of(inner, OCI.manifest)])
    load_files(folder, nested(outer, inner))


@ordeal("more than the limit of 1024")
def an_image_of_a_million_layers(folder: Path) -> None:
    layer = Descriptor.of(b"", OCI.layers["gzip"])
    Manifest.create(OCI, layer, [layer])
    parse_manifest(
        OCI.manifest,
        json.dumps({"schemaVersion": 2, "config": layer.to_json(), "layers": [layer.to_json()] * 20_000}).encode(),
    )


@ordeal("invalid image name|repository")
def a_long_name(folder: Path) -> None:
    Reference.parse("a-" * 500_000 + "!")


@ordeal("not a digest")
def a_long_digest(folder: Path) -> None:
    Descriptor.from_json({"mediaType": "a/b", "digest": "sha256:" + "a" * 4_000_000, "size": 1})


def oci_manifest(size: bytes) -> bytes:
    digest = b'"digest":"sha256:' + b"0" * 64 + b'"'
    return b'{"schemaVersion":2,"config":{"mediaType":"a/b",' + digest + b"," + size + b'},"layers":[]}'


def nested(outer: Index, inner: bytes) -> dict[str, bytes]:
    entry = {**outer.descriptor.to_json(), "annotations": {"org.opencontainers.image.ref.name": "a:1"}}
    files = oci_files(index_json=json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
    blobs = {f"blobs/sha256/{sha256(data)[7:]}": data for data in (outer.data, inner)}
    return {**files, **blobs}


def undergo(name: str, folder: Path) -> dict[str, object]:
    """Read an input and tell how that ended."""
    compression.ALWAYS_ALLOWED = _ALLOWED  # type: ignore[misc] # a gigabyte each would keep the tests busy
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
    read, _ = ORDEALS[name]
    started = time.process_time()
    error: BaseException | None = None
    try:
        read(folder)
    except ImageError as refusal:
        error = refusal
    return {
        "error": None if error is None else f"{type(error).__name__}: {error}",
        "seconds": time.process_time() - started,
        "megabytes": peak() / (1 << 20),
    }


if __name__ == "__main__":
    print(json.dumps(undergo(sys.argv[1], Path(sys.argv[2]))))
