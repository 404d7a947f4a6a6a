"""A relay in front of a registry that counts what clients send to it, whichever client it is."""

from __future__ import annotations

import contextlib
import http.client
import socket
import socketserver
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_READ = 1 << 18
_REQUEST = b" HTTP/1.1\r\n"


@dataclass
class Wire:
    """What went over the wire so far.

    Attributes:
        host: where clients connect, as they name the registry.
        sent: bytes from clients to the registry.
        requests: how many requests those were.
    """

    host: str
    sent: int = 0
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, data: bytes) -> None:
        """Take note of bytes that a client sent."""
        with self._lock:
            self.sent += len(data)
            self.requests += data.count(_REQUEST)

    def round_trip(self, times: int = 30) -> float:
        """Return the median seconds of a request and its answer on an open connection."""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        samples = []
        for _ in range(times):
            begun = time.perf_counter()
            connection.request("GET", "/v2/")
            connection.getresponse().read()
            samples.append(time.perf_counter() - begun)
        connection.close()
        return statistics.median(samples)


@contextlib.contextmanager
def relay(registry: str) -> Iterator[Wire]:
    """Relay connections to a registry until the block ends.

    Args:
        registry: its host and port, on this machine.
    """
    name, _, port = registry.partition(":")

    class Relayed(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((name, int(port))) as there:
                for end in (self.request, there):  # else a small packet waits for the last one's acknowledgement
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = threading.Thread(target=_pump, args=(there, self.request, None), daemon=True)
                back.start()
                _pump(self.request, there, wire)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Relayed) as server:
        wire = Wire(f"localhost:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield wire
        server.shutdown()


def _pump(source: socket.socket, goal: socket.socket, wire: Wire | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_READ):
            if wire is not None:
                wire.count(data)
            goal.sendall(data)
    with contextlib.suppress(OSError):
        goal.shutdown(socket.SHUT_WR)
