"""What a build tells its caller while it works, one value for each fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from kfp.images.distribution.progress import TransferEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kfp.images.platform import Platform
    from kfp.images.reference import Reference

LayerKind: TypeAlias = Literal["packages", "runtime", "source", "engine"]
Phase: TypeAlias = Literal["packages", "layers"]


class ComponentFound(NamedTuple):
    """A component belongs to an image: function name, source file, target."""

    function_name: str
    path: Path
    target: Reference


class FilesLeftOut(NamedTuple):
    """Files look like secrets and stay out of the image; paths relative to the component directory."""

    paths: tuple[str, ...]


class SecretsExposed(NamedTuple):
    """Files look like secrets, and the user's Dockerfile may copy them; paths relative to the component directory."""

    paths: tuple[str, ...]


class EngineStarted(NamedTuple):
    """An engine (`docker`, `podman`, `buildah`) begins to build from the user's own Dockerfile."""

    engine: str
    dockerfile: Path
    target: Reference


class EngineSaid(NamedTuple):
    """A line of the engine's output."""

    line: str


class PackagesDeclared(NamedTuple):
    """The directory says itself which packages it wants: in one file, while others like it do not count."""

    path: Path
    passed_over: tuple[str, ...]


class BaseResolved(NamedTuple):
    """The base image of a target is known; nothing of it was downloaded but manifest and configuration."""

    base: Reference
    digest: str
    target: Reference
    platform: Platform


class PhaseStarted(NamedTuple):
    """Work that may take a while begins for one platform of a target: `packages` are chosen, `layers` are built."""

    phase: Phase
    target: Reference
    platform: Platform


class PackagesLocked(NamedTuple):
    """The packages of a target on one platform, each `name==version`."""

    packages: tuple[str, ...]
    target: Reference
    platform: Platform


class LayerBuilt(NamedTuple):
    """A layer is in the store: its kind, what it holds, compressed bytes, and whether it was there before."""

    kind: LayerKind
    summary: str
    size: int
    cached: bool
    target: Reference
    platform: Platform


class PlatformBuilt(NamedTuple):
    """The image of a target for one platform has all its layers."""

    target: Reference
    platform: Platform


class ImageStored(NamedTuple):
    """The image is complete in the local store; `digest` is the manifest's, `id` the configuration's."""

    reference: Reference
    id: str
    digest: str


class FilesWritten(NamedTuple):
    """Files were written into the component directory."""

    paths: tuple[Path, ...]


class PushStarted(NamedTuple):
    """The push of a stored image begins; `TransferEvent`s follow."""

    reference: Reference


class OutputStarted(NamedTuple):
    """An image of the store is on its way to a container engine or an archive; layers it lacks are fetched first."""

    reference: Reference
    goal: str


class EngineLoaded(NamedTuple):
    """The container engine has the image; `given` is False where it had it before."""

    reference: Reference
    engine: str
    given: bool


class ArchiveWritten(NamedTuple):
    """The images are in an archive."""

    path: Path


class ArtifactsRefused(NamedTuple):
    """The registry has the image and takes nothing that is attached to it: its own words."""

    reference: Reference
    reason: str


class ImagePushed(NamedTuple):
    """The registry has the image; `sent` is False where it had it before."""

    reference: Reference
    digest: str
    sent: bool


BuildEvent: TypeAlias = (
    ComponentFound
    | FilesLeftOut
    | SecretsExposed
    | PackagesDeclared
    | EngineStarted
    | EngineSaid
    | BaseResolved
    | PhaseStarted
    | PackagesLocked
    | LayerBuilt
    | PlatformBuilt
    | ImageStored
    | FilesWritten
    | PushStarted
    | OutputStarted
    | EngineLoaded
    | ArchiveWritten
    | ArtifactsRefused
    | ImagePushed
    | TransferEvent
)
OnEvent: TypeAlias = "Callable[[BuildEvent], None]"
