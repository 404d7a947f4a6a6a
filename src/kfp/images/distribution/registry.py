"""One registry: which manifests and blobs it has, and getting them (OCI distribution-spec 1.1, "Pull").

Writing is in `upload.py`; `pull.py` and `push.py` move whole images.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from kfp.errors import ImageNotFound, InvalidImage, RegistryError
from kfp.images import digest as digests
from kfp.images import media_types
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.address import join_address, origin
from kfp.images.distribution.authorization import Authorization, Scopes
from kfp.images.distribution.download import open_download
from kfp.images.distribution.exchange import Answer, Payload, Request, announced_size
from kfp.images.distribution.network import insecure_hosts, is_loopback
from kfp.images.distribution.outage import is_connect_failure
from kfp.images.distribution.parallel import Cancellation
from kfp.images.distribution.transport import SMALL_ANSWER, Settings, Stream, Transport
from kfp.images.manifest import Index, Manifest, parse_manifest
from kfp.images.reference import DEFAULT_REGISTRY

if TYPE_CHECKING:
    from kfp.images.distribution.auth import Keychain
    from kfp.images.distribution.refusal import Refusals

R = TypeVar("R", bound=Answer | Stream)

_ACCEPT = ", ".join(media_types.ACCEPTED)
_DOCKER_HUB_API = "registry-1.docker.io"


@dataclass(frozen=True)
class RegistryOptions:
    """How registries are talked to; the same for all that a push or pull touches.

    Attributes:
        keychain: where credentials are; the user's own by default.
        settings: timeouts, retries, proxies; `settings.insecure` allows plain HTTP beyond this machine.
        insecure_hosts: the registries for which alone that is allowed.
        cancellation: ends waits and transfers.
    """

    keychain: Keychain | None = None
    settings: Settings | None = None
    insecure_hosts: frozenset[str] = frozenset()
    cancellation: Cancellation | None = None


class Registry:
    """A registry, reached when it is first asked something; threads may share it.

    Args:
        host: host and port as in image names, for example `ghcr.io`, `localhost:5000` or `docker.io`.
        keychain: where credentials are; the user's own by default.
        insecure: plain HTTP or an unverified certificate will do. This machine's own registries may always speak
            plain HTTP.
        settings: timeouts, retries, proxies.
        cancellation: ends waits and transfers.
    """

    def __init__(
        self,
        host: str,
        keychain: Keychain | None = None,
        *,
        insecure: bool = False,
        settings: Settings | None = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        chosen = settings or Settings()
        self.host = host
        self.transport = Transport(host, replace(chosen, insecure=insecure or chosen.insecure), cancellation)
        self._authorization = Authorization(host, keychain, self.transport)
        self._scopes: dict[str, Scopes] = {}
        self._base: str | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, host: str, options: RegistryOptions) -> Registry:
        """Return the registry with the settings that a whole push or pull shares."""
        return cls(
            host,
            options.keychain,
            insecure=host in options.insecure_hosts or host in insecure_hosts(_environment(options)),
            settings=options.settings,
            cancellation=options.cancellation,
        )

    @property
    def refusals(self) -> Refusals:
        """Makes errors of this registry's answers."""
        return self._authorization.refusals

    def ping(self) -> None:
        """Make sure that a registry answers there; later calls do nothing.

        Raises:
            RegistryUnreachable: nothing answers.
            RegistryError: what answers is no registry of the v2 API.
        """
        self._endpoint()

    def plan_access(self, repository: str, *, push: bool = False, mount_from: tuple[str, ...] = ()) -> None:
        """Say what will be done in a repository, so that one token serves for all of it.

        Args:
            repository: where.
            push: whether it will be written to.
            mount_from: other repositories of this registry that blobs will be taken over from.
        """
        own = f"repository:{repository}:{'pull,push' if push else 'pull'}"
        others = tuple(f"repository:{name}:pull" for name in mount_from if name != repository)
        self._scopes[repository] = (own, *others)

    def get_manifest(self, repository: str, reference: str) -> Manifest | Index:
        """Fetch a manifest or index by tag or digest and verify it.

        Raises:
            ImageNotFound: the registry has none of that name.
            InvalidImage: it is malformed, of schema 1, or not what its digest says.
            RegistryError: anything else.
        """
        path = f"/v2/{repository}/manifests/{reference}"
        answer = self.request(repository, "GET", path, headers={"Accept": _ACCEPT}, limit=DOCUMENT_LIMIT)
        if answer.status == HTTPStatus.NOT_FOUND and not answer.is_web_page:
            raise self._no_image(repository, reference)
        if answer.status != HTTPStatus.OK or answer.is_web_page:
            raise self.refusals.error(answer, f"give the manifest of {self._name(repository, reference)}")
        promised = reference if ":" in reference else answer.headers.get("Docker-Content-Digest", "")
        _verify(answer.data, promised, f"the manifest of {self._name(repository, reference)}")
        return parse_manifest(answer.headers.get("Content-Type", ""), answer.data)

    def head_manifest(self, repository: str, reference: str) -> Descriptor | None:
        """Ask what a tag or digest points at, without fetching it.

        Returns:
            The descriptor, or None where there is no such manifest or the registry does not tell (some refuse HEAD,
            some name no digest): then only `get_manifest` knows.

        Raises:
            RegistryUnreachable: nothing answers.
            AuthenticationError: the registry wants other credentials (401).
            RegistryError: it fails.
        """
        path = f"/v2/{repository}/manifests/{reference}"
        answer = self.request(repository, "HEAD", path, headers={"Accept": _ACCEPT})
        if answer.status == HTTPStatus.UNAUTHORIZED or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self.refusals.error(answer, f"look up {self._name(repository, reference)}")
        if answer.status != HTTPStatus.OK:
            return None
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        try:
            digest = digests.check(answer.headers.get("Docker-Content-Digest", ""))
        except InvalidImage:
            return None
        return Descriptor(media_type, digest, announced_size(answer.headers))

    def head_blob(self, repository: str, digest: str) -> bool | None:
        """Ask whether a repository has a blob.

        Returns:
            True or False, or None where the registry does not tell: some answer 403 to every HEAD.

        Raises:
            RegistryUnreachable: nothing answers.
            AuthenticationError: the registry wants other credentials (401).
        """
        answer = self.request(repository, "HEAD", f"/v2/{repository}/blobs/{digest}")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise self.refusals.error(answer, f"look up the blob {digest} in {self.host}/{repository}")
        if answer.status == HTTPStatus.OK:
            return True
        return False if answer.status == HTTPStatus.NOT_FOUND else None

    def get_blob(self, repository: str, descriptor: Descriptor) -> BinaryIO:
        """Open a blob as a stream; reading it to the end verifies size and digest.

        A broken connection is resumed where it broke. The stream belongs to one thread; the caller closes it.

        Raises:
            RegistryError: the registry does not give it. While the stream is read: RegistryUnreachable as well, and
                InvalidImage for bytes that are not the promised ones.
        """

        def open_at(offset: int) -> Stream:
            headers = {"Range": f"bytes={offset}-"} if offset else {}
            path = f"/v2/{repository}/blobs/{descriptor.digest}"
            answer = self._authorized(repository, Request("GET", self._url(path), headers), self.transport.stream)
            if isinstance(answer, Stream):
                return answer
            raise self.refusals.error(answer, f"give the blob {descriptor.digest} of {self.host}/{repository}")

        return open_download(open_at, descriptor, self.transport)

    def request(
        self,
        repository: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Payload | None = None,
        replay: bool = True,
        limit: int = SMALL_ANSWER,
    ) -> Answer:
        """Send a request about a repository, with the authorization that it needs.

        Args:
            repository: decides which authorization is used.
            method: of HTTP.
            path: from `/v2/` on, or an absolute URL that the registry gave.
            headers: further headers.
            body: sent whole.
            replay: False for what must not be sent twice: then a 401 or a broken connection comes back at once (the
                authorization is renewed nevertheless).
            limit: the most bytes of an answer.

        Returns:
            The answer, of whatever status.

        Raises:
            RegistryUnreachable: no answer.
        """
        request = Request(method, self._url(path), headers or {}, body=body, replay=replay)
        return self._authorized(repository, request, lambda final: self.transport.send(final, limit=limit))

    def _authorized(self, repository: str, request: Request, send: Callable[[Request], R]) -> R:
        own = origin(request.url) == origin(self._endpoint())
        scopes = self._scopes.get(repository, (f"repository:{repository}:pull",))
        used = self._authorization.header(scopes) if own else None
        result = send(replace(request, authorization=used))
        if isinstance(result, Answer) and result.status == HTTPStatus.UNAUTHORIZED and own:
            renewed = self._authorization.challenged(_challenges(result), scopes, used)
            if renewed is not None and request.replay:
                return send(replace(request, authorization=renewed))
        return result

    def _url(self, path: str) -> str:
        return join_address(self._endpoint(), path)

    def _endpoint(self) -> str:
        with self._lock:
            if self._base is None:
                self._base, greeting = self._discover()
                self._authorization.note(_challenges(greeting))
            return self._base

    def _discover(self) -> tuple[str, Answer]:
        """Find the scheme that the registry speaks: HTTPS, except on this machine or where the user said so."""
        if is_loopback(self.host):
            try:
                return self._greet("http", probe=True)
            except RegistryError as plain:
                return self._discover_otherwise("https", "http", plain)
        if self.transport.settings.insecure:
            try:
                return self._greet("https", probe=True)
            except RegistryError as encrypted:
                return self._discover_otherwise("http", "https", encrypted)
        return self._greet("https")

    def _discover_otherwise(self, scheme: str, first: str, error: RegistryError) -> tuple[str, Answer]:
        try:
            return self._greet(scheme, probe=True)
        except RegistryError:
            if isinstance(error.__cause__, Exception) and is_connect_failure(error.__cause__):
                raise error from error.__cause__
            return self._greet(first)

    def _greet(self, scheme: str, *, probe: bool = False) -> tuple[str, Answer]:
        host = _DOCKER_HUB_API if self.host == DEFAULT_REGISTRY else self.host
        base = f"{scheme}://{host}/"
        answer = self.transport.send(Request("GET", join_address(base, "/v2/"), replay=not probe))
        if answer.is_web_page or answer.status not in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}:
            raise self.refusals.error(answer, "answer to the greeting of a registry (GET /v2/)")
        return base, answer

    def _name(self, repository: str, reference: str) -> str:
        return f"{self.host}/{repository}{'@' if ':' in reference else ':'}{reference}"

    def _no_image(self, repository: str, reference: str) -> ImageNotFound:
        return ImageNotFound(f"the registry {self.host} has no image {self._name(repository, reference)}")


def _environment(options: RegistryOptions) -> Mapping[str, str]:
    chosen = options.settings.environ if options.settings is not None else None
    return os.environ if chosen is None else chosen


def _challenges(answer: Answer) -> list[str]:
    return answer.headers.getlist("WWW-Authenticate")


def _verify(data: bytes, promised: str, what: str) -> None:
    try:
        hasher = digests.hasher(promised)
    except InvalidImage:
        return  # a tag's manifest, and the registry names no digest that could be compared
    hasher.update(data)
    if digests.of(hasher) != promised:
        raise InvalidImage(f"{what} is not what its digest {promised} says: it hashes to {digests.of(hasher)}")
