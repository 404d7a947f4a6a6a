"""A proxy before a real registry: it wants credentials, forwards, and lets go wrong what a test asks for."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import replace
from io import BufferedIOBase

from tests.images.distribution.faulty_registry import Act, Asked, FaultyRegistry, Reply, Serve

_PASSED_ON = ("Content-Type", "Docker-Content-Digest", "Location", "Range", "Content-Range")
Take = Callable[[BufferedIOBase, int], "bytes | Reply"]


class FaultyProxy(FaultyRegistry):
    """Forwards to the registry at `upstream`; addresses in its answers point back here."""

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self.upstream = upstream
        self.body_faults: list[tuple[str, Take]] = []

    def take(self, asked: Asked, stream: BufferedIOBase, size: int) -> bytes | Reply:
        """Read a body as the next fault of bodies has it; a body that did not come whole is never forwarded."""
        with self._lock:
            fault = next((each for each in self.body_faults if size and each[0] == asked.method), None)
            if fault is not None:
                self.body_faults.remove(fault)
        if fault is None:
            return stream.read(size)
        taken = fault[1](stream, size)
        if isinstance(taken, Reply):
            self.asked.append(asked)
        return taken

    def _serve(self, asked: Asked) -> Reply:
        if asked.path == "/token" or self._refused(asked) is not None:
            return super()._serve(asked)
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        try:
            names = {"accept", "content-type", "content-length", "range", "content-range"} & asked.headers.keys()
            headers = {"Host": self.host, **{name: asked.headers[name] for name in names}}
            connection.request(asked.method, asked.target, body=asked.body, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        passed = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        size = int(answer.headers.get("Content-Length") or 0)
        return Reply(answer.status, body, passed, announce=size if asked.method == "HEAD" else None)


# What goes wrong with an answer


def carry_out_and_answer(status: int) -> Act:
    """Carry the request out, and deny it."""

    def act(_asked: Asked, serve: Serve) -> Reply:
        serve()
        return Reply(status)

    return act


def challenge(asked: Asked, _serve: Serve) -> Reply:
    """Say that the token is none any more."""
    realm = f"http://{asked.headers['host']}/token"
    return Reply(401, b"{}", {"WWW-Authenticate": f'Bearer realm="{realm}",service="tests"'})


def another_digest(_asked: Asked, serve: Serve) -> Reply:
    """Carry the request out, and name another digest."""
    reply = serve()
    return replace(reply, headers={**reply.headers, "Docker-Content-Digest": "sha256:" + "0" * 64})


def redirect(host: Callable[[], str], status: int = 307) -> Act:
    """Send the client to another host."""
    return lambda asked, _serve: Reply(status, b"", {"Location": f"http://{host()}{asked.target}"})


def redirect_back(asked: Asked, _serve: Serve) -> Reply:
    """Send the client to where it is."""
    return Reply(307, b"", {"Location": asked.target})


def stall(seconds: float) -> Act:
    """Answer when nobody waits any more."""

    def act(_asked: Asked, serve: Serve) -> Reply:
        time.sleep(seconds)
        return serve()

    return act


def no_http(_asked: Asked, _serve: Serve) -> Reply:
    """Answer in another protocol."""
    return Reply(0, raw=b"SSH-2.0-OpenSSH_9.2\r\n")


# What goes wrong while a body comes in


def break_off(stream: BufferedIOBase, size: int) -> bytes | Reply:
    """Hang up after half of the body."""
    stream.read(size // 2)
    return Reply(0, drop=True)


def refuse_early(stream: BufferedIOBase, _size: int) -> bytes | Reply:
    """Answer after the first bytes, as a proxy does that counts them."""
    stream.read(10)
    return Reply(413, b"too large", {"Connection": "close"})


def unavailable_early(stream: BufferedIOBase, _size: int) -> bytes | Reply:
    """Answer that it is not a good moment after the first bytes."""
    stream.read(10)
    return Reply(503, b"", {"Connection": "close"})


def sip(pause: float, pieces: int = 20) -> Take:
    """Take the body in slowly."""

    def take(stream: BufferedIOBase, size: int) -> bytes | Reply:
        data = b""
        while len(data) < size:
            time.sleep(pause)
            data += stream.read(min(size // pieces + 1, size - len(data)))
        return data

    return take
