"""Makes sure, before anything starts, that a container engine will find the images of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kfp.errors import ImageError, ImageNotFound, RegistryError

if TYPE_CHECKING:
    from kfp.images.engine import ContainerEngine
    from kfp.images.reference import Reference
    from kfp.images.store import Store

_LOCAL = "localhost"  # no registry: such a name is in the local store or nowhere
_PATIENCE = 10.0  # seconds for a registry to answer


def require_image(name: str, task: str, *, store: Store, engine: ContainerEngine) -> None:
    """Refuse an image that is nowhere.

    Args:
        name: the image's name.
        task: the task that runs in it, for the error.
        store: the local image store.
        engine: the container engine.

    Raises:
        InvalidReference: the name is malformed.
        ImageNotFound: neither the store nor the engine has the image, and its registry says that it has none.
        RegistryError: likewise, and the registry does not answer, or refuses.
    """
    from kfp.images.reference import Reference  # noqa: PLC0415 - start-up time

    reference = Reference.parse(name)
    if store.get(reference) is not None or engine.image_id(reference) is not None:
        return
    nowhere = f"task {task!r} runs in image {name}, which neither {engine.program} nor the local store has"
    build = "build it first with `kfp component build`, or check the image's name"
    if reference.registry == _LOCAL:
        raise ImageNotFound(nowhere, hint=build)
    try:
        _ask_registry(reference)
    except (ImageNotFound, RegistryError) as error:
        # The engine may know a mirror, a proxy, or credentials that we do not know.
        if engine.pull(reference):
            return
        hint = f"{build}, and that the registry {reference.registry} can be reached"
        raise type(error)(f"{nowhere}: {error.message}", hint=hint) from error
    except ImageError:
        return  # the registry has something of the name; whether it can run is for the engine to say


def _ask_registry(reference: Reference) -> None:
    """Raise what the registry has against the image; return where it has it."""
    from kfp.images.distribution.registry import Registry  # noqa: PLC0415 - start-up time
    from kfp.images.distribution.retry import Retry  # noqa: PLC0415
    from kfp.images.distribution.transport import Settings  # noqa: PLC0415

    settings = Settings(connect_timeout=_PATIENCE, read_timeout=_PATIENCE, retry=Retry(attempts=1))
    registry = Registry(reference.registry, settings=settings)
    try:
        if registry.head_manifest(reference.repository, reference.locator) is None:
            registry.get_manifest(reference.repository, reference.locator)
    finally:
        registry.transport.close()
