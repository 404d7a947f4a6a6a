"""Gives blobs and manifests to a registry (OCI distribution-spec 1.1, "Push").

A blob is taken over from another repository where one is known to have it, else its bytes are sent; see `sending`.
"""

from __future__ import annotations

import enum
from http import HTTPStatus
from urllib.parse import urlencode

from kfp.errors import RegistryUnreachable
from kfp.images.blob import Blob
from kfp.images.distribution.exchange import Answer
from kfp.images.distribution.in_flight import InFlight
from kfp.images.distribution.progress import Tracker, TransferState
from kfp.images.distribution.registry import Registry
from kfp.images.distribution.sending import PERHAPS_TAKEN, Sending, Session, check_digest
from kfp.images.manifest import Index, Manifest

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
        session = Session.of(answer) if answer is not None and answer.status == HTTPStatus.ACCEPTED else None
    Sending(registry, repository, blob, tracker).run(session)
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
    check_digest(answer, manifest.digest, registry.host)
    return manifest.digest


def _took(registry: Registry, repository: str, reference: str, digest: str, answer: Answer) -> bool:
    """Look whether a manifest arrived: another status than 201 is some registries' way, or that of a login page."""
    if answer.status not in PERHAPS_TAKEN:
        return False
    if answer.headers.get("Docker-Content-Digest") == digest:
        return True
    found = registry.head_manifest(repository, reference)
    return found is not None and found.digest == digest


def _mount(registry: Registry, repository: str, digest: str, source: str) -> Answer | None:
    """Ask for a blob of another repository; None where the registry fails at it, as some do."""
    query = urlencode({"mount": digest, "from": source})
    try:
        path = f"/v2/{repository}/blobs/uploads/?{query}"
        return registry.request(repository, "POST", path, body=b"", replay=False)
    except RegistryUnreachable:
        return None
