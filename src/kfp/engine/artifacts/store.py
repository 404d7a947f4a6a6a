"""Object stores, through fsspec: this is the one place that knows it."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from kfp.engine.addresses import STORES, below, redacted, scheme
from kfp.engine.artifacts.endpoints import client_options, require
from kfp.engine.artifacts.listing import Listing, RemoteFile, directory_listing
from kfp.engine.artifacts.transfer import LASTING, PIECE, Canceled, GivenUp
from kfp.errors import RunError, SkiffError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSIONS = (
    "ETag",
    "etag",
    "generation",
    "content_md5",
    "md5Hash",
    "LastModified",
    "last_modified",
    "mtime",
    "created",
)
_MESSAGE = 400
_MOST_PARTS = 9000  # S3 takes 10,000
_ROUND = 1 << 20  # Google's parts are multiples of 256 KiB
_LASTING_NAMES = ("Credential", "Authentication", "ParamValidation", "InvalidBucketName", "ValueError", "TypeError")
"""Parts of the names of clients' own errors that another try does not mend."""
_PATIENT = frozenset({"gs"})
"""The schemes whose client tries again by itself, for some twenty seconds."""


class Writer(Protocol):
    """An object that is being written."""

    closed: bool

    def write(self, data: bytes) -> int:
        """Take more of it."""

    def close(self) -> None:
        """Have it be there."""

    def discard(self) -> None:
        """Leave nothing of it."""


class _FileSystem(Protocol):
    """What is used of fsspec's `AbstractFileSystem`."""

    def info(self, path: str) -> Mapping[str, Any]: ...
    def find(self, path: str, *, detail: bool) -> Mapping[str, Mapping[str, Any]]: ...
    def cat_file(self, path: str, *, start: int | None = None, end: int | None = None) -> bytes: ...
    def pipe_file(self, path: str, value: bytes) -> object: ...
    def open(self, path: str, mode: str, block_size: int) -> Writer: ...
    def rm_file(self, path: str) -> object: ...


class ObjectStores:
    """The object stores that a run uses; a connection is made when a URI first wants it.

    Whatever a client raises comes out as an `OSError`: one of the kinds in `transfer.LASTING` where it will be the same
    the next time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._systems: dict[tuple[str, ...], _FileSystem] = {}

    def listing(self, uri: str) -> Listing:
        """Return what lies at a URI: an object, or all that its key is the directory of.

        Raises:
            FileNotFoundError: nothing does.
            OSError: the store cannot be asked.
            RunError: a name there cannot be a file's, or nothing here reaches the store.
        """
        with _spoken(uri):
            system, path = self._open(uri)
            if not uri.endswith("/"):
                info = _info(system, path)
                if info is not None and info.get("type") == "file":
                    return Listing(uri, (_file(path, "", info),))
            found = _found(system, path)
        if not found:
            raise FileNotFoundError(f"nothing lies at {redacted(uri)}")
        return directory_listing(uri, {file.name: file for file in found})

    def version(self, uri: str, file: RemoteFile) -> str:
        """Return the present version of an object.

        Raises:
            OSError: the store cannot be asked.
        """
        with _spoken(uri):
            return _version(self._open(uri)[0].info(file.key))

    def read(self, uri: str, file: RemoteFile, start: int, end: int) -> bytes:
        """Return a piece of an object.

        Raises:
            OSError: the store does not give it.
        """
        with _spoken(uri):
            read = self._open(uri)[0].cat_file
            data = read(file.key) if start == 0 and end >= file.size else read(file.key, start=start, end=end)
        if len(data) != end - start:
            raise OSError(f"the store gave {len(data)} bytes in place of {end - start}")
        return data

    def put(self, uri: str, data: bytes) -> None:
        """Write a small object.

        Raises:
            OSError: the store does not take it.
        """
        with _spoken(uri):
            system, path = self._open(uri)
            system.pipe_file(path, data)

    @contextlib.contextmanager
    def writing(self, uri: str, size: int) -> Iterator[Writer]:
        """Write an object in parts; it is there when the block has ended well, and else nothing of it is.

        Args:
            uri: where it goes.
            size: the bytes that it is going to have, as far as one knows.

        Raises:
            OSError: the store does not take it.
        """
        with _spoken(uri):
            system, path = self._open(uri)
            part = max(PIECE, -(-size // _MOST_PARTS // _ROUND) * _ROUND)
            writer = system.open(path, "wb", part)
        try:
            with _spoken(uri):
                yield writer
                writer.close()
        except BaseException:
            with contextlib.suppress(Exception):  # the first error counts
                writer.discard()
            writer.closed = True  # or fsspec writes the rest when it is collected
            raise

    def keys(self, uri: str) -> list[str]:
        """Return the URIs of the objects at a URI and below it.

        Raises:
            OSError: the store cannot be asked.
            RunError: one has a name that would be taken for another's.
        """
        with _spoken(uri):
            system, path = self._open(uri)
            info = _info(system, path)
            single = [uri] if info is not None and info.get("type") == "file" else []
            names = [file.name for file in _found(system, path)]
        for name in names:
            if ".." in name.split("/"):
                raise RunError(f"{redacted(uri)} holds an object whose name leads out of it: {name[:200]!r}")
        return [*single, *(below(uri, name) for name in names if name)]

    def remove(self, uri: str) -> None:
        """Delete an object; one that is not there is not missed.

        Raises:
            OSError: the store refuses.
        """
        with _spoken(uri), contextlib.suppress(FileNotFoundError):
            system, path = self._open(uri)
            system.rm_file(path)

    def _open(self, uri: str) -> tuple[_FileSystem, str]:
        name = scheme(uri)
        protocol = STORES[name].protocol
        require([uri], os.environ)
        fsspec: Any = import_module("fsspec")
        # MinIO speaks S3, and fsspec does not know its scheme.
        known = uri if name in ("gs", "az", "abfs", "abfss") else f"{protocol}://{uri.partition('://')[2]}"
        kind = fsspec.get_filesystem_class(protocol)
        of_uri: dict[str, Any] = kind._get_kwargs_from_urls(known)  # noqa: SLF001 - fsspec's interface for its kinds
        of_uri = {key: value for key, value in of_uri.items() if key in ("account_name", "host", "endpoint_url")}
        place = (name, *(f"{key}={value}" for key, value in sorted(of_uri.items())))
        if name == "gs":
            # It logs each error with its traceback, before it raises it.
            logging.getLogger("gcsfs").setLevel(logging.CRITICAL)
        with self._lock:
            if place not in self._systems:
                options = {**of_uri, **client_options(name, os.environ)}
                self._systems[place] = cast(
                    "_FileSystem", kind(use_listings_cache=False, skip_instance_cache=True, **options)
                )
            return self._systems[place], str(kind._strip_protocol(known))  # noqa: SLF001 - likewise


@contextlib.contextmanager
def _spoken(uri: str) -> Iterator[None]:
    """Have the errors of clients, which come in all kinds, be those of `OSError`."""
    try:
        yield
    except (*LASTING, SkiffError, Canceled):
        raise
    except Exception as error:
        text = str(error) or type(error).__name__
        if any(each in type(error).__name__ for each in _LASTING_NAMES):
            raise PermissionError(text) from error
        if scheme(uri) in _PATIENT:
            raise GivenUp(text) from error
        raise OSError(text) from error


def failure(verb: str, uri: str, error: OSError) -> RunError:
    """Return what is told of a store's error.

    Args:
        verb: what could not be done, such as `downloaded`.
        uri: what it was about.
        error: the store's error.
    """
    text = redacted(str(error).strip().partition("\n")[0][:_MESSAGE]) or type(error).__name__
    hint = None
    if isinstance(error, PermissionError):
        hint = "check the credentials in the environment, and what they allow"
    return RunError(f"{redacted(uri)} cannot be {verb}: {text}", hint=hint)


def _info(system: _FileSystem, path: str) -> Mapping[str, Any] | None:
    try:
        return system.info(path)
    except FileNotFoundError:
        return None


def _found(system: _FileSystem, path: str) -> list[RemoteFile]:
    """Return the objects below a directory, with whatever names."""
    prefix = path.rstrip("/") + "/"
    try:
        found = system.find(prefix, detail=True)
    except FileNotFoundError:
        return []
    return [
        _file(key, key[len(prefix) :], info)
        for key, info in found.items()
        if key.startswith(prefix) and info.get("type") != "directory"
    ]


def _file(key: str, name: str, info: Mapping[str, Any]) -> RemoteFile:
    return RemoteFile(key, name, int(info.get("size") or 0), _version(info))


def _version(info: Mapping[str, Any]) -> str:
    return next((str(info[each]).strip('"') for each in _VERSIONS if info.get(each)), "")
