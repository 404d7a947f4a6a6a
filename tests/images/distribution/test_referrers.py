"""What is attached to images in registries, with the Referrers API and without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfp.errors import InvalidImage, RegistryError
from kfp.images import media_types
from kfp.images.artifact import Artifact
from kfp.images.blob import MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.push import PushResult, push, push_all
from kfp.images.distribution.referrers import ArtifactsRefused, fallback_tag, fetch_referrers, list_referrers
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.distribution.faulty_registry import Asked, FaultyRegistry, Reply, Serve, answer, error, serve
from tests.images.making import AMD64, ARM64, make_image
from tests.parts.processes import require
from tests.parts.registry import RunningRegistry

KIND = "application/vnd.example+json"


class WithReferrers(FaultyRegistry):
    """The same with the Referrers API of distribution-spec 1.1."""

    def _serve(self, asked: Asked) -> Reply:
        repository, _, subject = asked.path.removeprefix("/v2/").rpartition("/referrers/")
        if repository and asked.method == "GET":
            data = json.dumps({"schemaVersion": 2, "manifests": self._about(repository, subject)}).encode()
            return Reply(200, data, {"Content-Type": media_types.OCI_INDEX})
        reply = super()._serve(asked)
        document = json.loads(asked.body) if asked.method == "PUT" and "/manifests/" in asked.path else {}
        if "subject" in document and reply.status == 201:
            return Reply(201, b"", {**reply.headers, "OCI-Subject": document["subject"]["digest"]})
        return reply

    def _about(self, repository: str, subject: str) -> list[dict[str, object]]:
        found = []
        for data in dict.fromkeys(data for _, data in self.manifests.get(repository, {}).values()):
            document = json.loads(data)
            if document.get("subject", {}).get("digest") == subject:
                found.append(Artifact.read(data, MemoryBlobs({})).descriptor.to_json())
        return found


@pytest.fixture(params=["api", "tag"])
def served(request: pytest.FixtureRequest) -> Iterator[FaultyRegistry]:
    with serve(WithReferrers() if request.param == "api" else FaultyRegistry()) as registry:
        yield registry


def about(subject: Descriptor, text: str = "{}", kind: str = KIND) -> Artifact:
    return Artifact.of(text.encode(), kind, subject, {"who": text})


def named(registry: FaultyRegistry) -> Reference:
    return Reference.parse(f"{registry.host}/team/app:v1")


def listed(registry: Registry, image: Image) -> list[str]:
    return [entry.digest for entry in list_referrers(registry, "team/app", image.digest).entries]


@pytest.fixture
def client(served: FaultyRegistry, options: RegistryOptions) -> Iterator[Registry]:
    registry = Registry.of(served.host, options)
    yield registry
    registry.transport.close()


def test_artifacts_follow_the_image(
    served: FaultyRegistry, client: Registry, image: Image, options: RegistryOptions
) -> None:
    artifacts = [about(image.manifest.descriptor, "one"), about(image.manifest.descriptor, "two", KIND + ";v=2")]
    result = push(image, named(served), artifacts=artifacts, options=options)
    assert (result.pushed, result.attached, result.refused) == (True, 2, "")
    listing = list_referrers(client, "team/app", image.digest)
    found = {entry.digest: entry.to_json() for entry in listing.entries}
    assert found == {each.digest: each.descriptor.to_json() for each in artifacts}
    assert listing.by_registry is isinstance(served, WithReferrers)
    assert (fallback_tag(image.digest) in served.manifests["team/app"]) is not listing.by_registry
    fetched = fetch_referrers(client, "team/app", image.digest, KIND)
    assert [(each.digest, each.data()) for each in fetched] == [(artifacts[0].digest, b"one")]
    puts = served.lines("PUT .*/manifests/")
    assert puts.index("PUT /v2/team/app/manifests/v1") == 0  # never an artifact of an image that is not there


def test_nothing_changed_costs_one_question_or_two(
    served: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    artifacts = [about(image.manifest.descriptor, text) for text in ("one", "two")]
    push(image, named(served), artifacts=artifacts, options=options)
    served.asked.clear()
    result = push(image, named(served), artifacts=artifacts, options=options)
    assert result == PushResult(image.digest, pushed=False)
    lines = [line for line in served.lines() if "referrers" in line or "sha256-" in line]
    assert len(lines) == (1 if isinstance(served, WithReferrers) else 2)
    assert len(served.asked) == len(lines) + 2  # the greeting and the tag


def test_an_image_that_is_there_gets_what_it_lacks(
    served: FaultyRegistry, client: Registry, image: Image, options: RegistryOptions
) -> None:
    one, two = (about(image.manifest.descriptor, text) for text in ("one", "two"))
    push(image, named(served), options=options)
    assert push(image, named(served), artifacts=[one], options=options).attached == 1
    result = push(image, named(served), artifacts=[one, two], options=options)
    assert (result.pushed, result.attached) == (False, 1)
    assert listed(client, image) == [one.digest, two.digest]


def test_each_image_of_an_index_has_its_own(
    served: FaultyRegistry, client: Registry, store: Store, options: RegistryOptions
) -> None:
    images = [make_image(store, platform=platform) for platform in (AMD64, ARM64)]
    artifacts = [about(each.manifest.descriptor) for each in images]
    assert push(ImageIndex.of(images), named(served), artifacts=artifacts, options=options).attached == 2
    assert [listed(client, each) for each in images] == [[each.digest] for each in artifacts]


def test_what_others_listed_under_the_tag_stays(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    """Signatures and the like lie in the same list."""
    theirs = {**about(image.manifest.descriptor, "theirs").descriptor.to_json(), "x-unknown": 1}
    index = {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": [theirs], "annotations": {"a": "b"}}
    tag = fallback_tag(image.digest)
    faulty.put_manifest("team/app", tag, media_types.OCI_INDEX, json.dumps(index).encode())
    mine = about(image.manifest.descriptor, "mine")
    push(image, named(faulty), artifacts=[mine], options=options)
    document = json.loads(faulty.manifests["team/app"][tag][1])
    assert document["manifests"] == [theirs, mine.descriptor.to_json()]
    assert document["annotations"] == {"a": "b"}


@pytest.mark.parametrize("times", [1, 3])
def test_two_writers_at_a_time_lose_nothing(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, times: int
) -> None:
    """Another client, which read the list before we wrote it, writes it after us."""
    tag = fallback_tag(image.digest)
    theirs = about(image.manifest.descriptor, "theirs").descriptor.to_json()
    index = json.dumps({"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": [theirs]}).encode()

    def overwritten(asked: Asked, carry_out: Serve) -> Reply:
        reply = carry_out()
        faulty.put_manifest("team/app", tag, media_types.OCI_INDEX, index)
        return reply

    faulty.fail(f"PUT .*/manifests/{tag}", overwritten, times=times)
    mine = about(image.manifest.descriptor, "mine")
    push(image, named(faulty), artifacts=[mine], options=options)
    digests = [entry["digest"] for entry in json.loads(faulty.manifests["team/app"][tag][1])["manifests"]]
    assert digests == [theirs["digest"], mine.digest]
    faulty.fail(f"PUT .*/manifests/{tag}", overwritten, times=9)
    another = about(image.manifest.descriptor, "another")
    with pytest.raises(RegistryError, match="changed by others all the time"):
        push(image, named(faulty), artifacts=[another], options=options)


@pytest.mark.parametrize("what", ["sha256:", "sha256-"], ids=["manifest", "list"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 415])
def test_a_registry_that_takes_none_still_gets_the_image(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, what: str, status: int
) -> None:
    faulty.fail(f"PUT .*/manifests/{what}", answer(status, error("UNSUPPORTED", "no such type here")), times=9)
    result = push(image, named(faulty), artifacts=[about(image.manifest.descriptor)], options=options)
    assert (result.pushed, result.attached) == (True, 0)
    assert "no such type here" in result.refused
    assert faulty.manifests["team/app"]["v1"][1] == image.manifest.data


def test_a_refusal_in_one_repository_ends_no_push_to_another(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.fail("PUT /v2/team/app/manifests/sha256:", answer(405), times=9)
    names = (named(faulty), Reference.parse(f"{faulty.host}/team/second:v1"))
    artifacts = [about(image.manifest.descriptor, text) for text in ("one", "two")]
    first, second = push_all(image, names, artifacts=artifacts, options=options)
    assert (first.pushed, first.attached, bool(first.refused)) == (True, 0, True)
    assert (second.pushed, second.attached, second.refused) == (True, 2, "")


def test_a_registry_that_fails_is_an_error(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    faulty.fail("PUT .*/manifests/sha256:", answer(503), times=9)
    with pytest.raises(RegistryError, match="artifact of type") as raised:
        push(image, named(faulty), artifacts=[about(image.manifest.descriptor)], options=options)
    assert not isinstance(raised.value, ArtifactsRefused)
    faulty.faults.clear()
    assert push(image, named(faulty), artifacts=[about(image.manifest.descriptor)], options=options).attached == 1


def test_a_tag_that_is_an_image_is_not_overwritten(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    tag = fallback_tag(image.digest)
    faulty.put_manifest("team/app", tag, image.manifest.media_type, image.manifest.data)
    result = push(image, named(faulty), artifacts=[about(image.manifest.descriptor)], options=options)
    assert tag in result.refused
    assert faulty.manifests["team/app"][tag][1] == image.manifest.data


def test_an_artifact_about_something_else_is_refused(
    served: FaultyRegistry, client: Registry, image: Image, options: RegistryOptions
) -> None:
    push(image, named(served), artifacts=[about(image.manifest.descriptor)], options=options)
    stranger = about(Descriptor.of(b"x", media_types.OCI_MANIFEST))
    served.put("team/app", b"{}")
    served.put_manifest("team/app", "x", media_types.OCI_MANIFEST, stranger.manifest.data)
    index = {"schemaVersion": 2, "manifests": [stranger.descriptor.to_json()]}
    given = Reply(200, json.dumps(index).encode(), {"Content-Type": media_types.OCI_INDEX})
    served.fail("GET .*/referrers/", lambda *_: given)
    with pytest.raises(InvalidImage, match="not about"):
        fetch_referrers(client, "team/app", image.digest)


@pytest.fixture(params=["registry", "locked_registry"])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> RunningRegistry:
    running: RunningRegistry = request.getfixturevalue(request.param)
    (tmp_path / "docker-config/config.json").write_text(running.docker_config())
    return running


@pytest.mark.engine
def test_a_real_registry_lists_them(real: RunningRegistry, store: Store, tmp_path: Path) -> None:
    """docker-registry 2.8 has no Referrers API: whoever follows the tag schema finds them."""
    import subprocess

    skopeo, registry = require("skopeo", "skopeo"), real
    image = make_image(store, text=str(tmp_path))
    reference = Reference.parse(f"{registry.host}/referrers/real:v1")
    artifacts = [about(image.manifest.descriptor, "one"), about(image.manifest.descriptor, "two")]
    assert push(image, reference, artifacts=artifacts).attached == 2
    assert push(image, reference, artifacts=artifacts) == PushResult(image.digest, pushed=False)
    name = f"docker://{reference.name}"

    def inspect(where: str, *options: str) -> bytes:
        command = [skopeo, "inspect", "--tls-verify=false", *options, f"{name}{where}"]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout

    index = json.loads(inspect(f":{fallback_tag(image.digest)}", "--raw"))
    assert [entry["digest"] for entry in index["manifests"]] == [each.digest for each in artifacts]
    assert inspect(f"@{artifacts[0].digest}", "--raw") == artifacts[0].manifest.data
    target = tmp_path / "copy"
    command = [skopeo, "copy", "--src-tls-verify=false", f"{name}@{artifacts[1].digest}", f"dir:{target}"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert (target / artifacts[1].content.descriptor.digest.removeprefix("sha256:")).read_bytes() == b"two"
