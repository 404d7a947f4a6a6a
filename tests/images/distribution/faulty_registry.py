"""A registry in memory that keeps the distribution-spec and fails in whatever way a test asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    target: str = ""

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def whole_line(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Reply:
    """What goes back: `cut` sends only so many bytes, `drop` none, `pause` waits before each `piece`."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    drop: bool = False
    pause: float = 0.0
    piece: int = 1
    announce: int | None = None
    raw: bytes | None = field(default=None, repr=False)


Serve = Callable[[], Reply]
Act = Callable[[Asked, Serve], Reply]


@dataclass
class Fault:
    """What goes wrong for requests whose `METHOD target` matches: after how many of them, and how often."""

    pattern: str
    act: Act
    times: int = 1
    after: int = 0

    def strikes(self, asked: Asked) -> bool:
        """Count a request, and tell whether it is one that goes wrong."""
        if not re.search(self.pattern, asked.whole_line) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


def answer(status: int, body: bytes | str = b"", **headers: str) -> Act:
    """Answer without carrying the request out."""
    data = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _asked, _serve: Reply(status, data, named)


def drop(_asked: Asked, _serve: Serve) -> Reply:
    """Close the connection without carrying the request out."""
    return Reply(0, drop=True)


def drop_after(_asked: Asked, serve: Serve) -> Reply:
    """Carry the request out and lose the reply."""
    serve()
    return Reply(0, drop=True)


def cut_at(size: int) -> Act:
    """Send only the first bytes of the body."""
    return lambda _asked, serve: replace(serve(), cut=size)


def corrupt(_asked: Asked, serve: Serve) -> Reply:
    """Turn the body's bytes around."""
    reply = serve()
    return replace(reply, body=reply.body[::-1])


def slow(pause: float, piece: int = 1) -> Act:
    """Wait before every byte, or every piece, of the body."""
    return lambda _asked, serve: replace(serve(), pause=pause, piece=piece)


def error(code: str, message: str) -> str:
    """Return a registry's error document."""
    return json.dumps({"errors": [{"code": code, "message": message}]})


class FaultyRegistry:
    """The registry's state, the requests that it got, and the faults to come."""

    def __init__(self) -> None:
        self.host = ""
        self.scheme = "http"
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.blobs: dict[str, dict[str, bytes]] = {}
        self.manifests: dict[str, dict[str, tuple[str, bytes]]] = {}
        self.sessions: dict[str, str] = {}
        self.opened = 0
        self.auth: str | None = None
        self.users = {"ada": "s3cret-lace"}
        self.tokens: set[str] = set()
        self.token_requests: list[Asked] = []
        self.expires_in: int | None = 300
        self.relative_location = True
        self.uploads: Counter[str] = Counter()
        self.connections = 0
        self._lock = threading.Lock()

    def fail(self, pattern: str, act: Act, times: int = 1, after: int = 0) -> None:
        self.faults.append(Fault(pattern, act, times, after))

    def put(self, repository: str, data: bytes) -> str:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        self.blobs.setdefault(repository, {})[digest] = data
        return digest

    def put_manifest(self, repository: str, tag: str, media_type: str, data: bytes) -> str:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        for reference in (tag, digest):
            self.manifests.setdefault(repository, {})[reference] = (media_type, data)
        return digest

    def lines(self, pattern: str = "") -> list[str]:
        return [asked.line for asked in self.asked if re.search(pattern, asked.line)]

    def take(self, asked: Asked, stream: BufferedIOBase, size: int) -> bytes | Reply:
        """Take in a request's body, or answer before it has come."""
        del asked
        return stream.read(size)

    def respond(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            fault = next((fault for fault in self.faults if fault.strikes(asked)), None)
        if fault is not None:
            return fault.act(asked, lambda: self._serve(asked))
        return self._serve(asked)

    def _serve(self, asked: Asked) -> Reply:
        with self._lock:
            if asked.path == "/token":
                return self._token(asked)
            refused = self._refused(asked)
            if refused is not None:
                return refused
            if asked.path == "/v2/":
                return Reply(200, b"{}", {"Content-Type": "application/json"})
            if found := re.fullmatch(r"/v2/(.+)/manifests/([^/]+)", asked.path):
                return self._manifest(asked, *found.groups())
            if found := re.fullmatch(r"/v2/(.+)/blobs/uploads/([^/]*)", asked.path):
                return self._upload(asked, *found.groups())
            if found := re.fullmatch(r"/v2/(.+)/blobs/([^/]+)", asked.path):
                return self._blob(asked, *found.groups())
            return Reply(404)

    def _refused(self, asked: Asked) -> Reply | None:
        given = asked.headers.get("authorization", "")
        if self.auth is None:
            return None
        if self.auth == "basic":
            good = [base64.b64encode(f"{u}:{p}".encode()).decode() for u, p in self.users.items()]
            challenge = 'Basic realm="here"'
            allowed = given.removeprefix("Basic ") in good
        else:
            challenge = f'Bearer realm="{self.scheme}://{self.host}/token",service="tests"'
            allowed = given.removeprefix("Bearer ") in self.tokens
        if allowed:
            return None
        return Reply(401, error("UNAUTHORIZED", "authentication required").encode(), {"WWW-Authenticate": challenge})

    def _token(self, asked: Asked) -> Reply:
        self.token_requests.append(asked)
        if asked.method == "POST":
            form = parse_qs(asked.body.decode())
            if form.get("refresh_token") != ["refresh-me"]:
                return Reply(401, error("UNAUTHORIZED", "bad refresh token").encode())
        elif "authorization" in asked.headers:
            user, _, password = base64.b64decode(asked.headers["authorization"].split()[1]).decode().partition(":")
            if self.users.get(user) != password:
                return Reply(401, error("UNAUTHORIZED", "incorrect username or password").encode())
        token = f"token-{self.host.rpartition(':')[2]}-{len(self.token_requests)}"
        self.tokens.add(token)
        content: dict[str, object] = {"access_token": token}
        if self.expires_in is not None:
            content["expires_in"] = self.expires_in
        return Reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _manifest(self, asked: Asked, repository: str, reference: str) -> Reply:
        if asked.method == "PUT":
            digest = self.put_manifest(repository, reference, asked.headers["content-type"], asked.body)
            return Reply(201, b"", {"Docker-Content-Digest": digest})
        if reference not in self.manifests.get(repository, {}):
            return Reply(404, error("MANIFEST_UNKNOWN", "manifest unknown").encode())
        media_type, data = self.manifests[repository][reference]
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        return Reply(200, data, {"Content-Type": media_type, "Docker-Content-Digest": digest})

    def _blob(self, asked: Asked, repository: str, digest: str) -> Reply:
        data = self.blobs.get(repository, {}).get(digest)
        if data is None:
            return Reply(404, error("BLOB_UNKNOWN", "blob unknown to registry").encode())
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        if wanted is None:
            return Reply(200, data)
        start = int(wanted.group(1))
        return Reply(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})

    def _upload(self, asked: Asked, repository: str, session: str) -> Reply:
        if asked.method == "POST":
            mounted = self.blobs.get(asked.query.get("from", ""), {}).get(asked.query.get("mount", ""))
            if mounted is not None:
                self.put(repository, mounted)
                return Reply(201, b"", {"Docker-Content-Digest": asked.query["mount"]})
            self.opened += 1
            name = f"session-{self.opened}"
            self.sessions[name] = repository
            base = "" if self.relative_location else f"{self.scheme}://{self.host}"
            return Reply(202, b"", {"Location": f"{base}/v2/{repository}/blobs/uploads/{name}?_state=a%2Fb%3D"})
        if self.sessions.pop(session, None) != repository or asked.query.get("_state") != "a/b=":
            return Reply(404, error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry").encode())
        if self.put(repository, asked.body) != asked.query.get("digest"):
            return Reply(400, error("DIGEST_INVALID", "provided digest did not match uploaded content").encode())
        self.uploads[asked.query["digest"]] += 1
        return Reply(201, b"", {"Docker-Content-Digest": asked.query["digest"]})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: FaultyRegistry

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, b"", self.path)
        early = self.registry.take(asked, self.rfile, int(headers.get("content-length", 0)))
        reply = early if isinstance(early, Reply) else self.registry.respond(replace(asked, body=early))
        self.close_connection = self.close_connection or early is reply
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        if reply.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        size = len(reply.body) if reply.announce is None else reply.announce
        if "Content-Length" in reply.headers:
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.command != "HEAD":
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        data = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.pause:
            for start in range(0, len(data), reply.piece):
                time.sleep(reply.pause)
                self.wfile.write(data[start : start + reply.piece])
        else:
            self.wfile.write(data)
        if reply.cut is not None or reply.announce is not None:
            self.close_connection = True

    def setup(self) -> None:
        super().setup()
        self.registry.connections += 1

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = _handle  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is part of the tests."""


@contextmanager
def serve(registry: FaultyRegistry, tls: ssl.SSLContext | None = None) -> Iterator[FaultyRegistry]:
    """Serve the registry on a loopback port until the block ends."""
    handler = type("Handler", (_Handler,), {"registry": registry})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        registry.scheme = "https"
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
