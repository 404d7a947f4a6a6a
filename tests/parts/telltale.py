"""A registry that lets nobody in, and repeats in every error whatever secret it was told."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request."""

    method: str
    path: str
    authorization: str
    body: str

    def told(self) -> str:
        """All that it said, in every spelling that it can be read in."""
        _, _, encoded = self.authorization.partition(" ")
        try:
            plain = base64.b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            plain = ""
        return " | ".join(
            (self.authorization, plain, self.path, unquote_plus(self.path), self.body, unquote_plus(self.body))
        )


@dataclass(frozen=True)
class Said:
    """An answer; the body is an error that repeats the request, unless there is one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


Answering = Callable[["Telltale", Seen], Said]


@dataclass
class Telltale:
    """The running server.

    Attributes:
        host: `localhost:port`.
        answer: what it says; tests put in their own.
        seen: all requests.
    """

    host: str
    answer: Answering
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def telltale(answer: Answering) -> Iterator[Telltale]:
    """Serve on a loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
            seen = Seen(self.command, self.path, self.headers.get("Authorization", ""), body)
            made.seen.append(seen)
            said = made.answer(made, seen)
            told = seen.told()
            error = {"errors": [{"code": "DENIED", "message": f"denied: {told}", "detail": told}], "details": told}
            data = json.dumps(error).encode() if said.body is None else said.body
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = _any  # noqa: N815 (names of http.server)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Telltale(f"localhost:{server.server_port}", answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def path_of(seen: Seen) -> str:
    """The path of a request without its query."""
    return urlsplit(seen.path).path
