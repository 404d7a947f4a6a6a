"""Several names, what a registry is known to have, and pushes at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kfp.errors import RegistryError
from kfp.images.distribution import upload
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.in_flight import Flight, InFlight
from kfp.images.distribution.parallel import Cancellation
from kfp.images.distribution.pull import resolve
from kfp.images.distribution.push import PushResult, push, push_all
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.image import Image, scratch
from kfp.images.image_index import ImageIndex
from kfp.images.layer import build_layer
from kfp.images.manifest import Index
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.distribution.conftest import QUICK
from tests.images.distribution.faulty_registry import (
    Asked,
    FaultyRegistry,
    Reply,
    Serve,
    answer,
    drop,
    error,
)


def name(faulty: FaultyRegistry, rest: str) -> Reference:
    return Reference.parse(f"{faulty.host}/{rest}")


def kept(image: Image, store: Store) -> Image:
    """The image as the store gives it, manifest and all."""
    reference = Reference.parse("localhost/kept:v1")
    store.put(image, reference)
    found = store.get(reference)
    assert found is not None
    return found


def changed(image: Image, store: Store) -> Image:
    """The image with one more file."""
    return kept(image.append(build_layer([Entry.file("new", b"new")], store.blobs, compressor=None)), store)


# Several names


def test_another_tag_is_one_more_manifest(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    names = [name(faulty, f"team/app:{tag}") for tag in ("v1", "latest", "v1")]
    results = push_all(image, names, options=options)
    assert [(r.pushed, r.uploaded) for r in results] == [(True, 4), (True, 0), (True, 4)]
    assert {*faulty.manifests["team/app"]} == {"v1", "latest", image.digest}
    assert Counter(line.split("/")[0] for line in faulty.lines("PUT .*manifests")) == {"PUT ": 2}
    assert len(faulty.lines("(HEAD|POST) .*/blobs/")) == 8


def test_only_the_tags_that_are_not_there_are_put(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    names = [name(faulty, f"team/app:{tag}") for tag in ("v1", "v2", "v3")]
    push(image, names[1], options=options)
    faulty.asked.clear()
    assert [result.pushed for result in push_all(image, names, options=options)] == [True, False, True]
    assert sorted(faulty.lines("PUT")) == ["PUT /v2/team/app/manifests/v1", "PUT /v2/team/app/manifests/v3"]
    assert [result.pushed for result in push_all(image, names, options=options)] == [False] * 3


def test_another_repository_of_the_registry_takes_the_blobs_over(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    names = [name(faulty, rest) for rest in ("team/app:v1", "team/copy:v1", "team/app:v2")]
    results = push_all(image, names, options=options)
    assert [(r.uploaded, r.mounted) for r in results] == [(4, 0), (0, 4), (0, 0)]
    assert faulty.manifests["team/copy"]["v1"] == faulty.manifests["team/app"]["v2"]


def test_another_registry_gets_all(
    faulty: FaultyRegistry, other: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    results = push_all(image, [name(faulty, "team/app:v1"), name(other, "team/app:v1")], options=options)
    assert [result.uploaded for result in results] == [4, 4]
    assert other.manifests == faulty.manifests


def test_all_names_are_looked_at_before_anything_is_sent(faulty: FaultyRegistry, image: Image) -> None:
    with pytest.raises(RegistryError, match="localhost without a port"):
        push_all(image, [name(faulty, "a:v1"), Reference.parse("localhost/a:v1")])
    assert faulty.asked == []


# Round trips


def test_a_change_asks_only_for_what_is_new(
    faulty: FaultyRegistry, image: Image, store: Store, options: RegistryOptions
) -> None:
    """The tag's old manifest is known, and what it lists the registry has."""
    target = name(faulty, "team/app:v1")
    push(kept(image, store), target, options=options)
    faulty.asked.clear()
    faulty.connections = 0
    result = push(changed(image, store), target, options=options)
    assert (result.uploaded, result.skipped) == (2, 3)
    assert Counter(line.split()[0] for line in faulty.lines()) == {"GET": 1, "HEAD": 3, "POST": 2, "PUT": 3}
    assert faulty.connections <= 2


def test_an_unchanged_image_costs_greeting_token_and_one_question(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.auth = "bearer"
    push(image, name(faulty, "team/app:v1"), options=options)
    faulty.asked.clear()
    faulty.connections = 0
    push(image, name(faulty, "team/app:v1"), options=options)
    assert faulty.lines() == ["GET /v2/", "GET /token", "HEAD /v2/team/app/manifests/v1"]
    assert faulty.connections == 1


def test_blobs_are_asked_for_at_the_same_time(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    together = threading.Barrier(4)

    def wait(_asked: Asked, serve: Serve) -> Reply:
        together.wait(10)
        return serve()

    faulty.fail("HEAD .*/blobs/", wait, times=4)
    assert push(image, name(faulty, "team/app:v1"), options=options).uploaded == 4
    assert faulty.connections <= 6


def test_a_registry_that_lost_a_blob_gets_it_again(
    faulty: FaultyRegistry, image: Image, store: Store, options: RegistryOptions
) -> None:
    """The tag's old manifest is there, a layer that it lists is not: only the new manifest's refusal shows it."""
    target = name(faulty, "team/app:v1")
    push(kept(image, store), target, options=options)
    lost = image.layers[1].descriptor.digest
    del faulty.blobs["team/app"][lost]

    def check(asked: Asked, serve: Serve) -> Reply:
        whole = all(each["digest"] in faulty.blobs["team/app"] for each in manifest.to_json()["layers"])
        return serve() if whole else answer(404, error("MANIFEST_BLOB_UNKNOWN", "blob unknown"))(asked, serve)

    new = changed(image, store)
    manifest = new.manifest
    faulty.fail("PUT .*/manifests/", check, times=9)
    push(new, target, options=options)
    assert lost in faulty.blobs["team/app"]
    assert faulty.manifests["team/app"]["v1"][1] == new.manifest.data


def test_what_was_sent_is_not_sent_again_when_a_push_is_repeated(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.fail("PUT .*/uploads/", drop, times=99, after=2)
    with pytest.raises(RegistryError):
        push(image, name(faulty, "team/app:v1"), options=options)
    faulty.faults.clear()
    result = push(image, name(faulty, "team/app:v1"), options=options)
    assert (result.uploaded, result.skipped) == (2, 2)
    assert set(faulty.uploads.values()) == {1}


# At the same time


class Watched(InFlight):
    """Counts who has come to send a blob, or to wait for who sends it."""

    def __init__(self) -> None:
        super().__init__()
        self.came: Counter[str] = Counter()
        self._change = threading.Condition()

    @contextmanager
    def alone(self, host: str, digest: str, cancellation: Cancellation) -> Iterator[tuple[Flight, str | None]]:
        with self._change:
            self.came[digest] += 1
            self._change.notify_all()
        with super().alone(host, digest, cancellation) as found:
            yield found

    def wait(self, digest: str, number: int) -> None:
        with self._change:
            assert self._change.wait_for(lambda: self.came[digest] >= number, 60)


@pytest.mark.parametrize("repositories", [("team/app", "team/app"), ("team/app", "team/copy")])
def test_two_pushes_at_once_send_each_blob_once(
    faulty: FaultyRegistry,
    image: Image,
    options: RegistryOptions,
    repositories: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched()
    monkeypatch.setattr(upload, "_IN_FLIGHT", watched)

    def when_both_have_come(asked: Asked, serve: Serve) -> Reply:
        watched.wait(asked.query["digest"], 2)
        return serve()

    faulty.fail("PUT .*/uploads/", when_both_have_come, times=99)

    def run(number: int) -> PushResult:
        return push(image, name(faulty, f"{repositories[number]}:v{number}"), options=options)

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(run, range(2)))
    assert set(faulty.uploads.values()) == {1}
    assert len(faulty.uploads) == 4
    assert sum(result.uploaded for result in results) == 4
    for number, repository in enumerate(repositories):
        assert faulty.manifests[repository][f"v{number}"][1] == image.manifest.data
        assert {blob.descriptor.digest for blob in image.blobs} <= faulty.blobs[repository].keys()


def test_a_push_does_not_count_on_another_that_fails(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    sending = threading.Event()

    def refuse(asked: Asked, serve: Serve) -> Reply:
        sending.set()
        threading.Event().wait(0.3)
        return answer(403, error("DENIED", "no"))(asked, serve)

    faulty.fail("PUT .*/team/refused/blobs/", refuse, times=99)

    def fail() -> str:
        with pytest.raises(RegistryError, match="DENIED"):
            push(image, name(faulty, "team/refused:v1"), options=options)
        return "refused"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(fail)
        assert sending.wait(10)
        second = threads.submit(push, image, name(faulty, "team/app:v1"), options=options)
        assert first.result() == "refused"
        assert second.result().uploaded == 4


# Indexes


@pytest.fixture
def index(store: Store) -> ImageIndex:
    """Two platforms that share a layer."""
    shared = build_layer([Entry.file("shared", b"same")], store.blobs, compressor=None)
    platforms = [Platform("linux", machine) for machine in ("amd64", "arm64")]
    own = [build_layer([Entry.file("own", str(p).encode())], store.blobs, compressor=None) for p in platforms]
    return ImageIndex.of(scratch(p).append(shared, layer) for p, layer in zip(platforms, own, strict=True))


def test_an_index_comes_last_and_its_images_before(
    faulty: FaultyRegistry, index: ImageIndex, options: RegistryOptions
) -> None:
    result = push(index, name(faulty, "team/app:v1"), options=options)
    assert result == replace(result, digest=index.digest, pushed=True, uploaded=5)
    puts = faulty.lines("PUT .*/manifests/")
    assert puts[-1] == "PUT /v2/team/app/manifests/v1"
    assert {line.rpartition("/")[2] for line in puts[:2]} == {image.digest for image in index.images}
    assert set(faulty.uploads.values()) == {1}
    faulty.asked.clear()
    assert push(index, name(faulty, "team/app:v1"), options=options) == PushResult(index.digest, pushed=False)
    assert faulty.lines() == ["GET /v2/", "HEAD /v2/team/app/manifests/v1"]


def test_an_index_on_a_base_of_another_registry_is_streamed(
    faulty: FaultyRegistry, other: FaultyRegistry, index: ImageIndex, options: RegistryOptions, tmp_path: Path
) -> None:
    push(index, name(other, "base:v1"), options=options)
    second = Store(tmp_path / "second")
    layer = build_layer([Entry.file("mine", b"mine")], second.blobs, compressor=None)
    bases = [resolve(name(other, "base:v1"), image.platform, store=second, options=options) for image in index.images]
    built = ImageIndex.of(base.append(layer) for base in bases)
    second.put(built, Reference.parse("localhost/built:v1"))
    whole = second.get_whole(Reference.parse("localhost/built:v1"))
    assert isinstance(whole, ImageIndex)
    assert push(whole, name(faulty, "team/app:v1"), options=options).uploaded == 6
    assert faulty.manifests["team/app"]["v1"][1] == whole.index.data
    assert not any(second.blobs.has(each.descriptor.digest) for image in index.images for each in image.layers)


def test_an_index_whose_image_is_nowhere_is_refused_with_its_platform(
    faulty: FaultyRegistry, index: ImageIndex, options: RegistryOptions
) -> None:
    half = ImageIndex(index.index, index.images[:1])
    with pytest.raises(RegistryError, match="the image for linux/arm64 is neither there nor here"):
        push(half, name(faulty, "team/app:v1"), options=options)
    assert "v1" not in faulty.manifests.get("team/app", {})
    push(index.images[1], name(faulty, "team/app:arm"), options=options)
    assert push(half, name(faulty, "team/app:v1"), options=options).pushed


def test_a_changed_index_puts_only_the_image_that_changed(
    faulty: FaultyRegistry, index: ImageIndex, store: Store, options: RegistryOptions
) -> None:
    target = name(faulty, "team/app:v1")
    store.put(index, target)
    push(index, target, options=options)
    faulty.asked.clear()
    new = ImageIndex.of([changed(index.images[0], store), index.images[1]])
    assert isinstance(new.index, Index)
    push(new, target, options=options)
    assert len(faulty.lines("PUT .*/manifests/")) == 2


def test_a_push_without_retries_ends_at_once(faulty: FaultyRegistry, image: Image) -> None:
    faulty.fail("PUT", answer(503), times=99)
    settings = replace(QUICK, retry=replace(QUICK.retry, attempts=1))
    with pytest.raises(RegistryError, match="503"):
        push(image, name(faulty, "a:v1"), options=RegistryOptions(keychain=Keychain(), settings=settings))
