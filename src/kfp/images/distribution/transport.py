"""Sends one HTTP request to a registry and brings back the answer, whatever the network does in between.

Repeats what may be repeated, follows redirects itself so that credentials never reach another host, refuses plain
HTTP beyond this machine, and bounds the size and the time of every answer. What an answer means is the registry's
matter (`registry.py`).
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final, TypeVar
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from kfp.errors import RegistryError, RegistryUnreachable
from kfp.images.distribution.address import join_address, origin
from kfp.images.distribution.certificates import default_places, directories_of
from kfp.images.distribution.exchange import Answer, Payload, Request, announced_size
from kfp.images.distribution.network import is_loopback, pool_manager, proxy_for, tls_context
from kfp.images.distribution.outage import describe_outage, is_connect_failure
from kfp.images.distribution.parallel import Cancellation
from kfp.images.distribution.retry import RETRIED_STATUSES, Retry, parse_retry_after
from kfp.version import SKIFF_VERSION

CHUNK_SIZE: Final = 128 * 1024
SMALL_ANSWER: Final = 64 * 1024

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_SLOWEST_BYTES = 1024  # per read timeout: less is a registry that only pretends to send


@dataclass(frozen=True)
class Settings:
    """How patient and how wide a transport is.

    Attributes:
        connect_timeout: seconds to establish a connection.
        read_timeout: seconds without any byte from the other side.
        retry: what is repeated, and when.
        connections: how many may be open to one host at a time.
        insecure: plain HTTP and unverified certificates are accepted from any host.
        environ: the environment variables for proxies and certificates; None means the process's own.
        certificates: where directories with certificates of single registries lie; None means where container tools
            keep them.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    retry: Retry = field(default_factory=Retry)
    connections: int = 8
    insecure: bool = False
    environ: Mapping[str, str] | None = field(default=None, repr=False)
    certificates: tuple[Path, ...] | None = None


class Stream:
    """The body of an answer, read as it arrives. Close it, or read it to its end.

    Attributes:
        status: 200 or 206.
        headers: case-insensitive.
    """

    def __init__(self, raw: urllib3.BaseHTTPResponse, request: Request, transport: Transport) -> None:
        self.status = raw.status
        self.headers = raw.headers
        self._raw = raw
        self._request = request
        self._transport = transport
        self._counted_since = time.monotonic()
        self._counted = 0

    def read(self, size: int = CHUNK_SIZE) -> bytes:
        """Return the next bytes, at most `size`, as soon as there are any; empty at the end.

        Raises:
            RegistryUnreachable: the connection broke, stalled, or ended before the announced length.
        """
        self._transport.cancellation.check()
        try:
            data = self._raw.read1(size)
        except (HTTPError, OSError) as error:
            self.close()
            raise self._transport.outage(self._request, error) from error
        self._counted += len(data)
        now = time.monotonic()
        if data and now - self._counted_since > self._transport.settings.read_timeout:
            if self._counted < _SLOWEST_BYTES:
                self.close()
                raise self._transport.outage(self._request, TimeoutError())
            self._counted_since, self._counted = now, 0
        return data

    def close(self) -> None:
        """Give up the rest."""
        self._raw.close()


R = TypeVar("R", bound=Answer | Stream)


class Transport:
    """Talks to one registry and to the hosts that it refers to; threads may share it.

    Args:
        registry: host and port as in image names, for error messages.
        settings: how patient and how wide.
        cancellation: ends every wait once it is set.
    """

    def __init__(
        self, registry: str, settings: Settings | None = None, cancellation: Cancellation | None = None
    ) -> None:
        self.registry = registry
        self.settings = settings or Settings()
        self.cancellation = cancellation or Cancellation()
        self._environ = os.environ if self.settings.environ is None else self.settings.environ
        self._pools: dict[tuple[str, str | None, bool, tuple[Path, ...]], urllib3.PoolManager] = {}
        self._directories: dict[str, tuple[Path, ...]] = {}
        self._reached: set[str] = set()
        self._lock = threading.Lock()

    def send(self, request: Request, *, limit: int = SMALL_ANSWER) -> Answer:
        """Send a request and read the whole answer.

        Args:
            request: what to send.
            limit: the most bytes that the answer's body may have.

        Returns:
            The answer, of whatever status: also 429 or 503 when no attempt is left.

        Raises:
            RegistryUnreachable: no connection, or none that lasted.
            RegistryError: the answer is too large, or a redirect leads where it must not.
        """
        return self._repeat(request, lambda raw, last: self._read(raw, last, limit))

    def stream(self, request: Request) -> Stream | Answer:
        """Send a request and return its body as a stream where it succeeds, else the complete answer.

        Raises:
            RegistryUnreachable: no connection, or none that lasted until the answer began.
            RegistryError: an error's text is too large, or a redirect leads where it must not.
        """

        def finish(raw: urllib3.BaseHTTPResponse, last: Request) -> Stream | Answer:
            if raw.status in {200, 206}:
                return Stream(raw, last, self)
            return self._read(raw, last, SMALL_ANSWER)

        return self._repeat(request, finish)

    def outage(self, request: Request, error: Exception) -> RegistryUnreachable:
        """Return the error that says what the network did; also used while a stream is read."""
        return describe_outage(self.registry, request.url, error, read_timeout=self.settings.read_timeout)

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()
            self._pools.clear()

    def _repeat(self, request: Request, finish: Callable[[urllib3.BaseHTTPResponse, Request], R]) -> R:
        attempt, waited = 0, 0.0
        while True:
            attempt += 1
            self.cancellation.check()
            try:
                raw, last = self._follow(request)
                with _closed_on_error(raw):
                    result = finish(raw, last)
            except (HTTPError, OSError) as error:
                delay = self._delay(attempt) if self._may_repeat(request, error) else None
                if delay is None:
                    raise self.outage(request, error) from error
            else:
                retried = request.replay and result.status in RETRIED_STATUSES
                delay = self._delay(attempt, result.headers.get("Retry-After"), waited) if retried else None
                if delay is None:
                    return result
            waited += delay
            self.cancellation.sleep(delay)

    def _delay(self, attempt: int, retry_after: str | None = None, waited: float = 0.0) -> float | None:
        return self.settings.retry.delay(attempt, parse_retry_after(retry_after), waited)

    def _may_repeat(self, request: Request, failure: Exception) -> bool:
        if is_connect_failure(failure):
            # Nothing was sent. But a registry that was never there is reported at once, not after many seconds.
            # A failure of TLS alone may come in the middle as well.
            certain = request.replay or not isinstance(failure, SSLError)
            return certain and urlsplit(request.url).netloc in self._reached
        return request.replay

    def _follow(self, request: Request) -> tuple[urllib3.BaseHTTPResponse, Request]:
        for _ in range(_MOST_REDIRECTS + 1):
            self._check_scheme(request.url)
            raw = self._exchange(request)
            location = raw.headers.get("Location")
            if raw.status not in _REDIRECTS or location is None or not _may_follow(request, raw.status):
                return raw, request
            raw.close()
            request = self._redirected(request, location)
        raise RegistryError(f"the registry {self.registry} redirects without end")

    def _exchange(self, request: Request) -> urllib3.BaseHTTPResponse:
        headers = {"User-Agent": f"skiff/{SKIFF_VERSION}", "Accept-Encoding": "identity", **request.headers}
        if request.authorization is not None:
            headers["Authorization"] = request.authorization
        body: bytes | BinaryIO | None
        if isinstance(request.body, Payload):
            headers["Content-Length"] = str(request.body.size)
            body = request.body.open()
        else:
            body = request.body
        timeout = urllib3.Timeout(connect=self.settings.connect_timeout, read=self.settings.read_timeout)
        try:
            raw = self._pool(request.url).request(
                request.method,
                request.url,
                headers=headers,
                body=body,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        finally:
            if isinstance(request.body, Payload) and body is not None and not isinstance(body, bytes):
                body.close()
        self._reached.add(urlsplit(request.url).netloc)
        return raw

    def _read(self, raw: urllib3.BaseHTTPResponse, request: Request, limit: int) -> Answer:
        deadline = time.monotonic() + 2 * self.settings.read_timeout
        chunks: list[bytes] = []
        size = 0 if request.method == "HEAD" else announced_size(raw.headers)
        if size <= limit:
            size = 0
            while size <= limit and (chunk := raw.read1(CHUNK_SIZE)):
                chunks.append(chunk)
                size += len(chunk)
                self.cancellation.check()
                if time.monotonic() > deadline:
                    raise TimeoutError
        if size > limit:
            raise RegistryError(
                f"the registry {self.registry} sent an answer of more than {limit} bytes to"
                f" {request.method} {urlsplit(request.url).path}"
            )
        raw.release_conn()
        return Answer(raw.status, raw.headers, b"".join(chunks), request)

    def _redirected(self, request: Request, location: str) -> Request:
        target = join_address(request.url, location)
        if request.url.startswith("https:") and not target.startswith("https:"):
            raise RegistryError(f"the registry {self.registry} redirects from HTTPS to an unencrypted address")
        keep = origin(target) == origin(request.url)
        return replace(request, url=target, authorization=request.authorization if keep else None)

    def _check_scheme(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"http", "https"}:
            raise RegistryError(f"the registry {self.registry} refers to an address that is not an HTTP one")
        # A registry elsewhere has no business with what listens on this machine.
        here = is_loopback(host) and is_loopback(self.registry)
        if parts.scheme == "http" and not here and not self.settings.insecure:
            raise RegistryError(
                f"the registry {self.registry} refers to {host} over plain HTTP, which is for this machine alone",
                hint=f"for a registry that has no TLS there are --insecure-registry {self.registry} and"
                " KFP_INSECURE_REGISTRIES",
            )

    def _pool(self, url: str) -> urllib3.PoolManager:
        scheme = urlsplit(url).scheme
        proxy = proxy_for(url, self._environ)
        # As with Docker, a certificate of this machine's own registry need not be signed by anybody.
        verify = not self.settings.insecure and not is_loopback(urlsplit(url).netloc)
        directories = self._certificates(url) if scheme == "https" else ()
        with self._lock:
            key = (scheme, proxy, verify, directories)
            if key not in self._pools:
                wanted = scheme == "https" or (proxy or "").startswith("https:")
                context = tls_context(self._environ, verify=verify, directories=directories) if wanted else None
                if not verify:
                    # Nobody is helped by a warning for each connection to what is local, or was declared insecure.
                    host = re.escape(urlsplit(url).hostname or "")
                    warnings.filterwarnings("ignore", f".* host '{host}'", urllib3.exceptions.InsecureRequestWarning)
                self._pools[key] = pool_manager(
                    proxy,
                    context,
                    connections=self.settings.connections,
                    chunk_size=CHUNK_SIZE,
                    patience=self.settings.read_timeout,
                )
            return self._pools[key]

    def _certificates(self, url: str) -> tuple[Path, ...]:
        host = urlsplit(url).netloc
        if host not in self._directories:
            places = self.settings.certificates
            found = directories_of(host, default_places(self._environ) if places is None else places)
            self._directories[host] = found
        return self._directories[host]


@contextlib.contextmanager
def _closed_on_error(raw: urllib3.BaseHTTPResponse) -> Iterator[None]:
    """Give up the connection of an answer that nobody reads to its end."""
    try:
        yield
    except BaseException:
        raw.close()
        raise


def _may_follow(request: Request, status: int) -> bool:
    return request.method in {"GET", "HEAD"} or status in {307, 308}
