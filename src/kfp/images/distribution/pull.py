"""Finds an image by name: in the store, else in its registry, manifest and configuration first, layers when needed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kfp.errors import BlobAbsent, ImageError, ImageNotFound, InvalidImage, RegistryError
from kfp.images.canonical import DOCUMENT_LIMIT
from kfp.images.config import Config
from kfp.images.distribution.parallel import Cancellation, run_parallel
from kfp.images.distribution.progress import OnEvent, Reporter, Tracker, TransferState
from kfp.images.distribution.registry import Registry, RegistryOptions
from kfp.images.distribution.remote import FetchingSource, Remote
from kfp.images.image import Image
from kfp.images.layer import Layer
from kfp.images.manifest import Index, Manifest
from kfp.images.platform import Platform
from kfp.images.reference import Reference
from kfp.images.store import Store

if TYPE_CHECKING:
    from kfp.images.distribution.auth import Keychain

_WORKERS = 4
_CHUNK = 256 * 1024
_FALLBACK = Platform("linux", "amd64")
_LOCAL = "localhost"
E = TypeVar("E", bound=ImageError)


def resolve(
    reference: Reference,
    platform: Platform | None = None,
    *,
    store: Store,
    keychain: Keychain | None = None,
    refresh: bool = False,
    options: RegistryOptions | None = None,
) -> Image:
    """Find an image by name.

    The store's image of that name is taken where there is one; a name on `localhost` without a port is looked for
    nowhere else. Otherwise manifest and configuration are pulled and kept under the name. Layers are fetched into the
    store when they are opened.

    Args:
        reference: the name, by tag or digest.
        platform: what the image must be for. None takes, of several, the one for this machine, else linux/amd64.
        store: looked in first, and added to.
        keychain: credentials; the user's own by default.
        refresh: ask the registry even when the store has the name.
        options: timeouts, retries, registries without TLS.

    Raises:
        ImageNotFound: neither has it, or not for the platform.
        RegistryUnreachable: the registry cannot be reached.
        AuthenticationError: the registry wants other credentials.
        RegistryError: the registry fails.
        InvalidImage: what it gave is no valid image.
    """
    local = reference.registry == _LOCAL
    chosen = options or RegistryOptions()
    remote = Remote(replace(chosen, keychain=keychain or chosen.keychain))
    if local or not refresh:
        found = store.get(reference, platform)
        if found is not None:
            return found.with_source(FetchingSource(store, remote))
    if local:
        which = f" for {platform}" if platform is not None else ""
        raise ImageNotFound(f"the local store has no image {reference}{which}", hint=_ways_out(reference))
    try:
        image = _pull(reference, platform, store, remote)
    except RegistryError as error:
        raise _explained(error, reference) from error
    except ImageNotFound as error:
        raise _explained(error, reference) from error
    finally:
        remote.close()
    return image.with_source(FetchingSource(store, remote))


def fetch_layers(
    image: Image,
    store: Store,
    *,
    keychain: Keychain | None = None,
    progress: OnEvent | None = None,
    options: RegistryOptions | None = None,
    workers: int = _WORKERS,
) -> None:
    """Fetch the layers of an image that the store lacks, several at a time. Ctrl-C ends all transfers.

    Args:
        image: an image of this store.
        store: where the layers go.
        keychain: credentials; the user's own by default.
        progress: called with every event, from several threads but never at the same time.
        options: timeouts, retries, registries without TLS.
        workers: how many layers are fetched at a time.

    Raises:
        BlobAbsent: nobody recorded where an absent layer came from.
        RegistryError: a registry does not give one.
    """
    cancellation = Cancellation()
    chosen = options or RegistryOptions()
    remote = Remote(replace(chosen, keychain=keychain or chosen.keychain, cancellation=cancellation))
    reporter = Reporter(progress)
    layers = {layer.descriptor.digest: layer for layer in image.layers if not layer.foreign}
    jobs = []
    for digest, layer in layers.items():
        tracker = reporter.track(digest, "layer", layer.descriptor.size)
        jobs.append(partial(_fetch, layer, store, remote, tracker))
    try:
        run_parallel(jobs, workers=workers, cancellation=cancellation)
    finally:
        remote.close()


def _fetch(layer: Layer, store: Store, remote: Remote, tracker: Tracker) -> None:
    descriptor = layer.descriptor
    if store.blobs.has(descriptor.digest):
        tracker.to(TransferState.EXISTS)
        return
    origin = store.origin(descriptor.digest)
    if origin is None:
        raise BlobAbsent(descriptor.digest)
    with remote.stream(descriptor, origin) as stream, store.blobs.writer() as writer:
        while data := stream.read(_CHUNK):
            writer.write(data)
            tracker.add(len(data))
        writer.commit(descriptor.media_type, descriptor)
    tracker.to(TransferState.DONE)


def _pull(reference: Reference, platform: Platform | None, store: Store, remote: Remote) -> Image:
    registry, repository = remote.registry(reference.registry), reference.repository
    manifest = registry.get_manifest(repository, reference.locator)
    index = None
    if isinstance(manifest, Index):
        index = manifest
        manifest = registry.get_manifest(repository, _select(index, platform, reference))
    if isinstance(manifest, Index):
        raise InvalidImage(f"{reference}: an index holds another index where an image must be")
    config = _fetch_config(registry, repository, manifest)
    if index is None and platform is not None and not config.platform.matches(platform):
        raise _other_platform(reference, platform, [str(config.platform)])
    image = Image.assemble(manifest, config, store)
    origin = Reference(reference.registry, repository, digest=manifest.digest)
    origins = {layer.descriptor.digest: origin for layer in image.layers if not layer.foreign}
    with store.in_use():
        store.put(image, reference, origins)
        if index is not None:
            store.tag(store.blobs.put(index.data, index.media_type), reference)
    return image


def _select(index: Index, platform: Platform | None, reference: Reference) -> str:
    wanted = (Platform.host(), _FALLBACK) if platform is None else (platform,)
    for candidate in wanted:
        entry = index.select(candidate)
        if entry is not None:
            return entry.digest
    raise _other_platform(reference, wanted[0], [str(entry.platform) for entry in index.images])


def _fetch_config(registry: Registry, repository: str, manifest: Manifest) -> Config:
    if manifest.config.size > DOCUMENT_LIMIT:
        raise InvalidImage(f"the configuration of {manifest.digest} has more than {DOCUMENT_LIMIT} bytes")
    with registry.get_blob(repository, manifest.config) as stream:
        return Config(stream.read())


def _other_platform(reference: Reference, wanted: Platform, there: list[str]) -> ImageNotFound:
    return ImageNotFound(
        f"{reference} is not for {wanted}, only for {', '.join(there[:20]) or 'no platform'}",
        hint="choose another platform or another image",
    )


def _explained(error: E, reference: Reference) -> E:
    """Return the error with the image's name and the ways out added."""
    name = reference.familiar
    message = error.message if str(reference) in error.message else f"cannot pull {name}: {error.message}"
    hints = [hint for hint in (error.hint, _ways_out(reference)) if hint]
    return type(error)(message, hint="; or ".join(hints))


def _ways_out(reference: Reference) -> str:
    return (
        f"make a base of the running Python with `kfp image bootstrap {reference.familiar}`, or bring the image"
        " as a file with `kfp image load`"
    )
