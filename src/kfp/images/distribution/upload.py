"""Gives blobs and manifests to a registry (OCI distribution-spec 1.1, "Push").

A blob goes over whole: POST opens a session, one PUT carries the bytes. When it stays unclear whether the registry
took it, the registry is asked, and a new session is opened where it did not: nothing is ever sent twice into the same
session.
"""

from __future__ import annotations

import enum
from http import HTTPStatus
from typing import BinaryIO, cast
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from kfp.errors import RegistryError, RegistryUnreachable, StoreError
from kfp.images.blob import Blob
from kfp.images.distribution.address import join_address
from kfp.images.distribution.exchange import Answer, Payload
from kfp.images.distribution.in_flight import InFlight
from kfp.images.distribution.parallel import Cancellation
from kfp.images.distribution.progress import Tracker, TransferState
from kfp.images.distribution.registry import Registry
from kfp.images.distribution.retry import RETRIED_STATUSES, parse_retry_after
from kfp.images.manifest import Index, Manifest

_PERHAPS_TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
# The session is lost, or nobody knows; 401 has renewed the token already.
_UNCLEAR = (
    RETRIED_STATUSES
    | _PERHAPS_TAKEN
    | {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    }
)

_IN_FLIGHT = InFlight()


class Outcome(enum.Enum):
    """How a blob came to be in the repository."""

    EXISTS = "exists"
    MOUNTED = "mounted"
    UPLOADED = "uploaded"


def upload_blob(
    registry: Registry, repository: str, blob: Blob, tracker: Tracker, *, mount_from: str | None = None
) -> Outcome:
    """See to it that a repository has a blob, with as few bytes as possible.

    Args:
        registry: where to.
        repository: where in it.
        blob: opened only when its bytes must be sent, once for every attempt.
        tracker: told what happens.
        mount_from: another repository of the same registry that has the blob.

    Returns:
        What was done.

    Raises:
        RegistryError: the registry refuses or fails; the message names the blob and carries the registry's own.
        ImageError: the blob cannot be read.
    """
    digest = blob.descriptor.digest
    if registry.head_blob(repository, digest):
        tracker.to(TransferState.EXISTS)
        return Outcome.EXISTS
    with _IN_FLIGHT.alone(registry.host, digest, registry.transport.cancellation) as (flight, landed_in):
        if landed_in == repository:
            tracker.to(TransferState.EXISTS)
            return Outcome.EXISTS
        outcome = _bring(registry, repository, blob, tracker, landed_in or mount_from)
        flight.landed_in = repository
        return outcome


def _bring(registry: Registry, repository: str, blob: Blob, tracker: Tracker, mount_from: str | None) -> Outcome:
    session = None
    if mount_from is not None:
        answer = _mount(registry, repository, blob.descriptor.digest, mount_from)
        if answer is not None and answer.status == HTTPStatus.CREATED:
            tracker.to(TransferState.MOUNTED)
            return Outcome.MOUNTED
        session = _session(answer) if answer is not None and answer.status == HTTPStatus.ACCEPTED else None
    _Upload(registry, repository, blob, tracker).run(session)
    tracker.to(TransferState.DONE)
    return Outcome.UPLOADED


def put_manifest(registry: Registry, repository: str, reference: str, manifest: Manifest | Index) -> str:
    """Store a manifest or index under a tag or its digest, byte for byte as it was hashed.

    Returns:
        Its digest.

    Raises:
        RegistryError: the registry refuses, fails, or computes another digest.
    """
    answer = registry.request(
        repository,
        "PUT",
        f"/v2/{repository}/manifests/{reference}",
        headers={"Content-Type": manifest.media_type},
        body=manifest.data,
    )
    if answer.status != HTTPStatus.CREATED and not _took(registry, repository, reference, manifest.digest, answer):
        action = f"take the manifest {manifest.digest} as {registry.host}/{repository}:{reference}"
        raise registry.refusals.error(answer, action)
    _check_digest(answer, manifest.digest, registry.host)
    return manifest.digest


def _took(registry: Registry, repository: str, reference: str, digest: str, answer: Answer) -> bool:
    """Look whether a manifest arrived: another status than 201 is some registries' way, or that of a login page."""
    if answer.status not in _PERHAPS_TAKEN:
        return False
    if answer.headers.get("Docker-Content-Digest") == digest:
        return True
    found = registry.head_manifest(repository, reference)
    return found is not None and found.digest == digest


class _Upload:
    """The attempts to send one blob."""

    def __init__(self, registry: Registry, repository: str, blob: Blob, tracker: Tracker) -> None:
        self._registry = registry
        self._repository = repository
        self._blob = blob
        self._digest = blob.descriptor.digest
        self._tracker = tracker
        self._cancellation = registry.transport.cancellation
        self._action = f"take the blob {self._digest} for {registry.host}/{repository}"

    def run(self, session: str | None) -> None:
        """Send the blob, into the session that a failed mount left open or into a new one."""
        attempt, renewed = 0, False
        while True:
            attempt += 1
            retry_after = None
            try:
                answer = self._send(session or self._open_session())
            except RegistryUnreachable as error:
                failure = self._broken(error)
            else:
                if answer.status == HTTPStatus.CREATED:
                    _check_digest(answer, self._digest, self._registry.host)
                    return
                failure = self._registry.refusals.error(answer, self._action)
                if answer.status not in _UNCLEAR or (answer.status == HTTPStatus.UNAUTHORIZED and renewed):
                    raise failure
                renewed = renewed or answer.status == HTTPStatus.UNAUTHORIZED
                retry_after = parse_retry_after(answer.headers.get("Retry-After"))
            if self._arrived(failure):
                return
            delay = self._registry.transport.settings.retry.delay(attempt, retry_after)
            if delay is None:
                raise failure
            session = None
            self._tracker.to(TransferState.RETRYING)
            self._cancellation.sleep(delay)

    def _open_session(self) -> str:
        answer = self._registry.request(self._repository, "POST", f"/v2/{self._repository}/blobs/uploads/", body=b"")
        location = _session(answer)
        if answer.status != HTTPStatus.ACCEPTED or location is None:
            raise self._registry.refusals.error(answer, self._action)
        return location

    def _send(self, session: str) -> Answer:
        payload = Payload(self._blob.descriptor.size, self._open)
        headers = {"Content-Type": "application/octet-stream"}
        url = _with_digest(session, self._digest)
        return self._registry.request(self._repository, "PUT", url, headers=headers, body=payload, replay=False)

    def _open(self) -> BinaryIO:
        self._tracker.to(TransferState.TRANSFERRING)
        # An HTTP body needs no more of a stream than `read` and `close`.
        return cast("BinaryIO", _Counted(self._blob, self._tracker, self._cancellation))

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


class _Counted:
    """A blob's bytes on their way out: counted, and ended when the push is."""

    def __init__(self, blob: Blob, tracker: Tracker, cancellation: Cancellation) -> None:
        self._stream = blob.open()
        self._digest = blob.descriptor.digest
        self._tracker = tracker
        self._cancellation = cancellation

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


def _mount(registry: Registry, repository: str, digest: str, source: str) -> Answer | None:
    """Ask for a blob of another repository; None where the registry fails at it, as some do."""
    query = urlencode({"mount": digest, "from": source})
    try:
        path = f"/v2/{repository}/blobs/uploads/?{query}"
        return registry.request(repository, "POST", path, body=b"", replay=False)
    except RegistryUnreachable:
        return None


def _session(answer: Answer) -> str | None:
    location = answer.headers.get("Location")
    return join_address(answer.request.url, location) if location else None


def _with_digest(location: str, digest: str) -> str:
    """Add the digest to a session's address, which may have a query of its own."""
    parts = urlsplit(location)
    query = "&".join(part for part in (parts.query, f"digest={quote(digest, safe='')}") if part)
    return urlunsplit(parts._replace(query=query, fragment=""))


def _check_digest(answer: Answer, expected: str, host: str) -> None:
    said = answer.headers.get("Docker-Content-Digest", "")
    if said.startswith("sha256:") and expected.startswith("sha256:") and said != expected:
        raise RegistryError(f"the registry {host} stored {said[:80]} where {expected} was sent")
