"""A token server as registries' vendors run them, whose tokens a real registry verifies.

Sources: distribution "Token Authentication Specification" (scopes, JWT) and "OAuth2" (POST with a refresh token).
"""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.parts.processes import require

ISSUER, SERVICE = "tests-issuer", "tests-registry"


@dataclass
class TokenServer:
    """Its address and key, who may do what, and what was asked.

    Attributes:
        rights: user ("" for anybody) → repository prefix → actions.
        life: seconds that a token is said to be good for.
        stale: how many of the next tokens are over when they are given.
        first_scope_only: whether it reads no more than one scope of a request, as some do.
    """

    folder: Path
    realm: str = ""
    users: dict[str, str] = field(default_factory=lambda: {"ada": "s3cret-lace"})
    refresh_tokens: dict[str, str] = field(default_factory=lambda: {"refresh-me": "ada"})
    rights: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: {"ada": {"": {"pull", "push"}}, "": {"public/": {"pull"}}}
    )
    life: int = 300
    stale: int = 0
    first_scope_only: bool = False
    granted: list[tuple[str, list[str]]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    @property
    def certificate(self) -> Path:
        return self.folder / "token.crt"

    def token(self, user: str, scopes: list[str]) -> str:
        """Return a token for as much of the scopes as the user may do."""
        access = [self._allowed(user, *scope.split(":")) for scope in scopes[: 1 if self.first_scope_only else None]]
        self.granted.append((user, [f"{each['name']}:{','.join(each['actions'])}" for each in access]))
        lines = self.certificate.read_text().splitlines()
        chain = ["".join(lines[1 : lines.index("-----END CERTIFICATE-----")])]
        now = int(time.time()) - (3600 if self.stale > 0 else 0)
        self.stale -= 1
        claims = {
            "iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + self.life, "nbf": now - 10, "iat": now - 10,
            "jti": str(len(self.granted)), "access": access,
        }  # fmt: skip
        text = f"{_part({'typ': 'JWT', 'alg': 'RS256', 'x5c': chain})}.{_part(claims)}"
        command = [require("openssl", "openssl"), "dgst", "-sha256", "-sign", str(self.folder / "token.key")]
        signature = subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout
        return f"{text}.{_base64(signature)}"

    def _allowed(self, user: str, kind: str, name: str, actions: str) -> dict[str, object]:
        allowed: set[str] = set()
        for prefix, granted in self.rights.get(user, {}).items():
            allowed |= granted if name.startswith(prefix) else set()
        return {"type": kind, "name": name, "actions": sorted(set(actions.split(",")) & allowed)}


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _part(content: object) -> str:
    return _base64(json.dumps(content).encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_: TokenServer

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        user = ""
        if given := self.headers.get("Authorization"):
            user, _, password = base64.b64decode(given.split()[1]).decode().partition(":")
            if self.server_.users.get(user) != password:
                self._answer(401, {"details": "incorrect username or password"})
                return
        self._give(user, [scope for value in query.get("scope", []) for scope in value.split()])

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        user = self.server_.refresh_tokens.get(form.get("refresh_token", [""])[0])
        if user is None:
            self._answer(401, {"details": "invalid refresh token"})
            return
        self._give(user, form.get("scope", [""])[0].split())

    def _give(self, user: str, scopes: list[str]) -> None:
        self.server_.methods.append(self.command)
        self._answer(200, {"access_token": self.server_.token(user, scopes), "expires_in": self.server_.life})

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serve_tokens(folder: Path) -> Iterator[TokenServer]:
    """Serve tokens on a loopback port until the block ends."""
    command = "req -x509 -newkey rsa:2048 -nodes -keyout token.key -out token.crt -days 2 -subj /CN=tokens"
    subprocess.run([require("openssl", "openssl"), *command.split()], cwd=folder, check=True, capture_output=True)
    made = TokenServer(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_": made}))
    server.daemon_threads = True
    made.realm = f"http://127.0.0.1:{server.server_address[1]}/token"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
