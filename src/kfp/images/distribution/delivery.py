"""Brings an image to one repository: what it lacks, several blobs at a time, the manifest last, under every tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from kfp.errors import AuthenticationError, RegistryError, RegistryUnreachable
from kfp.images.blob import Blob
from kfp.images.descriptor import Descriptor
from kfp.images.distribution.progress import Reporter, TransferState
from kfp.images.distribution.registry import Registry
from kfp.images.distribution.remote import Remote, listed_in, places_of, remember_place, without_fetching
from kfp.images.distribution.upload import Outcome, put_manifest, upload_blob
from kfp.images.image import Image
from kfp.images.image_index import ImageIndex
from kfp.images.manifest import Index, Manifest
from kfp.images.reference import Reference

Run: TypeAlias = Callable[[Sequence[Callable[[], Any]]], list[Any]]
"""Carries jobs out, several at a time, and returns their results."""


@dataclass(frozen=True)
class Delivered:
    """What was done for a repository.

    Attributes:
        tags: those that did not point at the image before.
        outcomes: how each blob came there, with its size; empty where all tags did.
    """

    tags: frozenset[str]
    outcomes: tuple[tuple[Outcome, int], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """An image on its way to one repository.

    Attributes:
        image: what to deliver.
        registry: where to.
        repository: where in it.
        remote: where absent blobs are found.
        reporter: told what happens.
        run: carries jobs out.
        mount_from: another repository of the registry that has all of the image.
    """

    image: Image | ImageIndex
    registry: Registry
    repository: str
    remote: Remote
    reporter: Reporter
    run: Run
    mount_from: str | None = None

    def deliver(self, tags: Sequence[str]) -> Delivered:
        """See to it that each tag points at the image.

        Args:
            tags: or the image's digest, for a push without a tag.

        Raises:
            RegistryError: the registry refuses, fails or cannot be reached.
            ImageError: a layer is not here and cannot be fetched.
        """
        mounts = {blob.descriptor.digest: self._mount_source(blob) for blob in self.image.blobs}
        sources = tuple(dict.fromkeys(name for name in mounts.values() if name is not None))
        self.registry.plan_access(self.repository, push=True, mount_from=sources)
        manifest = self.reporter.track(self.image.digest, "manifest", len(self._top.data))
        present = self.run([partial(self.registry.head_manifest, self.repository, tag) for tag in tags])
        absent = [tag for tag, found in zip(tags, present, strict=True) if not _points_at(found, self.image.digest)]
        if not absent:
            manifest.to(TransferState.EXISTS)
            return Delivered(frozenset())
        known = frozenset(digest for found in present if found is not None for digest in listed_in(self.image, found))
        outcomes = self._bring_blobs(mounts, known)
        manifest.to(TransferState.TRANSFERRING)
        failure = self._name(absent, known)
        if failure is not None and known and not isinstance(failure, (RegistryUnreachable, AuthenticationError)):
            # The registry lost what a manifest of its own lists: this time it is asked for each blob.
            outcomes = self._bring_blobs(mounts, frozenset())
            failure = self._name(absent, frozenset())
        if failure is not None:
            raise failure
        manifest.to(TransferState.DONE)
        self._remember()
        return Delivered(frozenset(absent), outcomes)

    @property
    def _members(self) -> tuple[Image, ...]:
        return self.image.images if isinstance(self.image, ImageIndex) else (self.image,)

    @property
    def _top(self) -> Manifest | Index:
        return self.image.index if isinstance(self.image, ImageIndex) else self.image.manifest

    def _bring_blobs(self, mounts: dict[str, str | None], known: frozenset[str]) -> tuple[tuple[Outcome, int], ...]:
        configs = {member.id for member in self._members}
        jobs = []
        for blob in self.image.blobs:
            digest, size = blob.descriptor.digest, blob.descriptor.size
            tracker = self.reporter.track(digest, "config" if digest in configs else "layer", size)
            if digest in known:
                tracker.to(TransferState.EXISTS)
                continue
            streamed = without_fetching(blob, self.remote)
            jobs.append(
                partial(upload_blob, self.registry, self.repository, streamed, tracker, mount_from=mounts[digest])
            )
        asked = iter(self.run(jobs))
        found = (Outcome.EXISTS if blob.descriptor.digest in known else next(asked) for blob in self.image.blobs)
        return tuple((outcome, blob.descriptor.size) for outcome, blob in zip(found, self.image.blobs, strict=True))

    def _name(self, tags: Sequence[str], known: frozenset[str]) -> RegistryError | None:
        """Put the manifests, those of an index first, and return what the registry has against it."""
        if isinstance(self.image, ImageIndex):
            self._check_whole(self.image, known)
            members = [member for member in self.image.images if member.digest not in known]
            failed = self._put_all([(member.digest, member.manifest) for member in members])
            if failed is not None:
                return failed
        return self._put_all([(tag, self._top) for tag in tags])

    def _put_all(self, wanted: Sequence[tuple[str, Manifest | Index]]) -> RegistryError | None:
        answers = self.run([partial(self._put, *each) for each in wanted])
        return next((failure for failure in answers if failure is not None), None)

    def _put(self, tag: str, manifest: Manifest | Index) -> RegistryError | None:
        try:
            put_manifest(self.registry, self.repository, tag, manifest)
        except RegistryError as failure:
            return failure
        return None

    def _check_whole(self, image: ImageIndex, known: frozenset[str]) -> None:
        here = known.union(member.digest for member in image.images)
        for entry in image.index.manifests:
            if entry.digest in here or self.registry.head_manifest(self.repository, entry.digest) is not None:
                continue
            which = f"the image for {entry.platform}" if entry.platform else entry.digest
            raise RegistryError(
                f"the index {image.digest} cannot be pushed to {self.registry.host}/{self.repository}: {which} is"
                " neither there nor here",
                hint="pull or build that platform first",
            )

    def _mount_source(self, blob: Blob) -> str | None:
        places = (place.repository for place in places_of(blob) if place.registry == self.registry.host)
        return next((name for name in places if name != self.repository), self.mount_from)

    def _remember(self) -> None:
        place = Reference(self.registry.host, self.repository, digest=self.image.digest)
        for layer in (layer for member in self._members for layer in member.layers):
            if not layer.foreign:
                remember_place(layer.blob, place)


def _points_at(found: Descriptor | None, digest: str) -> bool:
    return found is not None and found.digest == digest
