"""Sends what is attached to an image after the image itself, to one repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kfp.images.distribution.progress import Reporter
from kfp.images.distribution.referrers import ArtifactsRefused, add_referrers, list_referrers, together
from kfp.images.distribution.upload import Outcome, upload_blob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.images.artifact import Artifact
    from kfp.images.blob import Blob
    from kfp.images.distribution.delivery import Run
    from kfp.images.distribution.registry import Registry


@dataclass(frozen=True)
class Attached:
    """What became of the artifacts of an image.

    Attributes:
        sent: how many the registry lacked and got.
        refused: why it takes none, "" where it does.
    """

    sent: int = 0
    refused: str = ""


def attach(
    artifacts: Sequence[Artifact], registry: Registry, repository: str, run: Run, *, image_was_there: bool
) -> Attached:
    """See to it that a repository has and lists artifacts, whose image it has.

    Args:
        artifacts: what is attached to the image or, if it is an index, to its members.
        registry: where to.
        repository: where in it.
        run: sends blobs, several at a time.
        image_was_there: whether nothing was pushed; most often the artifacts are there as well then, which is found
            out with one request for each subject, two where the registry has no Referrers API.

    Raises:
        RegistryError: the registry fails. That it takes no artifacts is told, and no error: the image is there.
        ImageError: an artifact's content is not here.
    """
    lacking = artifacts
    try:
        if image_was_there:
            subjects = dict.fromkeys(artifact.subject.digest for artifact in artifacts)
            listed = together(run, [partial(list_referrers, registry, repository, subject) for subject in subjects])
            listings = dict(zip(subjects, listed, strict=True))
            lacking = [artifact for artifact in artifacts if listings[artifact.subject.digest].lacks([artifact])]
        blobs = {blob.descriptor.digest: blob for artifact in lacking for blob in artifact.blobs}
        run([partial(_send, registry, repository, blob) for blob in blobs.values()])
        add_referrers(registry, repository, lacking, run)
    except ArtifactsRefused as error:
        return Attached(refused=error.message)
    return Attached(len(lacking))


def _send(registry: Registry, repository: str, blob: Blob) -> Outcome:
    tracker = Reporter(None).track(blob.descriptor.digest, "config", blob.descriptor.size)
    return upload_blob(registry, repository, blob, tracker)
