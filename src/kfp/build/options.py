"""How a plan is built: everything that a caller may choose, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
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
        keychain: credentials; None is the user's own.
        overwrite_dockerfile: build without an engine although the user has a Dockerfile of their own.
        engine: what builds from a user's own Dockerfile: `docker`, `podman` or `buildah`; None is what answers first.
        engine_options: for its build command, such as `--network=host`.
    """

    platforms: tuple[Platform, ...] | Literal["all"] = ()
    push: bool = True
    upgrade: bool = False
    keychain: Keychain | None = None
    overwrite_dockerfile: bool = False
    engine: str | None = None
    engine_options: tuple[str, ...] = ()
