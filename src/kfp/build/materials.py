"""What an image was made of, as its bill of materials and its provenance tell it; and the names of such things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kfp.build.revision import public_url
from kfp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kfp.build.grouping import ImagePlan
    from kfp.build.inventory import Note
    from kfp.build.revision import Revision
    from kfp.images.image import Image
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference
    from kfp.requirements import LockedPackage

DISTRIBUTION: Final = "kfp-skiff"


@dataclass(frozen=True)
class Materials:
    """An image for one platform, and all that went into it.

    Args:
        image: what was built.
        plan: what it is for.
        base: what it stands on.
        packages: what was installed.
        notes: what those packages say of themselves, by canonical name.
        revision: the commit of the source, where it is known.
        created: the time that the image says it was made at.
    """

    image: Image
    plan: ImagePlan
    base: Image
    packages: tuple[LockedPackage, ...]
    notes: Mapping[str, Note]
    revision: Revision | None
    created: str


def python_purl(name: str, version: str) -> str:
    """The package URL of a Python package (purl-spec, type `pypi`)."""
    return f"pkg:pypi/{quote(name)}@{quote(version, safe='')}" if version else f"pkg:pypi/{quote(name)}"


def image_purl(reference: Reference, digest: str, platform: Platform) -> str:
    """The package URL of an image (purl-spec, type `oci`)."""
    last = reference.repository.rpartition("/")[2]
    place = f"repository_url={quote(reference.name, safe=':/')}"
    tag = f"&tag={quote(reference.tag)}" if reference.tag else ""
    return f"pkg:oci/{quote(last)}@{quote(digest, safe='')}?arch={quote(platform.architecture)}&{place}{tag}"


def runtime_purl() -> str:
    """The package URL of the runtime in every image, and of what builds the images."""
    return python_purl(DISTRIBUTION, __version__)


def version_of(package: LockedPackage, materials: Materials) -> str:
    """The version that was installed; "" where nobody knows it."""
    note = materials.notes.get(package.name)
    return package.version or (note.version if note is not None else "")


def file_digest(package: LockedPackage) -> str:
    """The hexadecimal SHA-256 of the file that a package was installed or built from; "" where it is not known."""
    digests = [value for kind, _, value in (each.partition(":") for each in package.hashes) if kind == "sha256"]
    return digests[0] if len(digests) == 1 else ""


def file_url(package: LockedPackage) -> str:
    """Where that file came from, without credentials; "" for a file on this machine."""
    return public_url(package.url)
