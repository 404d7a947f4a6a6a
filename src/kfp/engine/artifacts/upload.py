"""Takes a file or a directory to an object store: several objects at a time, big ones in parts."""

from __future__ import annotations

import stat
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kfp.engine.addresses import below, redacted
from kfp.engine.artifacts.listing import EMPTY_DIRECTORY
from kfp.engine.artifacts.transfer import PIECE
from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kfp.engine.artifacts.store import ObjectStores
    from kfp.engine.artifacts.transfer import Transfer, Workers


class Found(msgspec.Struct, frozen=True):
    """A file to upload.

    Args:
        path: where it lies; None stands for an empty directory.
        name: what it is called below the artifact, with `/`; empty for what is a file by itself.
        size: in bytes.
    """

    path: Path | None
    name: str
    size: int


def upload(path: Path, uri: str, *, stores: ObjectStores, workers: Workers, transfer: Transfer) -> None:
    """Write a file or a directory to an object store, in place of what lies there.

    Symbolic links are followed, as a step that reads them would; one that leads to a directory above itself is an
    error. An empty directory becomes an object of no bytes, which `download` knows.

    Args:
        path: the file or directory.
        uri: where it goes.
        stores: takes it.
        workers: move it.
        transfer: is told, and may be given up.

    Raises:
        Canceled: it was given up.
        RunError: there is something that is neither a file nor a directory.
        OSError: it cannot be read.
        Exception: the store's error.
    """
    found = list(tree(path))
    transfer.begin(f"uploading {redacted(uri)}", sum(each.size for each in found))
    old = transfer.attempt(lambda: stores.keys(uri))  # of an attempt that did not come to its end
    workers.each(transfer, (partial(stores.remove, each) for each in old))
    workers.each(transfer, (_work(each, uri, stores, transfer) for each in found))


def tree(path: Path) -> Iterator[Found]:
    """Yield the files at a path and below it, each with its name there.

    Raises:
        RunError: there is something else, such as a socket, or a link in a circle.
        OSError: it cannot be read.
    """
    todo: list[tuple[Path, str, frozenset[tuple[int, int]]]] = [(path, "", frozenset())]
    while todo:
        here, name, above = todo.pop()
        status = here.stat()
        if stat.S_ISREG(status.st_mode):
            yield Found(here, name, status.st_size)
        elif stat.S_ISDIR(status.st_mode):
            itself = (status.st_dev, status.st_ino)
            if itself in above:
                raise RunError(f"the link {here} leads to a directory that it is in")
            inside = sorted((each.name for each in here.iterdir()), reverse=True)
            if not inside:
                yield Found(None, f"{name}/{EMPTY_DIRECTORY}".lstrip("/"), 0)
            todo += [(here / each, f"{name}/{each}".lstrip("/"), above | {itself}) for each in inside]
        else:
            raise RunError(f"{here} is neither a file nor a directory, and cannot be uploaded")


def _work(found: Found, uri: str, stores: ObjectStores, transfer: Transfer) -> Callable[[], None]:
    target = below(uri, found.name) if found.name else uri
    try:
        target.encode()
    except UnicodeEncodeError:
        raise RunError(f"{found.path} has a name that is no text, and cannot be uploaded") from None
    if found.path is None:
        return partial(stores.put, target, b"")
    if found.size <= PIECE:
        return partial(_small, found.path, target, stores, transfer)
    return partial(_large, found.path, target, stores, transfer)


def _small(path: Path, target: str, stores: ObjectStores, transfer: Transfer) -> None:
    data = path.read_bytes()
    stores.put(target, data)
    transfer.moved(len(data))


def _large(path: Path, target: str, stores: ObjectStores, transfer: Transfer) -> None:
    with path.open("rb") as source, stores.writing(target, path.stat().st_size) as goal:
        while data := source.read(PIECE):
            transfer.check()
            goal.write(data)
            transfer.moved(len(data))
