"""Pushes an image: what the registry lacks, several blobs at a time, the manifest last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kfp.errors import RegistryError
from kfp.images.blob import Blob
from kfp.images.distribution.parallel import Cancellation, run_parallel
from kfp.images.distribution.progress import OnEvent, Reporter, Tracker, TransferState
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.distribution.remote import Remote, places_of, remember_place, without_fetching
from kfp.images.distribution.upload import Outcome, put_manifest, upload_blob
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.reference import Reference

if TYPE_CHECKING:
    from kfp.images.distribution.auth import Keychain

_WORKERS = 6


@dataclass(frozen=True)
class PushResult:
    """What a push did.

    Attributes:
        digest: of the manifest, now in the registry.
        pushed: False where the registry had the image under that name already: then nothing was sent.
        uploaded: blobs that were sent.
        uploaded_bytes: bytes of those blobs.
        mounted: blobs that the registry took over from another repository of its own.
        skipped: blobs that the repository had.
    """

    digest: str
    pushed: bool
    uploaded: int = 0
    uploaded_bytes: int = 0
    mounted: int = 0
    skipped: int = 0


def push(
    image: Image | ImageIndex,
    reference: Reference,
    *,
    keychain: Keychain | None = None,
    progress: OnEvent | None = None,
    options: RegistryOptions | None = None,
    workers: int = _WORKERS,
) -> PushResult:
    """Push an image, or an index with its images, under a name.

    Layers that another repository of the registry is known to hold, because they came from there or were pushed there,
    are taken over by the registry itself. Others that the image's store never downloaded are streamed from their own
    registry; they are not stored. Ctrl-C ends all transfers.

    Args:
        image: what to push.
        reference: where to; a digest in it must be the image's.
        keychain: credentials; the user's own by default.
        progress: called with every event, from several threads but never at the same time.
        options: timeouts, retries, registries without TLS.
        workers: how many blobs are sent at a time.

    Returns:
        What was done.

    Raises:
        RegistryError: the registry refuses, fails or cannot be reached; the message names the blob or manifest.
        ImageError: a layer is not here and cannot be fetched.
    """
    if reference.registry == "localhost":
        raise RegistryError(
            f"{reference} cannot be pushed: localhost without a port names images of the local store",
            hint="name the registry's port, for example localhost:5000/project/name:tag",
        )
    if reference.digest is not None and reference.digest != image.digest:
        raise RegistryError(f"{reference} cannot be pushed: the image's digest is {image.digest}")
    cancellation = Cancellation()
    chosen = options or RegistryOptions()
    remote = Remote(replace(chosen, keychain=keychain or chosen.keychain, cancellation=cancellation))
    try:
        run = partial(run_parallel, workers=workers, cancellation=cancellation)
        return _push(image, reference, remote, Reporter(progress), run)
    finally:
        remote.close()


def _push(
    image: Image | ImageIndex,
    reference: Reference,
    remote: Remote,
    reporter: Reporter,
    run: Callable[[Sequence[Callable[[], Outcome]]], list[Outcome]],
) -> PushResult:
    registry, repository = remote.registry(reference.registry), reference.repository
    mounts = {blob.descriptor.digest: _mount_source(blob, reference) for blob in image.blobs}
    sources = tuple(dict.fromkeys(name for name in mounts.values() if name is not None))
    registry.plan_access(repository, push=True, mount_from=sources)
    members, top = (image.images, image.index) if isinstance(image, ImageIndex) else ((image,), image.manifest)
    manifest = reporter.track(image.digest, "manifest", len(top.data))
    present = registry.head_manifest(repository, reference.tag or image.digest)
    if present is not None and present.digest == image.digest:
        manifest.to(TransferState.EXISTS)
        return PushResult(image.digest, pushed=False)
    configs = {member.id for member in members}
    jobs = []
    for blob in image.blobs:
        digest = blob.descriptor.digest
        tracker = reporter.track(digest, "config" if digest in configs else "layer", blob.descriptor.size)
        jobs.append(partial(_send, registry, repository, without_fetching(blob, remote), tracker, mounts[digest]))
    outcomes = run(jobs)
    manifest.to(TransferState.TRANSFERRING)
    if isinstance(image, ImageIndex):
        for member in members:
            put_manifest(registry, repository, member.digest, member.manifest)
    digest = put_manifest(registry, repository, reference.tag or image.digest, top)
    manifest.to(TransferState.DONE)
    place = Reference(reference.registry, repository, digest=digest)
    for layer in (layer for member in members for layer in member.layers):
        if not layer.foreign:
            remember_place(layer.blob, place)
    sizes = [b.descriptor.size for b, o in zip(image.blobs, outcomes, strict=True) if o is Outcome.UPLOADED]
    return PushResult(
        digest,
        pushed=True,
        uploaded=len(sizes),
        uploaded_bytes=sum(sizes),
        mounted=outcomes.count(Outcome.MOUNTED),
        skipped=outcomes.count(Outcome.EXISTS),
    )


def _send(registry: Registry, repository: str, blob: Blob, tracker: Tracker, mount_from: str | None) -> Outcome:
    return upload_blob(registry, repository, blob, tracker, mount_from=mount_from)


def _mount_source(blob: Blob, target: Reference) -> str | None:
    places = (place for place in places_of(blob) if place.registry == target.registry)
    return next((place.repository for place in places if place.repository != target.repository), None)
