"""What a build says of its images and attaches to them, whatever they stand on and wherever they are built."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from kfp import build
from kfp.build import BuildOptions
from kfp.home import kfp_home
from kfp.images.image import Image, scratch
from kfp.images.image_index import ImageIndex
from kfp.images.media_types import DOCKER
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, PYTHON, TARGET, Write, component, python_base
from tests.build.test_revision import IDENTITY
from tests.parts.engines import ContainerEngine
from tests.parts.processes import require
from tests.requirements.wheels import write_wheel

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
ANNOTATION = "org.opencontainers.image."
NAME = Reference.parse(TARGET)


def built(folder: Path, store: Store, **options: object) -> Image | ImageIndex:
    build.build(build.plan(folder), store=store, options=BuildOptions(**{"push": False, **options}))  # type: ignore[arg-type]
    whole = store.get_whole(NAME)
    assert whole is not None
    return whole


def image_of(whole: Image | ImageIndex) -> Image:
    assert isinstance(whole, Image)
    return whole


def commit(folder: Path) -> str:
    git = [require("git", "git"), "-C", str(folder)]
    environ = {**os.environ, **IDENTITY}
    for arguments in (
        ["init", "--quiet"],
        ["remote", "add", "origin", "https://token@example.org/team/code"],
        ["add", "."],
        ["commit", "--quiet", "-m", "all"],
    ):
        subprocess.run([*git, *arguments], check=True, capture_output=True, env=environ)
    answer = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True, env=environ)
    return answer.stdout.strip()


def test_annotations_tell_the_commit_and_change_no_image_id(source: Write, store: Store) -> None:
    folder = source({"a.py": component()})
    before = image_of(built(folder, store))
    assert f"{ANNOTATION}revision" not in before.manifest.annotations
    revision = commit(folder)
    after = image_of(built(folder, store))
    assert after.id == before.id
    assert dict(after.manifest.annotations) == {
        f"{ANNOTATION}base.digest": python_base().digest,
        f"{ANNOTATION}base.name": BASE,
        f"{ANNOTATION}created": "1970-01-01T00:00:00Z",
        f"{ANNOTATION}revision": revision,
        f"{ANNOTATION}source": "https://example.org/team/code",
    }
    (folder / "a.py").write_text(component("other"))
    changed = image_of(built(folder, store))
    assert changed.manifest.annotations[f"{ANNOTATION}revision"] == f"{revision}-dirty"


def test_an_index_says_what_its_images_say(source: Write, store: Store) -> None:
    below = ImageIndex.of([python_base(), python_base(platform=ARM)])
    store.put(below, Reference.parse(BASE))
    folder = source({"a.py": component()})
    revision = commit(folder)
    index = built(folder, store, platforms=(AMD, ARM))
    assert isinstance(index, ImageIndex)
    assert index.index.annotations[f"{ANNOTATION}revision"] == revision
    assert index.index.annotations[f"{ANNOTATION}base.digest"] == below.digest
    for image, base in zip(index.images, below.images, strict=True):
        assert image.manifest.annotations[f"{ANNOTATION}base.digest"] == base.digest
        bill, statement = store.attachments.of(image.digest)
        assert {bill.subject.digest, statement.subject.digest} == {image.digest}
        assert str(image.platform) in statement.data().decode()


def test_dockers_own_format_has_no_annotations_and_the_same_attachments(source: Write, store: Store) -> None:
    base = scratch(AMD, family=DOCKER)
    store.put(base.with_config(base.config.with_env(PYTHON)), Reference.parse(BASE))
    folder = source({"a.py": component()})
    revision = commit(folder)
    image = image_of(built(folder, store))
    assert image.manifest.family is DOCKER
    assert "annotations" not in image.manifest.to_json()
    _, statement = store.attachments.of(image.digest)
    assert statement.subject.media_type == DOCKER.manifest
    assert revision in statement.data().decode()


def test_the_bill_of_materials_is_what_was_installed(source: Write, store: Store, wheels: Path, kfp_home: Path) -> None:
    """From the wheel's own metadata, whether it was packed just now or its notes are gone."""
    write_wheel(wheels, "one", requires=("two",))
    write_wheel(wheels, "two", "2.5")
    folder = source({"a.py": component(packages=("one",))})
    image = image_of(built(folder, store))
    first, _ = store.attachments.of(image.digest)
    parts = {part["name"]: part for part in json.loads(first.data())["components"]}
    assert {"one", "two"} < set(parts)
    assert parts["two"]["purl"] == "pkg:pypi/two@2.5"
    assert not any("licenses" in part for part in parts.values())
    for note in (kfp_home / "cache/packages/notes").iterdir():
        note.write_text(json.dumps({"version": "", "licences": [{"license": {"id": "MIT"}}]}))
    image = image_of(built(folder, store))
    noted, _ = store.attachments.of(image.digest)
    assert noted.data().decode().count('"licenses":[{"license":{"id":"MIT"}}]') == 2
    for note in (kfp_home / "cache/packages/notes").iterdir():
        note.unlink()
    image = image_of(built(folder, store))
    again, _ = store.attachments.of(image.digest)
    assert again.data() == first.data()


@pytest.mark.parametrize("epoch", ["", "1700000000"])
def test_what_is_attached_depends_on_nothing_else(
    source: Write, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: str
) -> None:
    """Another directory, another user's home, another day: the same artifacts."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    folder = source({"a.py": component()})
    first = store.attachments.of(image_of(built(folder, store)).digest)
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    monkeypatch.setenv("KFP_HOME", str(tmp_path / "other-home"))
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    other = Store(tmp_path / "other-home/images")
    other.put(python_base(), Reference.parse(BASE))
    second = other.attachments.of(image_of(built(elsewhere, other)).digest)
    assert [each.manifest.data for each in first] == [each.manifest.data for each in second]
    assert len(first) == 2


def test_none_is_attached_where_none_is_wanted(source: Write, store: Store) -> None:
    folder = source({"a.py": component()})
    image = image_of(built(folder, store))
    assert len(store.attachments.of(image.digest)) == 2
    assert image_of(built(folder, store, sbom=False)).digest == image.digest
    assert store.attachments.of(image.digest) == ()


@pytest.mark.engine
def test_pinned_metadata_of_a_users_own_dockerfile(source: Write, base_image: str, docker: ContainerEngine) -> None:
    """Whatever the Dockerfile copies: the metadata of the last build makes no other image of the next."""
    store = Store(kfp_home() / "images")
    folder = source({
        "a.py": component(base=base_image),
        "Dockerfile": f"FROM {base_image}\nCOPY . /usr/local/src/kfp/components\n",
        ".dockerignore": "*.md",
    })  # fmt: skip
    digests = []
    for _ in range(2):
        whole = built(folder, store, pin=True, load=True)
        digests.append(whole.digest)
        assert f"image: {TARGET}@{whole.digest}\n" in (folder / "component_metadata/add.yaml").read_text()
    assert digests[0] == digests[1]
    docker("rmi", "--force", TARGET)
