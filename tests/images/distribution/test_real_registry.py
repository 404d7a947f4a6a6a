"""The same with the registry that others wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kfp.errors import AuthenticationError, ImageNotFound
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.pull import fetch_layers, resolve
from kfp.images.distribution.push import PushResult, push
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.making import AMD64, ARM64, make_image
from tests.parts.registry import RunningRegistry

pytestmark = pytest.mark.engine


@pytest.fixture(params=["open", "locked"])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> RunningRegistry:
    running: RunningRegistry = request.getfixturevalue("registry" if request.param == "open" else "locked_registry")
    config = tmp_path / "docker-config" / "config.json"
    config.parent.mkdir(exist_ok=True)
    config.write_text(running.docker_config())
    return running


@pytest.fixture
def unique(store: Store, image: Image) -> Image:
    """An image that no other test has pushed."""
    layer = build_layer([Entry.file("srv/random", os.urandom(1_000_000))], store.blobs)
    return image.append(layer)


def test_what_is_pushed_is_what_is_pulled(real: RunningRegistry, unique: Image, tmp_path: Path) -> None:
    reference = Reference.parse(f"{real.host}/net/round-trip:v1")
    result = push(unique, reference)
    assert (result.digest, result.pushed) == (unique.digest, True)
    held = real.blobs()
    for blob in (*(blob.descriptor for blob in unique.blobs), unique.manifest.descriptor):
        assert held[blob.digest.removeprefix("sha256:")] == blob.size
    assert push(unique, reference) == PushResult(unique.digest, pushed=False)
    second = Store(tmp_path / "second")
    pulled = resolve(reference, store=second)
    fetch_layers(pulled, second)
    assert pulled.manifest == unique.manifest
    for mine, theirs in zip(unique.layers, pulled.layers, strict=True):
        with mine.open() as wanted, theirs.open() as found:
            assert found.read() == wanted.read()


def test_an_index_goes_with_its_images(real: RunningRegistry, store: Store, tmp_path: Path) -> None:
    whole = ImageIndex.of(make_image(store, platform=platform, text=str(platform)) for platform in (AMD64, ARM64))
    reference = Reference.parse(f"{real.host}/net/index:v1")
    result = push(whole, reference)
    assert (result.digest, result.pushed) == (whole.digest, True)
    assert push(whole, reference) == PushResult(whole.digest, pushed=False)
    for platform, mine in zip((AMD64, ARM64), whole.images, strict=True):
        assert resolve(reference, platform, store=Store(tmp_path / "second")).manifest == mine.manifest


def test_a_base_is_mounted_and_never_stored(real: RunningRegistry, unique: Image, tmp_path: Path) -> None:
    base = Reference.parse(f"{real.host}/net/base:v1")
    push(unique, base)
    second = Store(tmp_path / "second")
    layer = build_layer([Entry.file("srv/more", os.urandom(1000))], second.blobs)
    built = resolve(base, store=second).append(layer)
    second.put(built, Reference.parse("localhost/built:v1"))
    result = push(built, Reference.parse(f"{real.host}/net/derived:v1"))
    assert (result.mounted, result.uploaded) == (4, 2)
    assert not any(second.blobs.has(one.descriptor.digest) for one in unique.layers)
    third = Store(tmp_path / "third")
    fetch_layers(resolve(Reference.parse(f"{real.host}/net/derived:v1"), store=third), third)


def test_what_was_pushed_once_is_mounted_in_the_next_repository(real: RunningRegistry, unique: Image) -> None:
    assert push(unique, Reference.parse(f"{real.host}/net/first:v1")).mounted == 0
    config = unique.with_config(unique.config.with_env({"FOR": "the second"}))
    second = push(config, Reference.parse(f"{real.host}/net/second:v1"))
    assert (second.mounted, second.uploaded) == (len(unique.layers), 1)


def test_a_base_goes_from_one_registry_to_another(
    registry: RunningRegistry, locked_registry: RunningRegistry, unique: Image, tmp_path: Path
) -> None:
    config = tmp_path / "docker-config" / "config.json"
    config.parent.mkdir(exist_ok=True)
    config.write_text(locked_registry.docker_config())
    push(unique, Reference.parse(f"{locked_registry.host}/net/private-base:v1"))
    second = Store(tmp_path / "second")
    base = resolve(Reference.parse(f"{locked_registry.host}/net/private-base:v1"), store=second)
    result = push(base, Reference.parse(f"{registry.host}/net/copied:v1"))
    assert result.digest == unique.digest
    assert not any(second.blobs.has(one.descriptor.digest) for one in unique.layers)


def test_an_absent_image_is_not_found(real: RunningRegistry, store: Store) -> None:
    with pytest.raises(ImageNotFound, match=f"the registry {real.host} has no image"):
        resolve(Reference.parse(f"{real.host}/net/not-there:v1"), store=store)


@pytest.mark.parametrize("auths", [{}, {"auth": "YWRhOndyb25nLXNlY3JldA=="}])
def test_wrong_credentials_are_refused_clearly(
    locked_registry: RunningRegistry, unique: Image, tmp_path: Path, auths: dict[str, str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"auths": {locked_registry.host: auths}}))
    with pytest.raises(AuthenticationError, match=r"HTTP 401 Unauthorized") as caught:
        push(unique, Reference.parse(f"{locked_registry.host}/net/refused:v1"), keychain=Keychain((config,)))
    text = str(caught.value)
    assert str(config) in text
    assert f"docker login {locked_registry.host}" in text
    assert "wrong-secret" not in text
