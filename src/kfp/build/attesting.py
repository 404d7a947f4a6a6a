"""What is attached to a built image: its bill of materials, and how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.build import provenance, sbom
from kfp.images.artifact import Artifact

if TYPE_CHECKING:
    from kfp.build.materials import Materials

CREATED = "org.opencontainers.image.created"


def attest(materials: Materials) -> tuple[Artifact, ...]:
    """Writes the artifacts of an image: the same for the same image and materials."""
    subject = materials.image.manifest.descriptor
    said = {CREATED: materials.created}
    return (
        Artifact.of(sbom.bill_of_materials(materials), sbom.MEDIA_TYPE, subject, said),
        Artifact.of(
            provenance.provenance(materials),
            provenance.MEDIA_TYPE,
            subject,
            {**said, provenance.PREDICATE_TYPE: provenance.PREDICATE},
        ),
    )
