"""How a plan is built: everything that a caller may choose, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kfp.errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.compression import Compressor
    from kfp.images.distribution.auth import Keychain
    from kfp.images.platform import Platform


@dataclass(frozen=True)
class BuildOptions:
    """What a build does beside the plan.

    Args:
        platforms: what the images will run on. None at all: of the base's platforms the one that suits this machine,
            else linux/amd64. Several give an image index; "all" are those that the base has.
        push: whether the images are pushed to the registries of their names.
        upgrade: resolve the packages again; otherwise versions stay what they were when the same list was built first.
        find_links: directories or pages with more wheels, besides the indexes.
        keychain: credentials; None is the user's own.
        overwrite_dockerfile: build without an engine although the user has a Dockerfile of their own.
        engine: what builds from a user's own Dockerfile: `docker`, `podman` or `buildah`; None is what answers first.
        engine_options: for its build command, such as `--network=host`.
        tags: further names of the images: `NAME[:TAG]` where only one is built, or `:TAG` for each of them.
        insecure_registries: hosts that may be spoken to over plain HTTP, or with a certificate that nobody vouches for.
        compression: of the layers that are put on the base.
        load: give the images to docker or podman as well.
        archive: a file that the images are written to as well.
        archive_format: what kind of archive; "docker" holds the images for this machine alone.
        pin: whether the components' metadata names the images by their digests.
        sbom: whether a bill of materials and the provenance are attached to the images.
        portable: compress them so that the manifest's digest, too, is the same wherever the image is built; slower.
    """

    platforms: tuple[Platform, ...] | Literal["all"] = ()
    push: bool = True
    upgrade: bool = False
    find_links: tuple[str, ...] = ()
    keychain: Keychain | None = None
    overwrite_dockerfile: bool = False
    engine: str | None = None
    engine_options: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    insecure_registries: frozenset[str] = frozenset()
    compression: Literal["gzip", "zstd"] = "gzip"
    portable: bool = False
    load: bool = False
    archive: Path | None = None
    archive_format: Literal["oci", "docker"] = "oci"
    pin: bool = False
    sbom: bool = True

    @property
    def compressor(self) -> Compressor:
        """What compresses the layers.

        Raises:
            BuildError: zstd gives other bytes with each of its versions.
        """
        if self.compression == "gzip":
            return "portable" if self.portable else "fast"
        if self.portable:
            raise BuildError(
                "a portable image cannot have layers in zstd", hint="its layers are in gzip: --compression gzip"
            )
        return "zstd"
