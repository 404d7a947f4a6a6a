"""A large blob goes on where it broke off, where the registry keeps what has arrived."""

from __future__ import annotations

import os
import re
from io import BufferedIOBase

import pytest

from kfp.errors import RegistryError
from kfp.images import media_types
from kfp.images.blob import Blob, MemoryBlobs
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.auth import Keychain
from kfp.images.distribution.progress import Reporter, TransferEvent, TransferState
from kfp.images.distribution.registry import Registry
from kfp.images.distribution.sending import Sending
from tests.images.distribution.conftest import QUICK
from tests.images.distribution.faulty_registry import Asked, FaultyRegistry, Reply, answer, error, serve

DATA = os.urandom(6_000_000)
BLOB = Descriptor.of(DATA, media_types.OCI_LAYER)


class KeepingRegistry(FaultyRegistry):
    """Keeps what arrives of a body that breaks off, and tells (distribution-spec 1.1, "Pushing a blob in chunks")."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks: list[int] = []
        self.parts: dict[str, bytes] = {}
        self.received = 0

    def take(self, asked: Asked, stream: BufferedIOBase, size: int) -> bytes | Reply:
        broken = self.breaks.pop(0) if asked.method == "PUT" and self.breaks else None
        data = stream.read(size if broken is None else broken)
        self.received += len(data)
        if broken is None:
            return data
        self.asked.append(asked)
        session = asked.path.rpartition("/")[2]
        self.parts[session] = self.parts.get(session, b"") + data
        return Reply(0, drop=True)

    def _upload(self, asked: Asked, repository: str, session: str) -> Reply:
        kept = self.parts.get(session, b"")
        if asked.method == "GET":
            if not kept:
                return Reply(404, error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry").encode())
            where = {"Location": asked.target, "Range": f"0-{len(kept) - 1}"}
            return Reply(204, b"", where)
        said = re.fullmatch(r"(\d+)-(\d+)", asked.headers.get("content-range", ""))
        if said is not None and (int(said[1]) != len(kept) or int(said[2]) != len(DATA) - 1):
            return Reply(416)
        whole = Asked(asked.method, asked.path, asked.query, asked.headers, kept + asked.body, asked.target)
        return super()._upload(whole, repository, session)


def send(registry: FaultyRegistry) -> TransferEvent:
    client = Registry(registry.host, Keychain(), settings=QUICK)
    blob = Blob(BLOB, MemoryBlobs({BLOB.digest: DATA}))
    tracker = Reporter(None).track(BLOB.digest, "layer", BLOB.size)
    try:
        Sending(client, "a/b", blob, tracker).run()
    finally:
        client.transport.close()
    assert registry.blobs["a/b"][BLOB.digest] == DATA
    return tracker.event


@pytest.mark.parametrize(
    ("breaks", "sessions", "received"),
    [
        ([], 1, 6_000_000),
        ([5_000_000], 1, 6_000_000),
        ([2_000_000, 3_000_000], 1, 6_000_000),
        ([6_000_000], 1, 6_000_000),  # all has arrived, and the reply was lost
        ([1000], 2, 6_001_000),  # not worth the question
        ([2_000_000, 0], 2, 8_000_000),  # no progress: perhaps the session is at fault
    ],
)
def test_bytes_that_arrived_are_not_sent_again(breaks: list[int], sessions: int, received: int) -> None:
    with serve(KeepingRegistry()) as registry:
        assert isinstance(registry, KeepingRegistry)
        registry.breaks = breaks
        last = send(registry)
        assert (registry.opened, registry.received) == (sessions, received)
    assert (last.state, last.done) == (TransferState.TRANSFERRING, BLOB.size)


@pytest.mark.parametrize(
    "reply",
    [
        answer(404),
        answer(400, error("BLOB_UPLOAD_INVALID", "blob upload invalid")),
        answer(403),
        answer(401),
        answer(204),
        answer(204, Range="0-0"),
        answer(204, Range="bytes=5-99"),
        answer(204, Range="0-99999999999"),
        answer(200, "<html>", Content_Type="text/html", Range="0-4999999"),
        answer(500),
    ],
)
def test_a_registry_that_does_not_tell_gets_all_again(reply: object) -> None:
    with serve(KeepingRegistry()) as registry:
        assert isinstance(registry, KeepingRegistry)
        registry.breaks = [5_000_000]
        registry.fail("GET .*/uploads/", reply, times=9)  # type: ignore[arg-type]
        send(registry)
        assert (registry.opened, registry.received) == (2, 11_000_000)


@pytest.mark.parametrize("status", [400, 404, 416])
def test_halves_that_do_not_fit_are_sent_again(status: int) -> None:
    with serve(KeepingRegistry()) as registry:
        assert isinstance(registry, KeepingRegistry)
        registry.breaks = [5_000_000]
        registry.fail("PUT", answer(status, error("DIGEST_INVALID", "does not match")))
        send(registry)
        assert registry.opened == 2


def test_a_blob_that_is_refused_whole_is_an_error() -> None:
    with serve(KeepingRegistry()) as registry:
        registry.fail("PUT", answer(400, error("DIGEST_INVALID", "does not match")))
        with pytest.raises(RegistryError, match="DIGEST_INVALID"):
            send(registry)
        assert len(registry.lines("PUT")) == 1
