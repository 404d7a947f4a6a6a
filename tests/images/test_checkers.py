"""Tools written by others read what Skiff writes: skopeo and umoci, on images of both families."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from kfp.images import archive, media_types
from kfp.images.media_types import DOCKER, OCI, Family
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import make_image
from tests.parts.processes import require

pytestmark = pytest.mark.engine

NAME = Reference.parse("localhost:5000/team/name:v1")
FAMILIES = pytest.mark.parametrize("family", [OCI, DOCKER], ids=["oci", "docker"])


def run(*command: str | Path) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_skopeo_inspects_the_store(store: Store) -> None:
    skopeo = require("skopeo", "skopeo")
    image = make_image(store)
    store.put(image, NAME)
    seen = json.loads(run(skopeo, "inspect", f"oci:{store.root}:{NAME}"))
    assert seen["Digest"] == image.digest
    assert seen["Layers"] == [layer.descriptor.digest for layer in image.layers]
    assert (seen["Os"], seen["Architecture"], seen["Labels"]) == ("linux", "amd64", {"who": "test"})
    config = json.loads(run(skopeo, "inspect", "--config", f"oci:{store.root}:{NAME}"))
    assert [step["created_by"] for step in config["history"]] == ["test", "test"]


@FAMILIES
@pytest.mark.parametrize("form", ["oci", "docker"])
def test_skopeo_copies_saved_archives(store: Store, tmp_path: Path, family: Family, form: archive.Format) -> None:
    skopeo = require("skopeo", "skopeo")
    image = make_image(store, family=family)
    path = tmp_path / "image.tar"
    archive.save(image, NAME, path, form)
    run(skopeo, "copy", "--insecure-policy", f"{form}-archive:{path}:{NAME}", f"dir:{tmp_path / 'copy'}")
    data = (tmp_path / "copy" / "manifest.json").read_bytes()
    assert json.loads(data)["config"]["digest"] == image.id
    if form == "oci":
        assert data == image.in_family(OCI).manifest.data


@pytest.mark.parametrize("form", ["oci-archive", "docker-archive"])
def test_archives_that_skopeo_writes_are_loaded(store: Store, tmp_path: Path, form: str) -> None:
    skopeo = require("skopeo", "skopeo")
    image = make_image(store)
    store.put(image, NAME)
    path = tmp_path / "image.tar"
    run(skopeo, "copy", "--insecure-policy", f"oci:{store.root}:{NAME}", f"{form}:{path}:{NAME}")
    other = Store(tmp_path / "other")
    assert archive.load(path, other) == [NAME]
    found = other.get(NAME)
    assert found is not None
    assert found.config.diff_ids == image.config.diff_ids
    for layer in found.layers:
        with layer.uncompressed() as stream:
            while stream.read(65536):
                pass


@FAMILIES
def test_umoci_unpacks_what_is_built(store: Store, tmp_path: Path, family: Family) -> None:
    umoci, skopeo = require("umoci", "umoci"), require("skopeo", "skopeo")
    path = tmp_path / "image.tar"
    archive.save(make_image(store, family=family), NAME, path)
    # umoci's own grammar of tags has no slash: the same layout under a short name
    run(skopeo, "copy", "--insecure-policy", f"oci-archive:{path}", f"oci:{tmp_path / 'oci'}:v1")
    run(umoci, "unpack", "--rootless", "--image", f"{tmp_path / 'oci'}:v1", tmp_path / "bundle")
    data = tmp_path / "bundle" / "rootfs" / "data"
    assert (data / "greeting.txt").read_bytes() == b"hello\n"
    assert (data / "link").read_bytes() == b"hello\n"
    assert (data / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (data / "größe.txt").read_text(encoding="utf-8") == "ü"
    assert data.joinpath(*["deep"] * 60, "file").read_bytes() == b"far"
    assert (data / "second.txt").read_text() == "hello"
    assert (tmp_path / "bundle" / "rootfs" / "tmp").stat().st_mode & 0o7777 == 0o1777


def test_a_layer_of_several_gzip_members_is_taken(store: Store, tmp_path: Path) -> None:
    import os

    from kfp.images.compression import CHUNK
    from kfp.images.image import scratch
    from kfp.images.layer import build_layer
    from kfp.images.tar import Entry
    from tests.images.making import AMD64

    skopeo = require("skopeo", "skopeo")
    layer = build_layer([Entry.file("noise", os.urandom(3 * CHUNK + 7))], store.blobs)
    assert layer.descriptor.media_type == media_types.OCI_LAYER_GZIP
    image = scratch(AMD64).append(layer)
    path = tmp_path / "image.tar"
    archive.save(image, NAME, path, "docker")
    # skopeo decompresses every layer of a docker-archive and compares its diff_id
    run(skopeo, "copy", "--insecure-policy", f"docker-archive:{path}", f"oci:{tmp_path / 'oci'}:v1")
