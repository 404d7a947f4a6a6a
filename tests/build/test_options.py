from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from kfp import build
from kfp.build import BuildOptions, BuiltImage
from kfp.errors import BuildError
from kfp.images import media_types
from kfp.images.media_types import DOCKER
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, TARGET, Write, component, python_base, texts_of

COMPRESSIONS: dict[tuple[Literal["gzip", "zstd"], bool], str] = {
    ("gzip", False): media_types.OCI_LAYER_GZIP,
    ("gzip", True): media_types.OCI_LAYER_GZIP,
    ("zstd", False): media_types.OCI_LAYER_ZSTD,
}


def built(
    folder: Path, store: Store, compression: Literal["gzip", "zstd"] = "gzip", *, portable: bool = False
) -> BuiltImage:
    options = BuildOptions(push=False, compression=compression, portable=portable)
    (made,) = build.build(build.plan(folder), store=store, options=options)
    return made


def test_the_compression_changes_the_manifest_and_not_the_image(source: Write, store: Store) -> None:
    folder = source({"a.py": component()})
    made = {}
    for (compression, portable), media_type in COMPRESSIONS.items():
        made[compression, portable] = built(folder, store, compression, portable=portable)
        image = store.get(Reference.parse(TARGET))
        assert image is not None
        assert {layer.descriptor.media_type for layer in image.layers} == {media_type}
        assert "usr/local/src/kfp/components/a.py" in texts_of(image.layers[-1])
    assert len({each.platforms[0].id for each in made.values()}) == 1
    assert len({each.digest for each in made.values()}) == 3


def test_docker_s_format_has_no_zstd(source: Write, store: Store) -> None:
    store.put(python_base().in_family(DOCKER), Reference.parse(BASE))
    with pytest.raises(BuildError, match="Docker's own format") as raised:
        built(source({"a.py": component()}), store, "zstd")
    assert raised.value.hint is not None
    assert "--compression gzip" in raised.value.hint


def test_zstd_is_not_portable(source: Write, store: Store) -> None:
    with pytest.raises(BuildError, match="portable"):
        built(source({"a.py": component()}), store, "zstd", portable=True)
