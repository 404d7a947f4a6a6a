"""What is attached to an image, found in the store or in the image's registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kfp.errors import ImageNotFound
from kfp.images.distribution import pull

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.images.artifact import Artifact
    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.images.store import Store

SBOM: Final = "application/vnd.cyclonedx+json"
PROVENANCE: Final = "application/vnd.in-toto+json"
_WORDS: Final = {SBOM: "bill of materials", PROVENANCE: "provenance"}
_LOCAL: Final = "localhost"


def read(reference: Reference, kind: str, platform: Platform | None, store: Store) -> bytes:
    """Return the content of an artifact that is attached to an image.

    Args:
        reference: the image's name.
        kind: `SBOM` or `PROVENANCE`.
        platform: of an image for several platforms; None for this machine's.
        store: looked in first.

    Raises:
        ImageNotFound: the image is nowhere, or has nothing of that kind.
        ImageError: a registry fails, or an artifact is damaged.
    """
    image = pull.resolve(reference, platform, store=store)
    found = _of_kind(store.attachments.of(image.digest), kind) or _of_kind(_remote(reference, image, kind), kind)
    if found is None:
        raise ImageNotFound(
            f"{reference.familiar} has no {_WORDS[kind]}",
            hint="`kfp component build` attaches one to the images that it builds, unless --no-sbom says otherwise",
        )
    return found.data()


def _remote(reference: Reference, image: Image, kind: str) -> Sequence[Artifact]:
    from kfp.images.distribution.referrers import fetch_referrers  # noqa: PLC0415 (start-up: mostly it is in the store)
    from kfp.images.distribution.registry import Registry, RegistryOptions  # noqa: PLC0415

    if reference.registry == _LOCAL:
        return ()
    registry = Registry.of(reference.registry, RegistryOptions())
    try:
        return fetch_referrers(registry, reference.repository, image.digest, kind)
    finally:
        registry.transport.close()


def _of_kind(artifacts: Sequence[Artifact], kind: str) -> Artifact | None:
    return next((artifact for artifact in artifacts if artifact.artifact_type == kind), None)
