from __future__ import annotations

import pytest

from kfp.build.layer_cache import LayerCache
from kfp.images.store import Store
from kfp.images.tar import Entry


@pytest.fixture
def cache(store: Store) -> LayerCache:
    return LayerCache(store.root.parent / "layers", store.blobs)


def test_a_layer_is_built_once(cache: LayerCache) -> None:
    layer, cached = cache.build("key", lambda: [Entry.file("a", b"1")])
    again, cached_again = cache.build("key", lambda: pytest.fail("built again"))
    assert (cached, cached_again) == (False, True)
    assert (again.descriptor, again.diff_id) == (layer.descriptor, layer.diff_id)
    assert cache.get("another") is None


def test_a_layer_whose_blob_is_gone_is_built_again(cache: LayerCache, store: Store) -> None:
    layer, _ = cache.build("key", lambda: [Entry.file("a", b"1")])
    store.blobs.path(layer.descriptor.digest).unlink()
    assert cache.get("key") is None
    assert cache.build("key", lambda: [Entry.file("a", b"1")]) == (layer, False)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"mediaType": 1, "digest": "x", "size": "y"}'])
def test_a_damaged_record_is_none(cache: LayerCache, text: str) -> None:
    cache.directory.mkdir()
    (cache.directory / "key.json").write_text(text)
    assert cache.get("key") is None
