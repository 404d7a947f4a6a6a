"""Sends the bytes of one blob to a registry, as often as it takes (OCI distribution-spec 1.1, "Pushing blobs").

A blob goes over whole: POST opens a session, one PUT carries the bytes. When it stays unclear whether the registry
took it, the registry is asked, and a new session is opened where it did not: nothing is ever sent twice into the same
session. A large blob goes on in its session where the registry says how much of it has arrived; many do not keep that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO, cast
from urllib.parse import quote, urlsplit, urlunsplit

from kfp.errors import AuthenticationError, RegistryError, RegistryUnreachable, StoreError
from kfp.images.blob import Blob
from kfp.images.distribution.address import join_address
from kfp.images.distribution.exchange import Answer, Payload
from kfp.images.distribution.parallel import Cancellation
from kfp.images.distribution.progress import Tracker, TransferState
from kfp.images.distribution.registry import Registry
from kfp.images.distribution.retry import RETRIED_STATUSES, parse_retry_after

PERHAPS_TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
"""Successes other than 201: some registries' way to say it, or that of a login page in between."""

# The session is lost, or nobody knows; 401 has renewed the token already.
_UNCLEAR = (
    RETRIED_STATUSES
    | PERHAPS_TAKEN
    | {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
)
_WORTH_RESUMING = 4 * 1024 * 1024  # bytes; fewer are sent again faster than the registry is asked
_CHUNK = 256 * 1024
_RANGE = re.compile(r"(?:bytes=)?0-(\d{1,18})")


@dataclass(frozen=True)
class Session:
    """An upload that a registry has opened.

    Attributes:
        url: where the bytes go.
        offset: how many have arrived.
    """

    url: str
    offset: int = 0

    @classmethod
    def of(cls, answer: Answer) -> Session | None:
        """Return the session that an answer opens, or None where it names no address."""
        location = answer.headers.get("Location")
        return cls(join_address(answer.request.url, location)) if location else None

    def closing(self, digest: str) -> str:
        """Return the address that ends the session: it may have a query of its own."""
        parts = urlsplit(self.url)
        query = "&".join(part for part in (parts.query, f"digest={quote(digest, safe='')}") if part)
        return urlunsplit(parts._replace(query=query, fragment=""))


class Sending:
    """The attempts to send one blob.

    Args:
        registry: where to.
        repository: where in it.
        blob: opened once for every attempt.
        tracker: told what happens.
    """

    def __init__(self, registry: Registry, repository: str, blob: Blob, tracker: Tracker) -> None:
        self._registry = registry
        self._repository = repository
        self._blob = blob
        self._digest = blob.descriptor.digest
        self._tracker = tracker
        self._cancellation = registry.transport.cancellation
        self._action = f"take the blob {self._digest} for {registry.host}/{repository}"

    def run(self, session: Session | None = None) -> None:
        """Send the blob, into a session that is open already or into a new one.

        Raises:
            RegistryError: the registry refuses or fails; the message names the blob and carries the registry's own.
            ImageError: the blob cannot be read.
        """
        attempt, renewed, waited = 0, False, 0.0
        while True:
            attempt += 1
            retry_after = None
            try:
                session = session or self._open_session()
                answer = self._send(session)
            except RegistryUnreachable as error:
                failure = self._broken(error)
            else:
                if answer.status == HTTPStatus.CREATED:
                    check_digest(answer, self._digest, self._registry.host)
                    return
                failure = self._registry.refusals.error(answer, self._action)
                if not self._is_unclear(answer, session) or (answer.status == HTTPStatus.UNAUTHORIZED and renewed):
                    raise failure
                renewed = renewed or answer.status == HTTPStatus.UNAUTHORIZED
                retry_after = parse_retry_after(answer.headers.get("Retry-After"))
            if self._arrived(failure):
                return
            delay = self._registry.transport.settings.retry.delay(attempt, retry_after, waited)
            if delay is None:
                raise failure
            waited += delay
            self._tracker.to(TransferState.RETRYING)
            self._cancellation.sleep(delay)
            session = None if session is None else self._resume(session)

    def _open_session(self) -> Session:
        answer = self._registry.request(self._repository, "POST", f"/v2/{self._repository}/blobs/uploads/", body=b"")
        session = Session.of(answer)
        if answer.status != HTTPStatus.ACCEPTED or session is None:
            raise self._registry.refusals.error(answer, self._action)
        return session

    def _resume(self, broken: Session) -> Session | None:
        """Ask how much has arrived: a session to go on with, or None where only a new one will do."""
        size = self._blob.descriptor.size
        if size < _WORTH_RESUMING:
            return None
        try:
            answer = self._registry.request(self._repository, "GET", broken.url)
        except (RegistryUnreachable, AuthenticationError):
            return None
        arrived = _RANGE.fullmatch(answer.headers.get("Range", "").strip())
        offset = int(arrived.group(1)) + 1 if arrived is not None else 0
        # Without progress the session is given up: it may be the session that is at fault.
        if answer.status != HTTPStatus.NO_CONTENT or not max(broken.offset, _CHUNK) < offset <= size:
            return None
        moved = Session.of(answer)
        return Session(broken.url if moved is None else moved.url, offset)

    def _send(self, session: Session) -> Answer:
        size = self._blob.descriptor.size
        payload = Payload(size - session.offset, lambda: self._open(session.offset))
        headers = {"Content-Type": "application/octet-stream"}
        if 0 < session.offset < size:
            headers["Content-Range"] = f"{session.offset}-{size - 1}"
        url = session.closing(self._digest)
        return self._registry.request(self._repository, "PUT", url, headers=headers, body=payload, replay=False)

    def _open(self, offset: int) -> BinaryIO:
        self._tracker.to(TransferState.TRANSFERRING)
        # An HTTP body needs no more of a stream than `read` and `close`.
        return cast("BinaryIO", _Counted(self._blob, self._tracker, self._cancellation, offset))

    def _is_unclear(self, answer: Answer, session: Session) -> bool:
        resumed = session.offset > 0  # a refusal may mean that the halves do not fit together
        return answer.status in _UNCLEAR or (resumed and answer.status == HTTPStatus.BAD_REQUEST)

    def _broken(self, error: RegistryUnreachable) -> RegistryError:
        where = f"{self._registry.host}/{self._repository}"
        failure = RegistryUnreachable(
            f"cannot push the blob {self._digest} to {where}: {error.message}", hint=error.hint
        )
        failure.__cause__ = error
        return failure

    def _arrived(self, failure: RegistryError) -> bool:
        """Tell whether the blob is there after all: the reply may have been lost, not the bytes."""
        try:
            return self._registry.head_blob(self._repository, self._digest) is True
        except RegistryUnreachable:
            raise failure from failure.__cause__


def check_digest(answer: Answer, expected: str, host: str) -> None:
    """Compare the digest that a registry says it stored with what was sent.

    Raises:
        RegistryError: it is another one.
    """
    said = answer.headers.get("Docker-Content-Digest", "")
    if said.startswith("sha256:") and expected.startswith("sha256:") and said != expected:
        raise RegistryError(f"the registry {host} stored {said[:80]} where {expected} was sent")


class _Counted:
    """A blob's bytes from an offset on, on their way out: counted, and ended when the push is."""

    def __init__(self, blob: Blob, tracker: Tracker, cancellation: Cancellation, offset: int) -> None:
        self._stream = blob.open()
        self._digest = blob.descriptor.digest
        self._tracker = tracker
        self._cancellation = cancellation
        while offset:
            offset -= len(self.read(min(offset, _CHUNK)))

    def read(self, size: int = -1) -> bytes:
        self._cancellation.check()
        try:
            data = self._stream.read(size)
        except OSError as error:  # must not look like a failure of the connection
            raise StoreError(f"the blob {self._digest} cannot be read: {error}") from error
        self._tracker.add(len(data))
        return data

    def close(self) -> None:
        self._stream.close()
