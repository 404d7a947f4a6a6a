"""What is attached to images in a registry: listed, added, fetched (OCI distribution-spec 1.1, "Referrers").

A registry with the Referrers API keeps the list itself and says so when it takes an artifact (`OCI-Subject`). For any
other one the client keeps the list, as an index under the tag `sha256-…` of the subject ("Referrers Tag Schema").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

from kfp.errors import ImageNotFound, InvalidImage, RegistryError
from kfp.images import media_types
from kfp.images.artifact import CONTENT_LIMIT, Artifact
from kfp.images.blob import MemoryBlobs
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.distribution.retry import RETRIED_STATUSES
from kfp.images.manifest import Index, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kfp.images.descriptor import Descriptor
    from kfp.images.distribution.delivery import Run
    from kfp.images.distribution.exchange import Answer
    from kfp.images.distribution.registry import Registry

T = TypeVar("T")

_TAKEN: Final = frozenset({HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_PASSING: Final = RETRIED_STATUSES | {HTTPStatus.UNAUTHORIZED}
"""Refusals that say nothing of what the registry can hold."""
_RACES: Final = 5
_TAG_LIMIT: Final = 128


class ArtifactsRefused(RegistryError):
    """A registry takes images and does not take what is attached to them."""


@dataclass(frozen=True)
class Listing:
    """What a registry says is attached to a digest.

    Attributes:
        entries: descriptors of the artifacts, with their types and annotations.
        by_registry: whether the registry keeps the list itself; else it lies under a tag.
    """

    entries: tuple[Descriptor, ...]
    by_registry: bool

    def lacks(self, artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
        """Those of the artifacts that are not in the list."""
        known = {entry.digest for entry in self.entries}
        return tuple(artifact for artifact in artifacts if artifact.digest not in known)


def fallback_tag(subject: str) -> str:
    """The tag under which a list lies where the registry keeps none."""
    return subject.replace(":", "-")[:_TAG_LIMIT]


def list_referrers(registry: Registry, repository: str, subject: str) -> Listing:
    """Ask what is attached to a digest: one request, or two where the registry has no Referrers API.

    Raises:
        RegistryUnreachable: nothing answers.
        RegistryError: the registry wants other credentials, or fails.
        InvalidImage: the list is malformed.
    """
    path = f"/v2/{repository}/referrers/{subject}"
    answer = registry.request(repository, "GET", path, headers={"Accept": media_types.OCI_INDEX}, limit=DOCUMENT_LIMIT)
    if answer.status in _PASSING:
        raise registry.refusals.error(answer, f"list what is attached to {registry.host}/{repository}@{subject}")
    said = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if answer.status == HTTPStatus.OK and said == media_types.OCI_INDEX:
        return Listing(_entries(answer.data), by_registry=True)
    index = _tagged(registry, repository, subject)
    return Listing(() if index is None else index.manifests, by_registry=False)


def add_referrers(registry: Registry, repository: str, artifacts: Sequence[Artifact], run: Run) -> None:
    """Put the manifests of artifacts whose blobs the repository has, and see to it that they are listed.

    Args:
        registry: where to.
        repository: where in it.
        artifacts: about one image or several.
        run: carries jobs out, several at a time.

    Raises:
        ArtifactsRefused: the registry takes no artifacts; what was there stays as it was.
        RegistryError: it fails, or other clients change the list faster than it can be extended.
    """
    listed = together(run, [partial(_put, registry, repository, artifact) for artifact in artifacts])
    unlisted: dict[str, list[Artifact]] = {}
    for artifact, by_registry in zip(artifacts, listed, strict=True):
        if not by_registry:
            unlisted.setdefault(artifact.subject.digest, []).append(artifact)
    together(run, [partial(_extend, registry, repository, subject, group) for subject, group in unlisted.items()])


def together(run: Run, jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Carry jobs out, several at a time; a refusal of one does not end whatever else is done with `run`.

    Raises:
        ArtifactsRefused: the first refusal, when all jobs are done.
    """
    results: list[T] = []
    for result in run([partial(_outcome, job) for job in jobs]):
        if isinstance(result, ArtifactsRefused):
            raise result
        results.append(result)
    return results


def fetch_referrers(registry: Registry, repository: str, subject: str, artifact_type: str = "") -> tuple[Artifact, ...]:
    """Fetch what is attached to a digest, with its content.

    Args:
        registry: where.
        repository: where in it.
        subject: the digest of a manifest or index.
        artifact_type: of which kind; "" for all.

    Raises:
        RegistryError: the registry fails.
        InvalidImage: an artifact is malformed, too large or about something else.
    """
    found = []
    for entry in list_referrers(registry, repository, subject).entries:
        if artifact_type in ("", entry.artifact_type):
            manifest = registry.get_manifest(repository, entry.digest)
            artifact = Artifact.read(manifest.data, MemoryBlobs({}))
            descriptor = artifact.content.descriptor
            if artifact.subject.digest != subject or descriptor.size > CONTENT_LIMIT:
                raise InvalidImage(f"the artifact {entry.digest} is larger than it may be, or not about {subject}")
            with registry.get_blob(repository, descriptor) as stream:
                found.append(Artifact.read(manifest.data, MemoryBlobs({descriptor.digest: stream.read()})))
    return tuple(found)


def _outcome(job: Callable[[], T]) -> T | ArtifactsRefused:
    try:
        return job()
    except ArtifactsRefused as refusal:
        return refusal


def _put(registry: Registry, repository: str, artifact: Artifact) -> bool:
    """Put a manifest; whether the registry lists it by itself."""
    path = f"/v2/{repository}/manifests/{artifact.digest}"
    headers = {"Content-Type": artifact.manifest.media_type}
    answer = registry.request(repository, "PUT", path, headers=headers, body=artifact.manifest.data)
    _check(registry, answer, f"take an artifact of type {artifact.artifact_type} for {registry.host}/{repository}")
    return bool(answer.headers.get("OCI-Subject"))


def _extend(registry: Registry, repository: str, subject: str, artifacts: Sequence[Artifact]) -> None:
    """Add to the list under the tag. Nothing locks a tag, so it is looked at again after it was written."""
    tag = fallback_tag(subject)
    for attempt in range(_RACES + 1):
        index = _tagged(registry, repository, subject)
        there = Listing(() if index is None else index.manifests, by_registry=False)
        absent = there.lacks(artifacts)
        if not absent:
            return
        if attempt < _RACES:
            annotations = None if index is None else index.annotations
            entries = (*there.entries, *(artifact.descriptor for artifact in absent))
            extended = Index.create(media_types.OCI, entries, annotations)
            path = f"/v2/{repository}/manifests/{tag}"
            headers = {"Content-Type": extended.media_type}
            answer = registry.request(repository, "PUT", path, headers=headers, body=extended.data)
            _check(registry, answer, f"take the list of artifacts {registry.host}/{repository}:{tag}")
    raise RegistryError(
        f"the list of artifacts {registry.host}/{repository}:{tag} is changed by others all the time",
        hint="push again; the image itself is there",
    )


def _tagged(registry: Registry, repository: str, subject: str) -> Index | None:
    tag = fallback_tag(subject)
    try:
        found = registry.get_manifest(repository, tag)
    except ImageNotFound:
        return None
    if not isinstance(found, Index):
        raise ArtifactsRefused(f"the tag {registry.host}/{repository}:{tag} is an image, not the list of artifacts")
    return found


def _entries(data: bytes) -> tuple[Descriptor, ...]:
    index = parse_manifest(media_types.OCI_INDEX, data)
    return index.manifests if isinstance(index, Index) else ()


def _check(registry: Registry, answer: Answer, action: str) -> None:
    if answer.status in _TAKEN:
        return
    error = registry.refusals.error(answer, action)
    refused = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    raise ArtifactsRefused(error.message, hint=error.hint) if refused and answer.status not in _PASSING else error
