"""What comes out of a build besides the image: archives, an engine's copy, pinned metadata, what is attached."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from kfp.images.image_index import ImageIndex
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import component
from tests.cli.conftest import Kfp
from tests.parts.engines import ContainerEngine
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry
from tests.requirements.wheels import write_wheel

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.fixture
def folder(tmp_path: Path, registry: RunningRegistry, store: Store, wheels: Path) -> Path:
    assert store
    write_wheel(wheels)
    made = tmp_path / "src"
    made.mkdir()
    target = f"{registry.host}/outputs/{tmp_path.name.replace('_', '-')}:v1"
    (made / "a.py").write_text(component(target=target, packages=("tiny",)))
    return made


def target_of(folder: Path) -> Reference:
    found = re.search("target_image='([^']+)'", (folder / "a.py").read_text())
    assert found
    return Reference.parse(found[1])


def image_in(folder: Path) -> str:
    document = yaml.safe_load((folder / "component_metadata/add.yaml").read_text())
    (executor,) = document["deploymentSpec"]["executors"].values()
    image: str = executor["container"]["image"]
    return image


@pytest.mark.engine
def test_the_bill_of_materials_is_in_the_store_and_in_the_registry(kfp: Kfp, folder: Path, store: Store) -> None:
    assert kfp("component", "build", folder).code == 0
    name = target_of(folder)
    here = kfp("image", "sbom", name)
    assert here.code == 0
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(here.out) is None
    parts = {part["name"]: part for part in json.loads(here.out)["components"]}
    assert parts["tiny"]["purl"] == "pkg:pypi/tiny@1.0"
    (digest,) = (each["content"] for each in parts["tiny"]["hashes"])
    assert re.fullmatch("[0-9a-f]{64}", digest)
    statement = json.loads(kfp("image", "sbom", "--provenance", name).out)
    image = store.get(name)
    assert image is not None
    assert f"sha256:{statement['subject'][0]['digest']['sha256']}" == image.digest
    inspected = json.loads(kfp("image", "inspect", name).out)
    assert [each["type"] for each in inspected["attached"]] == [
        "application/vnd.cyclonedx+json", "application/vnd.in-toto+json",
    ]  # fmt: skip
    store.attachments.forget(image.digest)
    assert kfp("image", "sbom", name).out == here.out  # from the registry's tag schema


@pytest.mark.engine
def test_a_build_again_sends_nothing(kfp: Kfp, folder: Path) -> None:
    (first,) = json.loads(kfp("--output", "json", "component", "build", folder).out)
    (again,) = json.loads(kfp("--output", "json", "component", "build", folder).out)
    assert (first["pushed"], first["attached"]) == (True, 2)
    assert (again["pushed"], again["sent_bytes"], again["attached"]) == (False, 0, 0)


@pytest.mark.engine
def test_without_a_bill_of_materials(kfp: Kfp, folder: Path, store: Store) -> None:
    with_it = json.loads(kfp("--output", "json", "component", "build", folder, "--no-push-image").out)
    without = json.loads(kfp("--output", "json", "component", "build", folder, "--no-sbom").out)
    assert with_it[0]["digest"] == without[0]["digest"]  # what is attached changes no image
    assert store.attachments.subjects() == ()
    refused = kfp("image", "sbom", target_of(folder))
    assert refused.code == 1
    assert "has no bill of materials" in refused.err
    assert "--no-sbom" in refused.err


@pytest.mark.engine
def test_pinned_metadata_names_the_digest_and_is_found_by_it(kfp: Kfp, folder: Path, store: Store) -> None:
    name = target_of(folder)
    kfp("component", "build", folder, "--no-push-image")
    assert image_in(folder) == str(name)
    kfp("component", "build", folder, "--pin")
    found = store.get(name)
    assert found is not None
    pinned = image_in(folder)
    assert pinned == f"{name}@{found.digest}"
    by_digest = store.get(Reference.parse(pinned))
    assert by_digest is not None
    assert by_digest.id == found.id
    metadata = folder / "component_metadata/add.yaml"
    before = metadata.stat().st_mtime_ns
    kfp("component", "build", folder, "--pin")
    assert metadata.stat().st_mtime_ns == before
    (folder / "a.py").write_text((folder / "a.py").read_text().replace("return a", "return a + 1"))
    kfp("component", "build", folder, "--pin")
    assert image_in(folder) != pinned
    kfp("component", "build", folder)
    assert image_in(folder) == str(name)


@pytest.mark.engine
def test_archives_have_all_platforms_or_this_one(kfp: Kfp, folder: Path, store: Store, tmp_path: Path) -> None:
    skopeo = require("skopeo", "skopeo")
    name = target_of(folder)
    platforms = ("--platform", "linux/amd64,linux/arm64", "--no-push-image")
    built = kfp("component", "build", folder, *platforms, "--output-archive", tmp_path / "oci.tar")
    assert built.code == 0, built.err
    whole = store.get_whole(name)
    assert isinstance(whole, ImageIndex)

    def raw(place: str) -> bytes:
        return subprocess.run([skopeo, "inspect", "--raw", place], check=True, capture_output=True, timeout=60).stdout

    assert raw(f"oci-archive:{tmp_path / 'oci.tar'}") == whole.index.data
    assert kfp("image", "save", name, "-o", tmp_path / "saved.tar").code == 0
    assert (tmp_path / "saved.tar").read_bytes() == (tmp_path / "oci.tar").read_bytes()
    assert kfp("image", "save", name, "--platform", "linux/arm64", "-o", tmp_path / "arm.tar").code == 0
    assert raw(f"oci-archive:{tmp_path / 'arm.tar'}") == whole.images[1].manifest.data
    form = ("--output-archive", tmp_path / "docker.tar", "--archive-format", "docker")
    assert kfp("component", "build", folder, *platforms, *form).code == 0
    config = json.loads(
        subprocess.run(
            [skopeo, "inspect", "--config", f"docker-archive:{tmp_path / 'docker.tar'}"],
            check=True, capture_output=True, timeout=60,
        ).stdout
    )  # fmt: skip
    chosen = whole.choose()
    assert chosen is not None
    assert config["architecture"] == chosen.platform.architecture
    store.remove(name)
    assert kfp("image", "load", tmp_path / "saved.tar").code == 0
    loaded = store.get_whole(name)
    assert isinstance(loaded, ImageIndex)
    assert loaded.digest == whole.digest


def test_an_archive_that_cannot_be_written_is_told_before_anything_is_built(
    kfp: Kfp, folder: Path, tmp_path: Path
) -> None:
    refused = kfp("component", "build", folder, "--output-archive", tmp_path / "absent/x.tar")
    assert refused.code == 1
    assert "absent/x.tar" in refused.err
    assert not (folder / "component_metadata").exists()


@pytest.mark.engine
def test_loaded_into_an_engine_once(kfp: Kfp, folder: Path, container_engine: ContainerEngine) -> None:
    name = target_of(folder)
    options = ("--no-push-image", "--load", "--pin")
    first = kfp("component", "build", folder, *options)
    assert first.code == 0, first.err
    assert f"{container_engine.program} has {name}" in first.err
    assert container_engine("image", "inspect", str(name)).returncode == 0
    again = kfp("component", "build", folder, *options)
    assert f"{container_engine.program} had {name}" in again.err
    container_engine("rmi", "--force", str(name))


def test_no_engine_is_told_before_anything_is_built(
    kfp: Kfp, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KFP_CONTAINER_ENGINE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = kfp("component", "build", folder, "--load")
    assert refused.code == 1
    assert "neither docker nor podman" in refused.err
    assert "leave out --load" in refused.err
    assert not (folder / "component_metadata").exists()
