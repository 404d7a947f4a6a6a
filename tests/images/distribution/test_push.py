from __future__ import annotations

import base64
import json
import logging
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kfp.errors import AuthenticationError, ImageError, InvalidImage, RegistryError, RegistryUnreachable
from kfp.images import media_types
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.progress import TransferEvent, TransferState
from kfp.images.distribution.pull import resolve
from kfp.images.distribution.push import PushResult, push
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.image import Image
from kfp.images.layer import Layer, build_layer
from kfp.images.reference import Reference
from kfp.images.store import Store
from kfp.images.tar import Entry
from tests.images.distribution.faulty_registry import (
    Act,
    Asked,
    FaultyRegistry,
    Reply,
    Serve,
    answer,
    corrupt,
    cut_at,
    drop,
    drop_after,
    error,
)
from tests.parts.processes import free_port


def name(faulty: FaultyRegistry, repository: str = "team/app") -> Reference:
    return Reference.parse(f"{faulty.host}/{repository}:v1")


def assert_complete(faulty: FaultyRegistry, image: Image, repository: str = "team/app") -> None:
    """The registry holds exactly the image's bytes."""
    media_type, data = faulty.manifests[repository]["v1"]
    assert (media_type, data) == (image.manifest.media_type, image.manifest.data)
    for blob in image.blobs:
        assert len(faulty.blobs[repository][blob.descriptor.digest]) == blob.descriptor.size


def test_a_push_sends_each_blob_once_and_the_manifest_last(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    result = push(image, name(faulty), options=options)
    sizes = sum(blob.descriptor.size for blob in image.blobs)
    assert result == PushResult(image.digest, pushed=True, uploaded=4, uploaded_bytes=sizes)
    assert_complete(faulty, image)
    assert set(faulty.uploads.values()) == {1}
    assert faulty.lines()[-1] == "PUT /v2/team/app/manifests/v1"


def test_a_second_push_only_asks(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    push(image, name(faulty), options=options)
    faulty.asked.clear()
    assert push(image, name(faulty), options=options) == PushResult(image.digest, pushed=False)
    assert faulty.lines() == ["GET /v2/", "HEAD /v2/team/app/manifests/v1"]


def test_a_new_tag_sends_the_manifest_alone(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    push(image, name(faulty), options=options)
    result = push(image, name(faulty).with_tag("v2"), options=options)
    assert result == PushResult(image.digest, pushed=True, skipped=4)


def test_foreign_layers_stay_where_they_are(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, store: Store
) -> None:
    """They are distributed by their own vendors: the manifest names them, the registry gets none."""
    foreign = replace(
        build_layer([Entry.file("windows", b"not ours")], store.blobs, compressor=None).descriptor,
        media_type=media_types.OCI_FOREIGN_LAYER,
        urls=("https://vendor.example/layer",),
    )
    layer = Layer(foreign, foreign.digest, store)
    whole = image.append(layer)
    assert push(whole, name(faulty), options=options).uploaded == 4
    assert not faulty.lines(foreign.digest)
    assert foreign.digest.encode() in faulty.manifests["team/app"]["v1"][1]


def test_a_layer_that_occurs_twice_is_sent_once(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    twice = image.append(image.layers[0])
    push(twice, name(faulty), options=options)
    assert_complete(faulty, twice)
    assert set(faulty.uploads.values()) == {1}


BLOB = r"blobs/uploads/session"


def taken_with(status: int) -> Act:
    """Carry the request out, and say so with another status than 201."""
    return lambda _asked, serve: Reply(serve().status and status)


SURVIVED: dict[str, tuple[str, Act]] = {
    "403 on HEAD of a blob": ("HEAD .*/blobs/", answer(403)),
    "403 on HEAD of the tag": ("HEAD .*/manifests/", answer(403)),
    "503 on HEAD": ("HEAD .*/blobs/", answer(503)),
    "429 at the start": ("POST .*/uploads/", answer(429, Retry_After="0")),
    "500 at the start": ("POST .*/uploads/", answer(500)),
    "500 on the bytes": (f"PUT .*{BLOB}", answer(500)),
    "502 as a page": (f"PUT .*{BLOB}", answer(502, "<html>bad gateway", Content_Type="text/html")),
    "429 on the bytes": (f"PUT .*{BLOB}", answer(429, Retry_After="0")),
    "408 on the bytes": (f"PUT .*{BLOB}", answer(408)),
    "session lost": (f"PUT .*{BLOB}", answer(404, error("BLOB_UPLOAD_UNKNOWN", "unknown"))),
    "202 for the bytes": (f"PUT .*{BLOB}", answer(202, Location="/v2/team/app/blobs/uploads/more")),
    "connection lost before": (f"PUT .*{BLOB}", drop),
    "connection lost at the start": ("POST .*/uploads/", drop),
    "reply lost after commit": (f"PUT .*{BLOB}", drop_after),
    "500 for the manifest": ("PUT .*/manifests/", answer(500)),
    "manifest's reply lost": ("PUT .*/manifests/", drop_after),
    "202 for the manifest": ("PUT .*/manifests/", taken_with(202)),
    "200 for the bytes": (f"PUT .*{BLOB}", taken_with(200)),
    "greeting lost": ("GET /v2/$", drop),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("pattern", "act"), SURVIVED.values(), ids=SURVIVED)
def test_a_push_survives(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, pattern: str, act: Act, times: int
) -> None:
    faulty.fail(pattern, act, times=times)
    push(image, name(faulty), options=options)
    assert_complete(faulty, image)


def test_a_lost_reply_does_not_send_the_bytes_again(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.fail(f"PUT .*{BLOB}", drop_after, times=4)
    push(image, name(faulty), options=options)
    assert set(faulty.uploads.values()) == {1}


def test_no_session_is_used_twice(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    faulty.fail(f"PUT .*{BLOB}", drop, times=3)
    push(image, name(faulty), options=options)
    puts = faulty.lines(f"PUT .*{BLOB}")
    assert len(puts) == len(set(puts)) == 7


@pytest.mark.parametrize("relative", [True, False])
def test_a_session_s_address_keeps_its_query(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, relative: bool
) -> None:
    faulty.relative_location = relative
    push(image, name(faulty), options=options)
    assert_complete(faulty, image)
    target = next(asked.target for asked in faulty.asked if asked.method == "PUT" and "session" in asked.path)
    assert "?_state=a%2Fb%3D&digest=sha256%3A" in target


def test_401_midway_renews_the_token(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    faulty.auth = "bearer"

    def expire(_asked: Asked, serve: Serve) -> Reply:
        faulty.tokens.clear()
        return serve()

    faulty.fail(f"PUT .*{BLOB}", expire)
    faulty.fail("PUT .*/manifests/", expire)
    push(image, name(faulty), options=options)
    assert_complete(faulty, image)
    assert "scope=repository%3Ateam%2Fapp%3Apull%2Cpush" in faulty.token_requests[0].target


def test_401_for_ever_ends(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    refusal = answer(401, error("UNAUTHORIZED", "never"), WWW_Authenticate=f'Bearer realm="http://{faulty.host}/token"')
    faulty.fail(f"PUT .*{BLOB}", refusal, times=99)
    with pytest.raises(AuthenticationError, match=r"refused to take the blob sha256:\w{64} .*UNAUTHORIZED never"):
        push(image, name(faulty), options=options)
    assert len(faulty.asked) < 60


def test_an_upload_elsewhere_gets_no_credentials(
    faulty: FaultyRegistry, other: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.auth = "bearer"

    def elsewhere(asked: Asked, _serve: Serve) -> Reply:
        faulty.put("team/app", asked.body)
        return Reply(201)

    faulty.fail("POST .*/uploads/", answer(202, Location=f"http://{other.host}/upload?x=y"), times=4)
    other.fail("PUT /upload", elsewhere, times=4)
    push(image, name(faulty), options=options)
    assert_complete(faulty, image)
    assert all("authorization" not in asked.headers for asked in other.asked)


FATAL: dict[str, tuple[str, Act, str]] = {
    "a page for the manifest": (
        "PUT .*/manifests/",
        answer(200, "<html>log in", Content_Type="text/html"),
        "did not answer like a registry when asked to take the manifest",
    ),
    "nothing for the manifest": ("PUT .*/manifests/", answer(200), "refused to take the manifest"),
    "nothing for the bytes": (f"PUT .*{BLOB}", answer(200), "refused to take the blob"),
    "403": (
        "POST .*/uploads/",
        answer(403, error("DENIED", "requested access is denied")),
        "refused to take the blob sha256:.*HTTP 403 Forbidden: DENIED requested access is denied",
    ),
    "413": (f"PUT .*{BLOB}", answer(413), "refused to take the blob sha256:.*413"),
    "400 for the manifest": (
        "PUT .*/manifests/",
        answer(400, error("MANIFEST_INVALID", "blob unknown")),
        "take the manifest sha256:.*MANIFEST_INVALID blob unknown",
    ),
    "500 for ever": (f"PUT .*{BLOB}", answer(500, error("UNKNOWN", "no space")), "HTTP 500.*UNKNOWN no space"),
    "lost for ever": (f"PUT .*{BLOB}", drop, "cannot push the blob sha256:.*lost the connection"),
    "another digest": (
        "PUT .*/manifests/",
        answer(201, Docker_Content_Digest="sha256:" + "0" * 64),
        "stored sha256:000.* where sha256:",
    ),
    "no session": ("POST .*/uploads/", answer(202), "take the blob sha256:"),
    "a page": (
        "POST .*/uploads/",
        answer(200, "<html>", Content_Type="text/html"),
        "did not answer like a registry",
    ),
}


@pytest.mark.parametrize(("pattern", "act", "complaint"), FATAL.values(), ids=FATAL)
def test_a_push_that_fails_says_at_what(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, pattern: str, act: Act, complaint: str
) -> None:
    faulty.fail(pattern, act, times=999)
    with pytest.raises(RegistryError, match=complaint) as caught:
        push(image, name(faulty), options=options)
    assert faulty.host in str(caught.value)
    assert "v1" not in faulty.manifests.get("team/app", {})


def test_a_registry_that_goes_down_midway_is_reported(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions
) -> None:
    faulty.fail("(POST|PUT|HEAD .*/blobs)", drop, times=999)
    with pytest.raises(RegistryUnreachable, match=faulty.host):
        push(image, name(faulty), options=options)


def test_a_registry_that_is_down_is_reported(image: Image, options: RegistryOptions) -> None:
    host = f"localhost:{free_port()}"
    with pytest.raises(RegistryUnreachable, match=f"cannot reach the registry {host}"):
        push(image, Reference.parse(f"{host}/a:v1"), options=options)


def test_a_damaged_layer_is_not_accepted(
    faulty: FaultyRegistry, image: Image, store: Store, options: RegistryOptions
) -> None:
    path: Path = store.blobs.path(image.layers[1].descriptor.digest)
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + b"!")
    with pytest.raises(InvalidImage, match=image.layers[1].descriptor.digest):
        push(image, name(faulty), options=options)
    assert "v1" not in faulty.manifests.get("team/app", {})


def test_localhost_without_a_port_is_no_registry(image: Image) -> None:
    with pytest.raises(RegistryError, match="localhost without a port"):
        push(image, Reference.parse("localhost/a:v1"))


def test_a_push_by_digest_takes_only_that(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    pinned = Reference(faulty.host, "team/app", digest=image.digest)
    assert push(image, pinned, options=options).pushed
    assert push(image, replace(pinned, tag="v1"), options=options).pushed
    assert faulty.manifests["team/app"]["v1"][1] == image.manifest.data
    with pytest.raises(RegistryError, match="the image's digest is"):
        push(image, replace(pinned, digest="sha256:" + "0" * 64), options=options)


def test_secrets_are_not_logged(
    faulty: FaultyRegistry, image: Image, options: RegistryOptions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"auths": {faulty.host: {"username": "ada", "password": "s3cret-lace"}}}))
    faulty.auth = "bearer"
    faulty.fail(f"PUT .*{BLOB}", drop, times=2)
    with caplog.at_level(logging.DEBUG):
        push(image, name(faulty), options=options, keychain=Keychain((config,)))
    assert "PUT /v2/team/app" in caplog.text
    encoded = base64.b64encode(b"ada:s3cret-lace").decode()
    assert not any(secret in caplog.text for secret in ("s3cret-lace", encoded, *faulty.tokens))


# Layers of a base


@pytest.fixture
def derived(other: FaultyRegistry, image: Image, tmp_path: Path, options: RegistryOptions) -> tuple[Image, Store]:
    """An image on a base that lies in another registry and whose layers were never downloaded."""
    push(image, name(other, "base"), options=options)
    other.asked.clear()
    store = Store(tmp_path / "second")
    base = resolve(name(other, "base"), store=store, options=options)
    layer = build_layer([Entry.file("srv/mine", b"mine")], store.blobs, compressor=None)
    built = base.append(layer)
    store.put(built, Reference.parse("localhost/built:v1"))
    found = store.get(Reference.parse("localhost/built:v1"))
    assert found is not None
    return found, store


def test_base_layers_are_streamed_and_not_stored(
    faulty: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions
) -> None:
    image, store = derived
    assert push(image, name(faulty), options=options).uploaded == 5
    assert_complete(faulty, image)
    assert not any(store.blobs.has(layer.descriptor.digest) for layer in image.layers[:3])


def test_base_layers_that_the_target_has_are_not_fetched(
    faulty: FaultyRegistry, other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions
) -> None:
    image, _ = derived
    faulty.blobs["team/app"] = dict(other.blobs["base"])
    other.asked.clear()
    result = push(image, name(faulty), options=options)
    assert (result.uploaded, result.skipped) == (2, 3)
    assert other.asked == []


def test_base_layers_of_the_same_registry_are_mounted(
    other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions
) -> None:
    image, _ = derived
    result = push(image, name(other), options=options)
    assert (result.uploaded, result.mounted) == (2, 3)
    assert_complete(other, image)
    mounts = [asked.query for asked in other.asked if "mount" in asked.query]
    assert {query["from"] for query in mounts} == {"base"}  # Quay fails at a mount from nowhere


@pytest.mark.parametrize("act", [answer(404), answer(500), answer(405), drop, answer(403, error("DENIED", "no"))])
def test_a_mount_that_fails_becomes_an_upload(
    other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions, act: Act
) -> None:
    image, _ = derived
    plain = other.respond

    def respond(asked: Asked) -> Reply:
        if "mount" in asked.query:
            return act(asked, lambda: plain(asked))
        return plain(asked)

    other.respond = respond  # type: ignore[method-assign]
    result = push(image, name(other), options=options)
    assert (result.uploaded, result.mounted) == (5, 0)
    assert_complete(other, image)


def test_a_mount_that_is_not_done_opens_a_session(
    other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions
) -> None:
    image, _ = derived
    plain = other.respond

    def respond(asked: Asked) -> Reply:
        return plain(replace(asked, query={}) if "mount" in asked.query else asked)

    other.respond = respond  # type: ignore[method-assign]
    assert push(image, name(other), options=options).uploaded == 5
    assert_complete(other, image)
    assert len(other.lines("POST .*team/app")) == 5


@pytest.mark.parametrize("act", [cut_at(1000), drop, answer(503)])
def test_a_base_that_breaks_while_it_is_streamed_is_resumed(
    faulty: FaultyRegistry, other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions, act: Act
) -> None:
    image, _ = derived
    other.fail("GET .*/blobs/", act, times=2)
    push(image, name(faulty), options=options)
    assert_complete(faulty, image)


@pytest.mark.parametrize("act", [corrupt, cut_at(1000), answer(404), drop])
def test_a_base_that_cannot_be_streamed_is_an_error_and_no_image(
    faulty: FaultyRegistry, other: FaultyRegistry, derived: tuple[Image, Store], options: RegistryOptions, act: Act
) -> None:
    image, _ = derived
    other.fail("GET .*/blobs/", act, times=999)
    with pytest.raises(ImageError):
        push(image, name(faulty), options=options)
    assert "v1" not in faulty.manifests.get("team/app", {})


# Progress and interruption


def test_progress_tells_the_way_of_every_blob(faulty: FaultyRegistry, image: Image, options: RegistryOptions) -> None:
    events: list[TransferEvent] = []
    faulty.put("team/app", next(iter(image.blobs)).open().read())
    faulty.fail(f"PUT .*{BLOB}", answer(500))
    push(image, name(faulty), options=options, progress=events.append)
    last = {event.digest: event for event in events}
    assert set(last) == {image.digest, *(blob.descriptor.digest for blob in image.blobs)}
    states = [last[blob.descriptor.digest].state for blob in image.blobs]
    assert states == [TransferState.EXISTS, *[TransferState.DONE] * 3]
    assert all(event.done == event.total for event in last.values())
    assert TransferState.RETRYING in {event.state for event in events}
    assert {event.kind for event in events} == {"layer", "config", "manifest"}
    assert events[-1].digest == image.digest


def test_ctrl_c_ends_a_push_promptly(faulty: FaultyRegistry, image: Image) -> None:
    hangs, released, ended = threading.Event(), threading.Event(), threading.Event()
    here = threading.get_ident()

    def hang(_asked: Asked, _serve: Serve) -> Reply:
        if not hangs.is_set():
            hangs.set()
            signal.pthread_kill(here, signal.SIGINT)
        released.wait(120)
        ended.set()
        return Reply(500)

    faulty.fail(f"PUT .*{BLOB}", hang, times=99)
    with pytest.raises(KeyboardInterrupt):
        push(image, name(faulty), options=RegistryOptions(keychain=Keychain()))
    assert not ended.is_set(), "nobody waited for the registry"
    released.set()
