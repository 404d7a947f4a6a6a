"""What is attached to images that were put on another base."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from kfp import build
from kfp.build import BuildOptions
from kfp.build.rebase import rebase
from kfp.images.artifact import Artifact
from kfp.images.image import Image
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.build.conftest import BASE, PYTHON, TARGET, Write, component, python_base
from tests.requirements.wheels import write_wheel

NAME, NEW, OTHER = (Reference.parse(text) for text in (TARGET, "localhost/new:2", "localhost:5000/team/other:1"))


def image_of(store: Store, name: Reference) -> Image:
    found = store.get(name)
    assert found is not None
    return found


@pytest.fixture
def built(source: Write, store: Store, wheels: Path) -> Image:
    write_wheel(wheels, "tiny")
    store.put(python_base({**PYTHON, "LANG": "C"}), NEW)
    folder = source({"a.py": component(packages=("tiny",))})
    build.build(build.plan(folder), store=store, options=BuildOptions(push=False))
    return image_of(store, NAME)


def test_the_packages_stay_and_the_base_changes(store: Store, built: Image) -> None:
    before, _ = store.attachments.of(built.digest)
    rebase(NAME, NEW, store=store, name=OTHER)
    image = image_of(store, OTHER)
    bill, statement = store.attachments.of(image.digest)
    assert {bill.subject.digest, statement.subject.digest} == {image.digest}
    text = bill.data().decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    for former in (
        built.digest,
        built.id,
        python_base().digest,
        TARGET,
        BASE,
        json.loads(before.data())["serialNumber"],
    ):
        assert former not in text
    document = json.loads(text)
    assert [part["name"] for part in document["components"]] == ["localhost/new", "kfp-skiff", "tiny"]
    assert document["metadata"]["component"]["version"] == image.digest
    references = {part["bom-ref"] for part in document["components"]}
    assert set(document["dependencies"][0]["dependsOn"]) == references
    assert document["compositions"][0]["assemblies"] == [document["components"][0]["bom-ref"]]


def test_the_provenance_is_that_of_a_rebase(store: Store, built: Image) -> None:
    rebase(NAME, NEW, store=store, name=OTHER)
    image = image_of(store, OTHER)
    statement = json.loads(store.attachments.of(image.digest)[1].data())
    assert statement["subject"][0]["digest"]["sha256"] == image.digest.removeprefix("sha256:")
    definition = statement["predicate"]["buildDefinition"]
    assert definition["buildType"].endswith("#image-rebase/v1")
    assert definition["externalParameters"] == {
        "target": OTHER.familiar,
        "image": TARGET,
        "base": NEW.familiar,
        "platform": "linux/amd64",
    }
    digests = [each["digest"]["sha256"] for each in definition["resolvedDependencies"]]
    assert digests == [each.digest.removeprefix("sha256:") for each in (built, image_of(store, NEW))]


def test_what_a_build_said_of_the_same_image_stays(store: Store, built: Image) -> None:
    before = store.attachments.of(built.digest)
    rebase(NAME, Reference.parse(BASE), store=store, name=OTHER)
    assert image_of(store, OTHER).digest == built.digest
    assert store.attachments.of(built.digest) == before


@pytest.mark.parametrize("content", [None, b"{}", b'{"metadata": []}', b'{"metadata": {"component": {}}}'])
def test_without_a_bill_of_materials_of_ours(store: Store, built: Image, content: bytes | None) -> None:
    kind, subject = "application/vnd.cyclonedx+json", built.manifest.descriptor
    store.attachments.set(built.digest, [] if content is None else [Artifact.of(content, kind, subject)])
    rebase(NAME, NEW, store=store, name=OTHER)
    assert store.attachments.of(image_of(store, OTHER).digest) == ()
