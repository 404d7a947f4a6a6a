"""What came of a build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.build.assembly import BuiltLayer
    from kfp.images.distribution.push import PushResult
    from kfp.images.platform import Platform
    from kfp.images.reference import Reference


@dataclass(frozen=True)
class BuiltPlatform:
    """An image for one platform, in the local store.

    Args:
        platform: what it is for.
        base_digest: digest of the base's manifest; "" where an engine chose the base.
        id: digest of the configuration: the same for the same inputs, everywhere.
        digest: digest of the manifest.
        layers: what was put on the base, lowest first; all layers where the base of an engine is not known.
        packages: what was installed, `name==version`; none likewise.
        seconds: how long its layers took.
    """

    platform: Platform
    base_digest: str
    id: str
    digest: str
    layers: tuple[BuiltLayer, ...]
    packages: tuple[str, ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class BuiltTag:
    """A further name of an image, in the local store.

    Args:
        reference: the name.
        pushed: what the push did; None when there was none.
    """

    reference: Reference
    pushed: PushResult | None = None


@dataclass(frozen=True)
class BuiltImage:
    """What has a name in the local store: an image, or an index of images for several platforms.

    Args:
        reference: its name.
        base: the image that it stands on; of a user's own Dockerfile, what its last stage names.
        digest: of the manifest of the only platform, else of the index.
        platforms: an image for each platform, in the order they were asked for.
        seconds: how long its slowest platform took, without the push.
        pushed: what the push did; None when there was none.
        tags: its further names.
        dockerfile: the user's own, which an engine built it from; None of what was built here.
        engine: that engine, `docker`, `podman` or `buildah`; else None.
    """

    reference: Reference
    base: Reference
    digest: str
    platforms: tuple[BuiltPlatform, ...]
    seconds: float
    pushed: PushResult | None = None
    tags: tuple[BuiltTag, ...] = ()
    dockerfile: Path | None = None
    engine: str | None = None
