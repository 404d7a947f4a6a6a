from __future__ import annotations

import pytest

from kfp.errors import InvalidImage
from kfp.images import media_types
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import AMD64, ARM64, make_image

NAME = Reference.parse("localhost/several:1")


def images(store: Store) -> tuple[Image, Image]:
    return make_image(store, text="amd"), make_image(store, platform=ARM64, text="arm")


def test_the_store_keeps_an_index_with_its_images(store: Store) -> None:
    whole = ImageIndex.of(images(store))
    store.put(whole, NAME)
    assert store.get_whole(NAME) == whole
    for platform, image in zip((AMD64, ARM64), whole.images, strict=True):
        found = store.get(NAME, platform)
        assert found is not None
        assert (found.manifest, found.config) == (image.manifest, image.config)
    assert [(line.reference, line.digest, line.complete) for line in store.list()] == [
        (NAME, image.digest, True) for image in whole.images
    ]


def test_entries_carry_their_platforms(store: Store) -> None:
    whole = ImageIndex.of(images(store), {"who": "test"})
    assert [entry.platform for entry in whole.index.manifests] == [AMD64, ARM64]
    assert whole.index.annotations == {"who": "test"}
    first, second = whole.images
    assert whole.blobs == (*first.blobs[:-1], first.config_blob, second.blobs[1], second.config_blob)


def test_what_is_no_index(store: Store) -> None:
    amd, arm = images(store)
    with pytest.raises(InvalidImage, match="two images for linux/amd64"):
        ImageIndex.of([amd, amd])
    with pytest.raises(InvalidImage, match="at least one"):
        ImageIndex.of([])
    with pytest.raises(InvalidImage, match="cannot hold one of"):
        ImageIndex.of([amd, arm.in_family(media_types.DOCKER)])
