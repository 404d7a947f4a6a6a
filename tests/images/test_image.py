from __future__ import annotations

from dataclasses import replace

import pytest

from kfp.errors import BlobAbsent, InvalidImage
from kfp.images import media_types
from kfp.images.blob import MemoryBlobs
from kfp.images.compression import Compressor
from kfp.images.config import Config
from kfp.images.descriptor import Descriptor
from kfp.images.image import Image, scratch
from kfp.images.layer import Layer, build_layer
from kfp.images.manifest import Manifest
from kfp.images.media_types import DOCKER, OCI
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.making import AMD64, ARM64, make_image, raw_layer, raw_tar


@pytest.mark.parametrize("compressor", ["fast", "portable", "zstd", None])
def test_compression_does_not_change_the_id(store: Store, compressor: Compressor | None) -> None:
    entries = [Entry.file("b", b"2"), Entry.file("a", b"1")]
    layer = build_layer(entries, store.blobs, compressor=compressor)
    image = scratch(AMD64).append(layer)
    assert image.id == scratch(AMD64).append(build_layer(entries, store.blobs)).id
    with layer.uncompressed() as stream:
        stream.read()


@pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])
def test_new_layers_follow_the_family(store: Store, family: media_types.Family) -> None:
    image = make_image(store, family=family)
    assert image.manifest.media_type == family.manifest
    assert image.manifest.config.media_type == family.config
    assert {layer.descriptor.media_type for layer in image.layers} == {family.layers["gzip"]}
    assert make_image(store, family=OCI).id == image.id
    other = DOCKER if family is OCI else OCI
    assert image.in_family(other).in_family(family).manifest == image.manifest
    assert image.in_family(other).id == image.id


def test_a_zstd_layer_has_no_place_in_docker_s_family() -> None:
    layer = Layer(Descriptor.of(b"z", media_types.OCI_LAYER_ZSTD), "sha256:" + "0" * 64, MemoryBlobs({}))
    with pytest.raises(InvalidImage, match="docker image cannot hold"):
        scratch(AMD64, family=DOCKER).append(layer)


def test_a_compression_that_nobody_knows_cannot_be_undone() -> None:
    layer = Layer(Descriptor.of(b"z", f"{media_types.OCI_LAYER}+xz"), "sha256:" + "0" * 64, MemoryBlobs({}))
    with pytest.raises(InvalidImage, match="cannot be unpacked"):
        layer.uncompressed()


def test_a_foreign_layer_travels_as_a_descriptor(store: Store) -> None:
    descriptor = Descriptor(media_types.DOCKER_FOREIGN_LAYER_GZIP, "sha256:" + "1" * 64, 9, ("https://example.org/x",))
    foreign = Layer(descriptor, "sha256:" + "2" * 64, MemoryBlobs({}))
    image = scratch(AMD64, family=DOCKER).append(foreign).append(build_layer([Entry.file("a", b"")], store.blobs))
    assert [blob.descriptor.digest for blob in image.blobs] == [image.layers[1].descriptor.digest, image.id]
    assert image.layers[0].descriptor == descriptor


def test_nothing_is_changed_in_place(store: Store) -> None:
    image = make_image(store)
    before = (image.manifest.data, image.config.data, image.layers)
    image.append(raw_layer(raw_tar()))
    image.with_config(image.config.with_env({"A": "1"}))
    image.with_annotations({"a": "b"})
    assert (image.manifest.data, image.config.data, image.layers) == before


def test_a_base_s_unknown_fields_reach_the_new_image(store: Store) -> None:
    base = make_image(store)
    config = Config(base.config.data.replace(b'"os":', b'"x-config":[1],"os":'))
    document = base.manifest.data.replace(b'"schemaVersion"', b'"x-manifest":{"a":1},"schemaVersion"')
    manifest = Manifest(OCI.manifest, document, base.manifest.config, base.manifest.layers).with_blobs(
        Descriptor.of(config.data, OCI.config), base.manifest.layers
    )
    image = Image.assemble(manifest, config, store).append(raw_layer(raw_tar()))
    assert image.manifest.to_json()["x-manifest"] == {"a": 1}
    assert image.config.to_json()["x-config"] == [1]
    assert len(image.config.history) == len(image.layers) == 3


def test_parts_that_contradict_each_other_are_refused(store: Store) -> None:
    image = make_image(store)
    other = Config.create(ARM64)
    with pytest.raises(InvalidImage, match="configuration"):
        replace(image, config=other)
    with pytest.raises(InvalidImage, match="not the"):
        image.with_config(other)
    with pytest.raises(InvalidImage, match="not its manifest's"):
        replace(image, layers=image.layers[:1])
    manifest = image.manifest.with_blobs(image.manifest.config, image.manifest.layers[:1])
    with pytest.raises(InvalidImage, match="1 layers"):
        Image.assemble(manifest, image.config, store)


def test_blobs_come_once_each_and_the_configuration_last(store: Store) -> None:
    image = make_image(store)
    doubled = image.append(image.layers[0])
    digests = [blob.descriptor.digest for blob in doubled.blobs]
    assert digests == [*(layer.descriptor.digest for layer in image.layers), doubled.id]
    with doubled.config_blob.open() as stream:
        assert stream.read() == doubled.config.to_bytes()


def test_damaged_bytes_are_noticed_while_they_are_read() -> None:
    good = raw_layer(raw_tar())
    for data in (b"", b"x" * good.descriptor.size, b"x" * (good.descriptor.size + 1)):
        bad = good.with_source(MemoryBlobs({good.descriptor.digest: data}))
        with bad.open() as stream, pytest.raises(InvalidImage):
            stream.read()
    with pytest.raises(BlobAbsent):
        good.with_source(MemoryBlobs({})).open()
