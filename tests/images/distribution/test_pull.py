from __future__ import annotations

from pathlib import Path

import pytest

from kfp.errors import AuthenticationError, ImageNotFound, InvalidImage, RegistryError, RegistryUnreachable
from kfp.images import media_types
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.progress import TransferEvent, TransferState
from kfp.images.distribution.pull import fetch_layers, resolve
from kfp.images.distribution.push import push
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.image import Image, scratch
from kfp.images.layer import build_layer
from kfp.images.manifest import Index
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.distribution.faulty_registry import FaultyRegistry, answer, corrupt, cut_at, error
from tests.parts.processes import free_port

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.fixture
def name(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> Reference:
    """The image's name in the registry."""
    reference = Reference.parse(f"{faulty.host}/team/app:v1")
    push(image, reference, options=options)
    faulty.asked.clear()
    return reference


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    return Store(tmp_path / "empty")


def test_manifest_and_configuration_are_pulled_and_layers_are_not(
    faulty: FaultyRegistry, name: Reference, image: Image, empty: Store, options: RegistryOptions
) -> None:
    found = resolve(name, store=empty, options=options)
    assert (found.digest, found.id) == (image.digest, image.id)
    assert faulty.lines() == ["GET /v2/", "GET /v2/team/app/manifests/v1", f"GET /v2/team/app/blobs/{image.id}"]
    (listed,) = empty.list()
    assert (listed.reference, listed.digest, listed.complete) == (name, image.digest, False)


def test_the_store_comes_first(faulty: FaultyRegistry, name: Reference, empty: Store, options: RegistryOptions) -> None:
    resolve(name, store=empty, options=options)
    faulty.asked.clear()
    assert resolve(name, store=empty, options=options)
    assert faulty.asked == []


def test_refresh_asks_the_registry(
    faulty: FaultyRegistry, name: Reference, image: Image, empty: Store, options: RegistryOptions
) -> None:
    resolve(name, store=empty, options=options)
    changed = image.with_config(image.config.with_labels({"new": "yes"}))
    push(changed, name, options=options)
    assert resolve(name, store=empty, options=options).digest == image.digest
    assert resolve(name, store=empty, options=options, refresh=True).digest == changed.digest
    assert resolve(name, store=empty, options=options).digest == changed.digest


def test_a_layer_is_fetched_when_it_is_opened_and_kept(
    faulty: FaultyRegistry, name: Reference, image: Image, empty: Store, options: RegistryOptions
) -> None:
    layer = resolve(name, store=empty, options=options).layers[1]
    faulty.asked.clear()
    for _ in range(2):
        with layer.open() as stream, image.layers[1].open() as wanted:
            assert stream.read() == wanted.read()
    assert faulty.lines("GET .*/blobs/") == [f"GET /v2/team/app/blobs/{layer.descriptor.digest}"]
    assert empty.blobs.has(layer.descriptor.digest)


def test_all_layers_are_fetched_with_progress(
    faulty: FaultyRegistry, name: Reference, empty: Store, options: RegistryOptions
) -> None:
    image = resolve(name, store=empty, options=options)
    with image.layers[0].open():
        pass
    faulty.fail("GET .*/blobs/", cut_at(5000), times=2)
    events: list[TransferEvent] = []
    fetch_layers(image, empty, options=options, progress=events.append)
    assert empty.list()[0].complete
    last = {event.digest: event.state for event in events}
    states = [last[layer.descriptor.digest] for layer in image.layers]
    assert states == [TransferState.EXISTS, TransferState.DONE, TransferState.DONE]


def test_a_layer_that_is_not_what_it_should_be_is_not_kept(
    faulty: FaultyRegistry, name: Reference, empty: Store, options: RegistryOptions
) -> None:
    image = resolve(name, store=empty, options=options)
    faulty.fail("GET .*/blobs/", corrupt, times=9)
    with pytest.raises(InvalidImage):
        fetch_layers(image, empty, options=options)
    assert not any(empty.blobs.has(layer.descriptor.digest) for layer in image.layers)
    assert empty.list()[0].digest == image.digest


def test_localhost_without_a_port_is_looked_for_nowhere_else(store: Store, image: Image) -> None:
    local = Reference.parse("localhost/base:v1")
    with pytest.raises(ImageNotFound, match="the local store has no image localhost/base:v1") as caught:
        resolve(local, store=store)
    assert "kfp image bootstrap localhost/base:v1" in str(caught.value)
    store.put(image, local)
    assert resolve(local, store=store, refresh=True).digest == image.digest


def test_a_registry_that_is_down_gives_one_error_with_the_ways_out(empty: Store, options: RegistryOptions) -> None:
    host = f"localhost:{free_port()}"
    reference = Reference.parse(f"{host}/python:3.11")
    with pytest.raises(RegistryUnreachable, match=f"cannot reach the registry {host}: connection refused") as caught:
        resolve(reference, store=empty, options=options)
    text = str(caught.value)
    assert f"kfp image bootstrap {host}/python:3.11" in text
    assert "kfp image load" in text
    assert not empty.root.exists()


def test_an_absent_image_names_registry_and_ways_out(
    faulty: FaultyRegistry, empty: Store, options: RegistryOptions
) -> None:
    with pytest.raises(ImageNotFound, match=f"the registry {faulty.host} has no image") as caught:
        resolve(Reference.parse(f"{faulty.host}/team/app:v9"), store=empty, options=options)
    assert "kfp image bootstrap" in str(caught.value)


def test_a_refusal_is_an_authentication_error(faulty: FaultyRegistry, empty: Store, options: RegistryOptions) -> None:
    faulty.auth = "basic"
    with pytest.raises(AuthenticationError, match="HTTP 401") as caught:
        resolve(Reference.parse(f"{faulty.host}/team/app:v1"), store=empty, options=options)
    assert f"docker login {faulty.host}" in str(caught.value)


@pytest.mark.parametrize("status", [500, 418])
def test_a_failure_is_a_registry_error(
    faulty: FaultyRegistry, empty: Store, options: RegistryOptions, status: int
) -> None:
    faulty.fail("manifests", answer(status, error("UNKNOWN", "teapot")), times=9)
    with pytest.raises(RegistryError, match=f"HTTP {status}.*UNKNOWN teapot"):
        resolve(Reference.parse(f"{faulty.host}/team/app:v1"), store=empty, options=options)


def test_a_huge_configuration_is_refused(
    faulty: FaultyRegistry, name: Reference, image: Image, empty: Store, options: RegistryOptions
) -> None:
    document = image.manifest.to_json()
    document["config"]["size"] = 100_000_000
    import json

    faulty.put_manifest("team/app", "v1", media_types.OCI_MANIFEST, json.dumps(document).encode())
    with pytest.raises(InvalidImage, match="more than 4194304 bytes"):
        resolve(name, store=empty, options=options)


# Several platforms


@pytest.fixture
def several(faulty: FaultyRegistry, store: Store, options: RegistryOptions) -> dict[str, Image]:
    """The name `team/multi:v1` for two platforms, and an attestation."""
    images, entries = {}, []
    for platform in (ARM64, AMD64):
        layer = build_layer([Entry.file("arch", str(platform).encode())], store.blobs, compressor=None)
        image = scratch(platform).append(layer)
        push(image, Reference(faulty.host, "team/multi", digest=image.digest), options=options)
        descriptor = image.manifest.descriptor
        written = Platform("linux", "arm64", "v8") if platform is ARM64 else platform
        entries.append(Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, platform=written))
        images[str(platform)] = image
    attestation = Descriptor(
        media_types.OCI_MANIFEST, "sha256:" + "0" * 64, 10, platform=Platform("unknown", "unknown")
    )
    index = Index.create(media_types.OCI, [attestation, *entries])
    faulty.put_manifest("team/multi", "v1", index.media_type, index.data)
    images["digest"] = index  # type: ignore[assignment]
    return images


@pytest.mark.parametrize("wanted", ["linux/amd64", "linux/arm64", "linux/arm64/v8"])
def test_the_platform_s_image_is_taken(
    faulty: FaultyRegistry, several: dict[str, Image], empty: Store, options: RegistryOptions, wanted: str
) -> None:
    platform = Platform.parse(wanted)
    reference = Reference.parse(f"{faulty.host}/team/multi:v1")
    image = resolve(reference, platform, store=empty, options=options)
    assert image.digest == several[str(platform)].digest
    pinned = reference.with_digest(several["digest"].digest)
    faulty.asked.clear()
    found = empty.get(pinned, platform)
    assert found is not None
    assert found.digest == image.digest


def test_both_platforms_live_under_one_name(
    faulty: FaultyRegistry, several: dict[str, Image], empty: Store, options: RegistryOptions
) -> None:
    reference = Reference.parse(f"{faulty.host}/team/multi:v1")
    for platform in (AMD64, ARM64):
        resolve(reference, platform, store=empty, options=options)
    faulty.asked.clear()
    for platform in (AMD64, ARM64):
        assert resolve(reference, platform, store=empty, options=options).digest == several[str(platform)].digest
    assert faulty.asked == []


@pytest.mark.parametrize("repository", ["team/multi", "team/app"])
def test_another_platform_is_named(
    faulty: FaultyRegistry,
    several: dict[str, Image],
    name: Reference,
    empty: Store,
    options: RegistryOptions,
    repository: str,
) -> None:
    del several, name
    with pytest.raises(ImageNotFound, match=r"not for linux/s390x, only for .*linux/amd64"):
        resolve(
            Reference.parse(f"{faulty.host}/{repository}:v1"), Platform("linux", "s390x"), store=empty, options=options
        )
