"""An image's bill of materials as a CycloneDX 1.6 document (ECMA-424): the packages that were installed, and the base.

The same image gives the same document, byte for byte: there is no time in it but SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kfp.build.materials import (
    DISTRIBUTION,
    file_digest,
    file_url,
    image_purl,
    python_purl,
    runtime_purl,
    version_of,
)
from kfp.images import canonical
from kfp.images.config import EPOCH
from kfp.version import __version__

if TYPE_CHECKING:
    from kfp.build.materials import Materials
    from kfp.images.image import Image
    from kfp.images.reference import Reference
    from kfp.requirements import LockedPackage

MEDIA_TYPE: Final = "application/vnd.cyclonedx+json"
"""Registered with IANA by the CycloneDX project."""

IMAGE_ID: Final = "skiff:image-id"
"""The property that tells the digest of the image's configuration."""

_SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def bill_of_materials(materials: Materials) -> bytes:
    """Writes the document.

    What the base holds is not listed: the base is a component, and the document says that its own parts are unknown.
    """
    image, plan, base = materials.image, materials.plan, materials.base
    whole = image_purl(plan.target, image.digest, image.platform)
    below = image_purl(plan.base, base.digest, base.platform)
    parts = [
        base_component(plan.base, base),
        {**_library(DISTRIBUTION, __version__), "description": "what runs a component's function in its step"},
        *(_package(package, materials) for package in materials.packages),
    ]
    refs = [part["bom-ref"] for part in parts]
    metadata: dict[str, Any] = {
        "tools": {"components": [{"type": "application", "name": DISTRIBUTION, "version": __version__}]},
        "component": {
            "type": "container",
            "bom-ref": whole,
            "name": plan.target.name,
            "version": image.digest,
            "purl": whole,
            **_origin(materials),
        },
    }
    if materials.created != EPOCH:
        metadata["timestamp"] = materials.created
    return canonical.dumps(
        {
            "$schema": _SCHEMA,
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": serial_number(image.digest),
            "version": 1,
            "metadata": metadata,
            "components": parts,
            "dependencies": [{"ref": whole, "dependsOn": refs}, *({"ref": ref} for ref in refs)],
            "compositions": [{"aggregate": "unknown", "assemblies": [below]}],
        }
    )


def base_component(name: Reference, base: Image) -> dict[str, Any]:
    """Gives the part that stands for all that a base holds."""
    purl = image_purl(name, base.digest, base.platform)
    return {"type": "container", "bom-ref": purl, "name": name.name, "version": base.digest, "purl": purl}


def _library(name: str, version: str) -> dict[str, Any]:
    purl = runtime_purl() if name == DISTRIBUTION else python_purl(name, version)
    known = {"version": version} if version else {}
    return {"type": "library", "bom-ref": purl, "name": name, **known, "purl": purl}


def _package(package: LockedPackage, materials: Materials) -> dict[str, Any]:
    part = _library(package.name, version_of(package, materials))
    note = materials.notes.get(package.name)
    if note is not None and note.licences:
        part["licenses"] = note.licences
    digest = file_digest(package)
    hashes = {"hashes": [{"alg": "SHA-256", "content": digest}]} if digest else {}
    if not package.built:
        part.update(hashes)
    url = file_url(package)
    if url:
        kind = "vcs" if url.startswith("git+") else "source-distribution" if package.built else "distribution"
        part["externalReferences"] = [{"type": kind, "url": url, **hashes}]
    return part


def _origin(materials: Materials) -> dict[str, Any]:
    properties = [{"name": IMAGE_ID, "value": materials.image.id}]
    revision = materials.revision
    if revision is None:
        return {"properties": properties}
    properties.append({"name": "skiff:revision", "value": str(revision)})
    if not revision.source:
        return {"properties": properties}
    return {"properties": properties, "externalReferences": [{"type": "vcs", "url": revision.source}]}


def serial_number(digest: str) -> str:
    """Gives a UUID of version 8 (RFC 9562: of the writer's own making) that depends on the image alone."""
    digits = digest.partition(":")[2][:32]
    digits = f"{digits[:12]}8{digits[13:16]}8{digits[17:]}"
    return f"urn:uuid:{'-'.join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))}"
