"""Registries that fail on demand, and clients that do not wait long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings
from kfp.images.image import Image, scratch
from kfp.images.layer import build_layer
from kfp.images.platform import Platform
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.distribution.faulty_registry import FaultyRegistry, serve

QUICK = Settings(
    connect_timeout=2,
    read_timeout=10,
    retry=Retry(attempts=4, first_delay=0.01, longest_delay=0.02, patience=2),
    environ={},
)
HASTY = replace(QUICK, read_timeout=0.5)
"""For the tests of time limits alone: a busy machine is slower than that now and then."""


@pytest.fixture
def faulty() -> Iterator[FaultyRegistry]:
    with serve(FaultyRegistry()) as registry:
        yield registry


@pytest.fixture
def other() -> Iterator[FaultyRegistry]:
    """A second registry: another host, as far as credentials are concerned."""
    with serve(FaultyRegistry()) as registry:
        yield registry


@pytest.fixture
def client(faulty: FaultyRegistry) -> Iterator[Registry]:
    registry = Registry(faulty.host, Keychain(), settings=QUICK)
    yield registry
    registry.transport.close()


@pytest.fixture
def options() -> RegistryOptions:
    return RegistryOptions(keychain=Keychain(), settings=QUICK)


@pytest.fixture
def image(store: Store) -> Image:
    """An image of three layers, all in the store."""
    layers = [
        build_layer([Entry.file(f"srv/file{n}", bytes([n]) * 300_000)], store.blobs, compressor=None) for n in range(3)
    ]
    return scratch(Platform("linux", "amd64")).append(*layers, created_by="tests")
