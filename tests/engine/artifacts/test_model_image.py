"""Models in images: what `oci:` means."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from kfp.errors import RunError
from kfp.images.distribution.push import push
from kfp.images.image import scratch
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.engine.artifacts.conftest import Mover, tree
from tests.images.making import AMD64, Raw, raw_layer, raw_tar
from tests.parts.registry import RunningRegistry

LOWER = (
    Raw("etc/passwd", b"root"),
    Raw("models", type=tarfile.DIRTYPE),
    Raw("models/old.bin", b"old"),
    Raw("models/weights.bin", b"1"),
    Raw("models/parts/a", b"a"),
    Raw("models/gone/b", b"b"),
)
UPPER = (
    Raw("./models/weights.bin", b"22"),
    Raw("models/.wh.old.bin"),
    Raw("models/gone/.wh..wh..opq"),
    Raw("models/gone/c", b"c"),
    Raw("models/link", type=tarfile.SYMTYPE, link="weights.bin"),
    Raw("modelsx/other", b"x"),
)
EXPECTED = {"weights.bin": b"22", "parts/a": b"a", "gone/c": b"c", "link": b"22"}


def stored(home: Path, *layers: tuple[Raw, ...], name: str = "localhost/models/a:v1") -> str:
    """Put an image into the store; return its URI."""
    image = scratch(AMD64).append(*(raw_layer(raw_tar(*members)) for members in layers))
    Store(home / "images").put(image, Reference.parse(name))
    return f"oci://{name}"


def test_a_models_directory_is_put_together_from_the_layers(mover: Mover, tmp_path: Path) -> None:
    uri = stored(tmp_path / "home", LOWER, (Raw("bin/sh", b""),), UPPER)
    assert tree(mover.down(uri, tmp_path / "models")) == EXPECTED
    assert (tmp_path / "models" / "link").is_symlink()
    assert tree(mover.down(uri, tmp_path / "mine", own=True)) == EXPECTED


def test_a_model_comes_from_its_registry(registry: RunningRegistry, mover: Mover, tmp_path: Path) -> None:
    name = f"{registry.host}/models/a:v1"
    stored(tmp_path / "other", LOWER, UPPER, name=name)
    image = Store(tmp_path / "other" / "images").get(Reference.parse(name))
    assert image is not None
    push(image, Reference.parse(name))
    assert tree(mover.down(f"oci://{name}", tmp_path / "models")) == EXPECTED


def test_a_directory_that_a_layer_removes(mover: Mover, tmp_path: Path) -> None:
    uri = stored(tmp_path / "home", LOWER, (Raw(".wh.models"),), (Raw("models/new", b"n"),))
    assert tree(mover.down(uri, tmp_path / "models")) == {"new": b"n"}


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([(Raw("etc/passwd", b""),)], "has no directory /models"),
        ([(Raw("models/../../out", b"x"),)], "cannot be downloaded"),
        ([(Raw("models/link", type=tarfile.SYMTYPE, link="../../out"),)], "cannot be downloaded"),
        ([LOWER, (Raw("models/.wh...", b""),)], ""),
    ],
)
def test_hostile_images(layers: list[tuple[Raw, ...]], told: str, mover: Mover, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    uri = stored(tmp_path / "home", *layers)
    if told:
        with pytest.raises(RunError, match=told):
            mover.down(uri, tmp_path / "models")
    else:
        mover.down(uri, tmp_path / "models")
    assert (tmp_path / "out").read_text() == "precious"


@pytest.mark.parametrize("uri", ["oci://localhost/none:v1", "oci://UPPER CASE/x", "oci://"])
def test_an_image_that_is_nowhere(uri: str, mover: Mover, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be downloaded"):
        mover.down(uri, tmp_path / "models")
