"""The bill of materials and the provenance of an image, as others read them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from kfp import build
from kfp.build.attesting import attest
from kfp.build.inventory import Note
from kfp.build.materials import Materials
from kfp.build.provenance import _public
from kfp.build.revision import Revision
from kfp.images.config import EPOCH, timestamp
from kfp.images.reference import Reference
from kfp.requirements import Indexes, LockedPackage
from kfp.version import __version__
from tests.build.conftest import Write, component, python_base

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SECRETS = ("s3cret", "lovelace", "/home/")


PACKAGES = (
    LockedPackage(
        "numpy", "2.1.0", "https://lovelace:s3cret@example.org/numpy-2.1.0-py3-none-any.whl", ("sha256:" + "1" * 64,)
    ),
    LockedPackage("own", "1.0+local.1", "file:///home/lovelace/own-1.0-py3-none-any.whl", ("sha256:" + "2" * 64,)),
    LockedPackage("pure", "3", "https://example.org/pure-3.tar.gz?s3cret=1", ("sha256:" + "3" * 64,), built=True),
    LockedPackage("several", "4", "", ("sha256:" + "4" * 64, "sha256:" + "5" * 64)),
    LockedPackage("repository", "", f"git+https://lovelace:s3cret@example.org/x.git@{COMMIT}", built=True),
    LockedPackage("unknown", "", "", built=True),
)
NOTES = {
    "numpy": Note("2.1.0", [{"expression": "BSD-3-Clause AND MIT"}]),
    "pure": Note("3", [{"license": {"id": "MIT"}}, {"license": {"name": "BSD License"}}]),
    "repository": Note("5.1", []),
}


@pytest.fixture
def materials(source: Write) -> Materials:
    base = python_base()
    (plan,) = build.plan(source({"a.py": component()})).images
    return Materials(
        image=base.with_config(base.config.with_labels({"built": "yes"})),
        plan=replace(
            plan,
            base=Reference.parse("python:3.11"),
            target=Reference.parse("localhost:5000/team/app:v1"),
            requirements=(
                "numpy>=2",
                "own @ file:///home/lovelace/own.whl",
                "x @ git+https://lovelace:s3cret@example.org/x@v1",
            ),
            indexes=Indexes(urls=("https://lovelace:s3cret@example.org/simple?s3cret",)),
        ),
        base=base,
        packages=PACKAGES,
        notes=NOTES,
        revision=Revision(COMMIT, modified=False, source="https://example.org/team/code.git"),
        created=EPOCH,
    )


def documents(materials: Materials) -> tuple[dict[str, Any], dict[str, Any]]:
    bill, statement = (json.loads(artifact.data()) for artifact in attest(materials))
    return bill, statement


@pytest.mark.parametrize("revision", [None, Revision(COMMIT, True, ""), Revision(COMMIT, False, "ssh://git@x.org/y")])
@pytest.mark.parametrize("created", [EPOCH, timestamp(1_700_000_000)])
def test_the_bill_of_materials_is_cyclonedx(materials: Materials, revision: Revision | None, created: str) -> None:
    artifact, _ = attest(replace(materials, revision=revision, created=created))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(artifact.data().decode()) is None
    assert artifact.artifact_type == "application/vnd.cyclonedx+json"
    bill = json.loads(artifact.data())
    assert bill["metadata"].get("timestamp") == (None if created == EPOCH else "2023-11-14T22:13:20Z")
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(set(references)) == len(references)
    assert set(bill["dependencies"][0]["dependsOn"]) == set(references)
    assert re.fullmatch("urn:uuid:.{8}-.{4}-8.{3}-8.{3}-.{12}", bill["serialNumber"])


def test_what_is_in_it(materials: Materials) -> None:
    bill, _ = documents(materials)
    parts = {part["name"]: part for part in bill["components"]}
    assert list(parts) == [
        "docker.io/library/python",
        "kfp-skiff",
        "numpy",
        "own",
        "pure",
        "several",
        "repository",
        "unknown",
    ]
    assert parts["docker.io/library/python"]["version"] == materials.base.digest
    assert parts["kfp-skiff"]["version"] == __version__
    assert parts["numpy"] == {
        "type": "library",
        "bom-ref": "pkg:pypi/numpy@2.1.0",
        "name": "numpy",
        "version": "2.1.0",
        "purl": "pkg:pypi/numpy@2.1.0",
        "licenses": [{"expression": "BSD-3-Clause AND MIT"}],
        "hashes": [{"alg": "SHA-256", "content": "1" * 64}],
        "externalReferences": [
            {
                "type": "distribution",
                "url": "https://example.org/numpy-2.1.0-py3-none-any.whl",
                "hashes": [{"alg": "SHA-256", "content": "1" * 64}],
            }
        ],
    }
    assert parts["own"]["purl"] == "pkg:pypi/own@1.0%2Blocal.1"
    assert "externalReferences" not in parts["own"]
    assert "hashes" not in parts["pure"]  # the wheel was built here; what has the hash is the source distribution
    assert parts["pure"]["externalReferences"][0]["type"] == "source-distribution"
    assert "hashes" not in parts["several"]  # nobody knows which of the allowed files it was
    assert parts["repository"]["version"] == "5.1"  # as the wheel says that was built of it
    assert parts["repository"]["externalReferences"] == [
        {"type": "vcs", "url": f"git+https://example.org/x.git@{COMMIT}"}
    ]
    assert "version" not in parts["unknown"]
    whole = bill["metadata"]["component"]
    assert whole["version"] == materials.image.digest
    assert whole["purl"] == (
        f"pkg:oci/app@{materials.image.digest.replace(':', '%3A')}"
        "?arch=amd64&repository_url=localhost:5000/team/app&tag=v1"
    )
    assert whole["externalReferences"] == [{"type": "vcs", "url": "https://example.org/team/code.git"}]


def test_the_provenance_is_slsa(materials: Materials) -> None:
    _, artifact = attest(materials)
    assert artifact.artifact_type == "application/vnd.in-toto+json"
    assert artifact.manifest.annotations["in-toto.io/predicate-type"] == "https://slsa.dev/provenance/v1"
    statement = json.loads(artifact.data())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    digest = {"sha256": materials.image.digest.removeprefix("sha256:")}
    assert statement["subject"] == [{"name": "localhost:5000/team/app", "digest": digest}]
    definition = statement["predicate"]["buildDefinition"]
    assert definition["externalParameters"] == {
        "target": "localhost:5000/team/app:v1",
        "base": "python:3.11",
        "platform": "linux/amd64",
        "components": {"add": "a.py"},
        "requirements": ["numpy>=2", "own", "x @ git+https://example.org/x@v1"],
        "indexUrls": ["https://example.org/simple"],
    }
    base, source, numpy, *_, repository, unknown = definition["resolvedDependencies"]
    assert repository == {
        "uri": "pkg:pypi/repository@5.1",
        "digest": {"gitCommit": COMMIT},
        "downloadLocation": f"git+https://example.org/x.git@{COMMIT}",
    }
    assert unknown == {"uri": "pkg:pypi/unknown"}
    assert base["digest"] == {"sha256": materials.base.digest.removeprefix("sha256:")}
    assert source == {
        "name": "source",
        "uri": "git+https://example.org/team/code.git",
        "digest": {"gitCommit": COMMIT},
    }
    assert numpy == {
        "uri": "pkg:pypi/numpy@2.1.0",
        "digest": {"sha256": "1" * 64},
        "downloadLocation": "https://example.org/numpy-2.1.0-py3-none-any.whl",
    }
    assert all("uri" in each or "digest" in each for each in definition["resolvedDependencies"])
    builder = statement["predicate"]["runDetails"]["builder"]
    assert builder == {"id": "pkg:pypi/kfp-skiff", "version": {"kfp-skiff": __version__}}


def test_a_commit_that_the_image_differs_from_is_told_as_such(materials: Materials) -> None:
    _, statement = documents(replace(materials, revision=Revision(COMMIT, modified=True, source="")))
    source = statement["predicate"]["buildDefinition"]["resolvedDependencies"][1]
    assert source == {"name": "source", "digest": {"gitCommit": COMMIT}, "annotations": {"modified": True}}


def test_neither_secrets_nor_this_machine_are_in_them(materials: Materials, tmp_path: Path) -> None:
    """Tokens never appear in what is published."""
    for artifact in attest(materials):
        text = artifact.data().decode() + artifact.manifest.data.decode()
        for secret in (*SECRETS, str(tmp_path), str(Path.home())):
            assert secret not in text


def test_the_same_materials_give_the_same_artifacts(materials: Materials) -> None:
    assert [each.digest for each in attest(materials)] == [each.digest for each in attest(replace(materials))]
    for artifact in attest(materials):
        assert artifact.subject == materials.image.manifest.descriptor


@pytest.mark.parametrize(
    ("requirement", "public"),
    [
        ("numpy>=2; python_version>'3'", "numpy>=2; python_version>'3'"),
        ("x@https://token@example.org/x.whl?sig=1", "x @ https://example.org/x.whl"),
        ("x @ https://example.org/x.whl ; python_version > '3'", "x @ https://example.org/x.whl"),
        ("git+https://u:p@example.org/x.git", "git+https://example.org/x.git"),
        ("x @ file:///home/lovelace/x", "x"),
        ("./local", "./local"),
    ],
)
def test_requirements_are_given_without_secrets(requirement: str, public: str) -> None:
    assert _public(requirement) == public
