from __future__ import annotations

import json

import pytest

from kfp.errors import InvalidImage
from kfp.images import artifact as artifacts
from kfp.images import media_types
from kfp.images.artifact import Artifact
from kfp.images.blob import MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.platform import Platform
from kfp.images.store import Store
from tests.images.making import make_image

SUBJECT = Descriptor.of(b"a manifest", media_types.DOCKER_MANIFEST)
KIND = "application/vnd.example+json"


def make(text: str = "content", subject: Descriptor = SUBJECT, kind: str = KIND) -> Artifact:
    return Artifact.of(text.encode(), kind, subject, {"who": "test"})


def test_the_manifest_is_what_the_specification_says() -> None:
    made = make()
    assert json.loads(made.manifest.data) == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": KIND,
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "size": 2,
        },
        "layers": [{"mediaType": KIND, "digest": sha256(b"content"), "size": 7}],
        "subject": {"mediaType": SUBJECT.media_type, "digest": SUBJECT.digest, "size": 10},
        "annotations": {"who": "test"},
    }
    assert made.descriptor.to_json() == {
        "mediaType": media_types.OCI_MANIFEST,
        "digest": made.digest,
        "size": len(made.manifest.data),
        "artifactType": KIND,
        "annotations": {"who": "test"},
    }
    assert [blob.open().read() for blob in made.blobs] == [b"{}", b"content"]


def test_the_platform_of_a_subject_in_an_index_is_no_part_of_it() -> None:
    from dataclasses import replace

    assert make(subject=replace(SUBJECT, platform=Platform("linux", "amd64"))) == make()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subject": None}, "no subject"),
        ({"layers": []}, "0 blobs"),
        ({"subject": {"mediaType": "x/y", "digest": "sha256:../..", "size": 1}}, "is not a digest"),
        ({"artifactType": 3}, "artifactType"),
    ],
)
def test_a_hostile_manifest_is_refused(change: dict[str, object], message: str) -> None:
    document = {**json.loads(make().manifest.data), **change}
    with pytest.raises(InvalidImage, match=message):
        Artifact.read(json.dumps({k: v for k, v in document.items() if v is not None}).encode(), MemoryBlobs({}))


def test_a_content_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "CONTENT_LIMIT", 6)
    with pytest.raises(InvalidImage, match="more than 6"):
        make().data()


def test_the_store_keeps_what_is_attached(store: Store) -> None:
    image = make_image(store)
    subject = image.manifest.descriptor
    assert store.attachments.of(image.digest) == ()
    one, two = make("one", subject), make("two", subject, "application/vnd.other+json")
    store.attachments.set(image.digest, [one, two])
    again = Store(store.root).attachments
    assert again.of(image.digest) == (one, two)
    assert [each.data() for each in again.of(image.digest)] == [b"one", b"two"]
    assert again.subjects() == (image.digest,)
    assert again.blobs_of(image.digest) == {
        one.digest, two.digest, sha256(b"{}"), sha256(b"one"), sha256(b"two"),
    }  # fmt: skip
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*") if path.is_file()}
    again.set(image.digest, [one, two])
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*") if path.is_file()} == before
    again.set(image.digest, [two])
    assert again.of(image.digest) == (two,)
    store.blobs.path(two.digest).unlink()
    assert again.of(image.digest) == ()
    again.set(image.digest, [])
    assert again.subjects() == ()


def test_damage_is_told(store: Store) -> None:
    image = make_image(store)
    made = make(subject=image.manifest.descriptor)
    store.attachments.set(image.digest, [made])
    store.blobs.path(made.digest).write_bytes(made.manifest.data.replace(b"test", b"tost"))
    with pytest.raises(InvalidImage, match="damaged"):
        store.attachments.of(image.digest)
