"""Answers that do not end, or lead in circles: the reader hangs up early, and says what was wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kfp.errors import ImageError
from kfp.images import media_types
from kfp.images.descriptor import Descriptor
from kfp.images.digest import sha256
from kfp.images.distribution import pull
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.distribution.retry import Retry
from kfp.images.distribution.transport import Settings
from kfp.images.image import scratch
from kfp.images.layer import Layer
from kfp.images.manifest import Index, Manifest
from kfp.images.media_types import OCI
from kfp.images.reference import Reference
from kfp.images.store import Store
from tests.images.making import AMD64, Raw, raw_layer, raw_tar

MEGABYTE = 1024 * 1024
READ_AT_MOST = 30 * MEGABYTE  # what lies in the sockets' buffers included
OPTIONS = RegistryOptions(settings=Settings(read_timeout=5, retry=Retry(attempts=2, first_delay=0.01), environ={}))


@dataclass(frozen=True)
class Answer:
    """What is said to a request: bytes, and then zeros without end."""

    data: bytes = b""
    media_type: str = media_types.OCI_MANIFEST
    status: int = 200
    endless: bool = False
    length: int | None = None
    challenge: str = ""


Answers = Callable[[str, str], Answer]


@contextmanager
def serving(answers: Answers) -> Iterator[tuple[str, list[int]]]:
    """Serve; yield the host, and the number of bytes of each answer that could be sent."""
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = Answer() if self.path == "/v2/" else answers(self.path, self.headers["Host"])
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            if answer.challenge:
                self.send_header("WWW-Authenticate", answer.challenge)
            if answer.endless and answer.length is None:
                self.send_header("Connection", "close")
            else:
                self.send_header("Content-Length", str(answer.length or len(answer.data)))
            self.end_headers()
            self.close_connection = answer.endless
            count = 0
            try:
                while self.command != "HEAD":
                    count += self.wfile.write(bytes(65536) if answer.endless else answer.data)
                    if not answer.endless or count > 4 * READ_AT_MOST:
                        break
            except OSError:
                pass  # the reader has hung up
            sent.append(count)

        do_HEAD = do_GET  # noqa: N815 (the name of http.server)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"localhost:{server.server_port}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


LAYER: Layer = raw_layer(raw_tar(Raw("a", b"a")))
IMAGE = scratch(AMD64).append(LAYER)
NESTED = Index.create(OCI, [replace(IMAGE.manifest.descriptor, platform=AMD64)])
LIAR = Index.create(OCI, [replace(Descriptor.of(NESTED.data, OCI.manifest), platform=AMD64)])
LARGE = Manifest.create(OCI, replace(IMAGE.manifest.config, size=100 * MEGABYTE))


def blob_endless(digest: str) -> Answers:
    def answers(path: str, _: str) -> Answer:
        if "/manifests/" in path:
            return Answer(IMAGE.manifest.data)
        if path.endswith(digest):
            return Answer(endless=True, media_type="application/octet-stream")
        data = IMAGE.config.to_bytes() if path.endswith(IMAGE.id) else b""
        return Answer(data, "application/octet-stream")

    return answers


def token_endless(path: str, host: str) -> Answer:
    if path.startswith("/token"):
        return Answer(endless=True, media_type="application/json")
    return Answer(b"{}", "application/json", 401, challenge=f'Bearer realm="http://{host}/token",service="s"')


def index_of_an_index(path: str, _: str) -> Answer:
    inner = path.endswith(sha256(NESTED.data))
    return Answer(NESTED.data, OCI.index) if inner else Answer(LIAR.data, OCI.index)


def deep(path: str, _: str) -> Answer:
    return Answer(b'{"a":' * 400_000 + b"1" + b"}" * 400_000)


CASES: dict[str, tuple[Answers, str]] = {
    "manifest without end": (lambda path, _: Answer(endless=True), "more than 4194304 bytes"),
    "manifest of 100 MB": (lambda path, _: Answer(endless=True, length=100 * MEGABYTE), "more than 4194304 bytes"),
    "error without end": (lambda path, _: Answer(endless=True, status=404), "more than|404|no image"),
    "token without end": (token_endless, "more than 1048576 bytes"),
    "configuration without end": (blob_endless(IMAGE.id), "longer than|bytes"),
    "configuration of 100 MB": (lambda path, _: Answer(LARGE.data), "more than 4194304"),
    "layer without end": (blob_endless(LAYER.descriptor.digest), "longer than|more than"),
    "index in an index": (index_of_an_index, "its sender|not what|index"),
    "deep manifest": (deep, "not JSON"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_without_end(name: str, tmp_path: Path) -> None:
    answers, words = CASES[name]
    store = Store(tmp_path / "images")
    with serving(answers) as (host, sent):
        reference = Reference.parse(f"{host}/a/b:v1")
        with pytest.raises(ImageError, match=words) as caught:
            pull.fetch_layers(pull.resolve(reference, AMD64, store=store, options=OPTIONS), store, options=OPTIONS)
        print(json.dumps(sent), caught.value)
    assert max(sent) < READ_AT_MOST
    assert len(str(caught.value)) < 1000
    assert store.list() == [] or "layer" in name
    assert not store.blobs.has(LAYER.descriptor.digest)
    assert not store.blobs.drafts.is_dir() or list(store.blobs.drafts.iterdir()) == []
