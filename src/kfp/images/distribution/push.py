"""Pushes an image under one name or several: each repository gets what it lacks, a tag alone costs one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kfp.errors import RegistryError
from kfp.images.distribution.delivery import Delivered, Delivery
from kfp.images.distribution.parallel import Cancellation, run_parallel
from kfp.images.distribution.progress import OnEvent, Reporter
from kfp.images.distribution.registry import RegistryOptions
from kfp.images.distribution.remote import Remote
from kfp.images.distribution.upload import Outcome
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from kfp.images.artifact import Artifact
    from kfp.images.distribution.auth import Keychain

_WORKERS = 6


@dataclass(frozen=True)
class PushResult:
    """What a push did for one name.

    Attributes:
        digest: of the manifest, now in the registry.
        pushed: False where the registry had the image under that name already: then nothing was sent.
        uploaded: blobs that were sent.
        uploaded_bytes: bytes of those blobs.
        mounted: blobs that the registry took over from another repository of its own.
        skipped: blobs that the repository had.
        attached: artifacts about the image that were sent.
        refused: why the registry takes no artifacts, "" where it does.
    """

    digest: str
    pushed: bool
    uploaded: int = 0
    uploaded_bytes: int = 0
    mounted: int = 0
    skipped: int = 0
    attached: int = 0
    refused: str = ""


def push(
    image: Image | ImageIndex,
    reference: Reference,
    *,
    keychain: Keychain | None = None,
    progress: OnEvent | None = None,
    options: RegistryOptions | None = None,
    workers: int = _WORKERS,
    artifacts: Sequence[Artifact] = (),
) -> PushResult:
    """Push an image, or an index with its images, under a name; see `push_all`."""
    (result,) = push_all(
        image,
        (reference,),
        keychain=keychain,
        progress=progress,
        options=options,
        workers=workers,
        artifacts=artifacts,
    )
    return result


def push_all(
    image: Image | ImageIndex,
    references: Sequence[Reference],
    *,
    keychain: Keychain | None = None,
    progress: OnEvent | None = None,
    options: RegistryOptions | None = None,
    workers: int = _WORKERS,
    artifacts: Sequence[Artifact] = (),
) -> tuple[PushResult, ...]:
    """Push an image, or an index with its images, under several names.

    Layers that another repository of the registry is known to hold, because they came from there or were pushed there,
    are taken over by the registry itself. Others that the image's store never downloaded are streamed from their own
    registry; they are not stored. A blob that several pushes of this process need is sent by one of them. Ctrl-C ends
    all transfers.

    Args:
        image: what to push.
        references: where to, one repository after the other; a digest in a name must be the image's.
        keychain: credentials; the user's own by default.
        progress: called with every event, from several threads but never at the same time.
        options: timeouts, retries, registries without TLS.
        workers: how many blobs are sent at a time.
        artifacts: what is attached to the image or its members; goes to each repository after the image. A registry
            that takes none is no error, the result tells.

    Returns:
        What was done for each name, in their order; the first new name of a repository counts what was sent there.

    Raises:
        RegistryError: the registry refuses, fails or cannot be reached; the message names the blob or manifest.
        ImageError: a layer is not here and cannot be fetched.
    """
    for reference in references:
        _check(reference, image.digest)
    cancellation = Cancellation()
    chosen = options or RegistryOptions()
    remote = Remote(replace(chosen, keychain=keychain or chosen.keychain, cancellation=cancellation))
    run = partial(run_parallel, workers=workers, cancellation=cancellation)
    reporter = Reporter(progress)
    results: dict[Reference, PushResult] = {}
    filled: dict[str, str] = {}
    try:
        for (host, repository), names in _by_repository(references).items():
            registry = remote.registry(host)
            delivery = Delivery(image, registry, repository, remote, reporter, run, filled.get(host))
            delivered = delivery.deliver([name.tag or image.digest for name in names])
            filled.setdefault(host, repository)
            results |= _results(image.digest, names, delivered)
            if artifacts:
                from kfp.images.distribution.attaching import attach  # noqa: PLC0415 (most pushes attach nothing)

                attached = attach(artifacts, registry, repository, run, image_was_there=not delivered.tags)
                counted = replace(results[names[0]], attached=attached.sent, refused=attached.refused)
                results[names[0]] = counted
    finally:
        remote.close()
    return tuple(results[reference] for reference in references)


def _check(reference: Reference, digest: str) -> None:
    if reference.registry == "localhost":
        raise RegistryError(
            f"{reference} cannot be pushed: localhost without a port names images of the local store",
            hint="name the registry's port, for example localhost:5000/project/name:tag",
        )
    if reference.digest is not None and reference.digest != digest:
        raise RegistryError(f"{reference} cannot be pushed: the image's digest is {digest}")


def _by_repository(references: Sequence[Reference]) -> dict[tuple[str, str], list[Reference]]:
    found: dict[tuple[str, str], list[Reference]] = {}
    for reference in dict.fromkeys(references):
        found.setdefault((reference.registry, reference.repository), []).append(reference)
    return found


def _results(digest: str, names: Sequence[Reference], delivered: Delivered) -> dict[Reference, PushResult]:
    results = {name: PushResult(digest, pushed=(name.tag or digest) in delivered.tags) for name in names}
    first = next((name for name in names if results[name].pushed), None)
    if first is not None:
        outcomes = [outcome for outcome, _ in delivered.outcomes]
        results[first] = PushResult(
            digest,
            pushed=True,
            uploaded=outcomes.count(Outcome.UPLOADED),
            uploaded_bytes=sum(size for outcome, size in delivered.outcomes if outcome is Outcome.UPLOADED),
            mounted=outcomes.count(Outcome.MOUNTED),
            skipped=outcomes.count(Outcome.EXISTS),
        )
    return results
