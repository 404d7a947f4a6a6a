from __future__ import annotations

import json
from typing import Any

import pytest

from kfp.errors import InvalidImage
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.manifest import LAYER_LIMIT, Index, Manifest, parse_manifest
from kfp.images.media_types import DOCKER, DOCKER_SCHEMA1_SIGNED, OCI, Family
from kfp.images.platform import Platform
from tests.images.making import AMD64, ARM64

CONFIG = Descriptor.of(b"config", OCI.config)
LAYER = Descriptor.of(b"layer", OCI.layers["gzip"])


def document(**fields: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": CONFIG.to_json(),
        "layers": [LAYER.to_json()],
        **fields,
    }


def parse(value: object, media_type: str = "") -> Manifest | Index:
    return parse_manifest(media_type, json.dumps(value).encode())


@pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])
def test_what_is_made_is_read_again(family: Family) -> None:
    manifest = Manifest.create(family, CONFIG, [LAYER], {"a": "b"})
    again = parse_manifest(family.manifest, manifest.data)
    assert isinstance(again, Manifest)
    assert again == manifest
    assert (again.config, again.layers, again.annotations) == (CONFIG, (LAYER,), {"a": "b"})
    assert (again.family, again.digest) == (family, sha256(manifest.data))
    assert again.descriptor == Descriptor(family.manifest, sha256(manifest.data), len(manifest.data))


def test_unknown_fields_survive_a_change() -> None:
    subject = Descriptor.of(b"s", OCI.manifest).to_json()
    layer = {**LAYER.to_json(), "x-layer": 1, "annotations": {"k": "v"}}
    manifest = parse(document(layers=[layer], subject=subject, artifactType="a/b", **{"x-own": [1]}))
    assert isinstance(manifest, Manifest)
    after = manifest.with_blobs(CONFIG, [*manifest.layers, LAYER]).to_json()
    assert (after["subject"], after["artifactType"], after["x-own"]) == (subject, "a/b", [1])
    assert after["layers"] == [layer, LAYER.to_json()]


def test_annotations_are_merged_and_docker_has_none() -> None:
    manifest = Manifest.create(OCI, CONFIG, annotations={"a": "1", "b": "2"}).with_annotations({"b": "3"})
    assert manifest.to_json()["annotations"] == {"a": "1", "b": "3"} == manifest.annotations
    docker = Manifest.create(DOCKER, CONFIG)
    assert docker.with_annotations({"a": "1"}) is docker


@pytest.mark.parametrize(
    ("said", "own", "expected"),
    [
        ("", OCI.manifest, OCI.manifest),
        ("", None, OCI.manifest),
        (OCI.manifest, None, OCI.manifest),
        (DOCKER.manifest, DOCKER.manifest, DOCKER.manifest),
        ("application/json", DOCKER.manifest, DOCKER.manifest),
        (f"{OCI.manifest}; charset=utf-8", OCI.manifest, OCI.manifest),
    ],
)
def test_the_type_is_found(said: str, own: str | None, expected: str) -> None:
    assert parse(document(mediaType=own), said).media_type == expected


@pytest.mark.parametrize(
    ("value", "said", "words"),
    [
        (document(), DOCKER.manifest, "its sender"),
        (document(mediaType="text/plain"), "", "unknown media type"),
        (document(mediaType=OCI.index), "", "not what"),
        ({"schemaVersion": 2, "manifests": []}, OCI.manifest, "not what"),
        (document(manifests=[]), "", "at once"),
        (document(schemaVersion=1), "", "schema 1"),
        (document(schemaVersion=3), "", "schemaVersion"),
        ({"schemaVersion": 1, "signatures": []}, DOCKER_SCHEMA1_SIGNED, "schema 1"),
        (document(config=None), "", "no media type"),
        (document(config={**CONFIG.to_json(), "digest": "sha256:abc"}), "", "not a digest"),
        (document(config={**CONFIG.to_json(), "size": -1}), "", "size"),
        (document(config={**CONFIG.to_json(), "size": True}), "", "size"),
        (document(config={**CONFIG.to_json(), "size": "5"}), "", "size"),
        (document(layers={}), "", "list of objects"),
        (document(layers=[LAYER.to_json()] * (LAYER_LIMIT + 1)), "", "limit"),
        (document(annotations={"a": 1}), "", "object of strings"),
        (document(config={**CONFIG.to_json(), "mediaType": "text"}), "", "malformed media type"),
        (document(config={**CONFIG.to_json(), "mediaType": "text/\x1b[2J"}), "", "malformed media type"),
        (document(config={**CONFIG.to_json(), "mediaType": "a/" + "b" * 1000}), "", "malformed media type"),
        (document(config={**CONFIG.to_json(), "platform": {"os": "\x1b[2J"}}), "", "malformed platform"),
        (document(config={**CONFIG.to_json(), "platform": {"os": "a" * 101}}), "", "malformed platform"),
        ([], "", "not a JSON object"),
    ],
)
def test_a_malformed_manifest_is_refused(value: object, said: str, words: str) -> None:
    with pytest.raises(InvalidImage, match=words):
        parse(value, said)


def test_a_field_that_stands_twice_is_refused() -> None:
    """Readers disagree about which one counts, and so about what a digest stands for."""
    text = json.dumps(document())
    twice = text.replace('"schemaVersion"', '"schemaVersion": 2, "schemaVersion"').encode()
    with pytest.raises(InvalidImage, match="'schemaVersion' twice"):
        parse_manifest("", twice)
    inside = text.replace('"digest"', '"digest": "sha256:0", "digest"', 1).encode()
    with pytest.raises(InvalidImage, match="'digest' twice"):
        parse_manifest("", inside)


def test_a_manifest_of_more_than_four_mebibytes_is_refused() -> None:
    with pytest.raises(InvalidImage, match="limit"):
        parse_manifest("", b" " * (DOCUMENT_LIMIT + 1))


def entry(text: str, platform: Platform | None) -> Descriptor:
    return Descriptor(OCI.manifest, sha256(text.encode()), 1, platform=platform)


def test_an_index_selects_by_platform() -> None:
    attestation = entry("attestation", Platform("unknown", "unknown"))
    arm64 = entry("arm64", Platform("linux", "arm64", "v8"))
    armv6 = entry("armv6", Platform("linux", "arm", "v6"))
    armv7 = entry("armv7", Platform("linux", "arm", "v7"))
    amd64 = entry("amd64", AMD64)
    index = Index.create(OCI, [attestation, armv6, armv7, arm64, amd64])
    again = parse_manifest(OCI.index, index.data)
    assert isinstance(again, Index)
    assert [e.digest for e in again.images] == [e.digest for e in (armv6, armv7, arm64, amd64)]
    for wanted, expected in [
        (AMD64, amd64),
        (ARM64, arm64),
        (Platform("linux", "arm"), armv7),
        (Platform("linux", "s390x"), None),
    ]:
        found = again.select(wanted)
        assert (found and found.digest) == (expected and expected.digest)


def test_a_platform_s_unknown_fields_survive() -> None:
    platform = {"os": "windows", "architecture": "amd64", "os.version": "10.0", "os.features": ["win32k"]}
    value = {**LAYER.to_json(), "platform": platform, "artifactType": "a/b", "urls": ["https://x"], "data": "eA=="}
    descriptor = Descriptor.from_json(value)
    assert descriptor.to_json() == value
    assert descriptor.platform == Platform("windows", "amd64", "", "10.0")
