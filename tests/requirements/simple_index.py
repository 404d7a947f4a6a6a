"""A package index on loopback (the simple repository API, PEP 503), with what may go wrong with one."""

from __future__ import annotations

import base64
import hashlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class SimpleIndex:
    """A running index.

    Args:
        folder: its files.
        login: `user:password` that every request must carry, or "".
        wrong_hashes: names of files whose page states another hash.
        missing: names of files that are listed and not there.
        requests: paths that were asked for, with whether a login came along.
    """

    folder: Path
    login: str = ""
    wrong_hashes: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    requests: list[tuple[str, bool]] = field(default_factory=list)
    address: str = ""

    @property
    def url(self) -> str:
        """Its address, with the login."""
        scheme, _, rest = self.address.partition("://")
        return f"{scheme}://{self.login}{'@' if self.login else ''}{rest}/simple"

    def page(self, project: str) -> bytes:
        """Return the page of a project."""
        lines = []
        for path in sorted(self.folder.iterdir()):
            if path.name.lower().replace("_", "-").startswith(f"{project}-"):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                stated = "0" * 64 if path.name in self.wrong_hashes else digest
                lines.append(f'<a href="/files/{path.name}#sha256={stated}">{path.name}</a><br>')
        return f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>".encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: SimpleIndex

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        self.index.requests.append((self.path, bool(given)))
        expected = f"Basic {base64.b64encode(self.index.login.encode()).decode()}"
        if self.index.login and given != expected:
            self._answer(401, b"", {"WWW-Authenticate": 'Basic realm="packages"'})
            return
        kind, _, name = self.path.strip("/").partition("/")
        file = self.index.folder / name
        if kind == "simple":
            self._answer(200, self.index.page(name.strip("/")), {"Content-Type": "text/html"})
        elif file.is_file() and name not in self.index.missing:
            self._answer(200, file.read_bytes(), {})
        else:
            self._answer(404, b"", {})

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever does not trust a certificate hangs up."""


@contextmanager
def serve_index(index: SimpleIndex, tls: Path | None = None) -> Iterator[SimpleIndex]:
    """Run an index until the block ends; with `tls`, a directory, over HTTPS with a certificate nobody vouches for."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": index}))
    if tls is not None:
        server.socket = _context(tls).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    index.address = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _context(folder: Path) -> ssl.SSLContext:
    folder.mkdir(parents=True, exist_ok=True)
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
