"""The content of files and directories as digests, wherever they lie and whenever they were written.

A large one is read once: its digest is remembered together with what the file system says of each of its files (size,
inode, times of change). That is trusted only where nothing had changed for a moment when the reading began: what
changes within the same tick of the file system's clock leaves no trace in its times.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from kfp.errors import RunError

LeftOut: TypeAlias = "Callable[[os.DirEntry[str]], bool]"
"""Tells what of a tree is left out: files, and directories with everything in them."""

_CHUNK = 1 << 20
_SMALL_BYTES = 1 << 20
_SMALL_FILES = 32
_TICK = 25_000_000
"""Nanoseconds in which a file system's clock surely moves on: 10 ms are the longest tick of Linux."""
_COARSE_TICK = 2_100_000_000
"""The same for file systems that count whole seconds, or two."""
_TRIES = 3
_LARGE_BYTES = 1 << 30
"""What takes a second or more to be read."""
_FILE, _DIRECTORY = b"file", b"directory"


class Content(msgspec.Struct, frozen=True):
    """The content of a file or a directory.

    Args:
        digest: of the names and the content of everything in it; an empty one is that of what does not exist.
        size: in bytes.
    """

    digest: str
    size: int = 0


NOTHING = Content("")


class Memory(Protocol):
    """Remembers digests by path, across runs."""

    def recall(self, path: str, signature: str) -> Content | None:
        """Return the content of a path that had this signature."""

    def remember(self, path: str, signature: str, content: Content) -> None:
        """Keep the content of a path."""


class Interrupted(Exception):
    """The reading was stopped before its end."""


class Watch(Protocol):
    """Who waits while something is read."""

    def interrupted(self) -> bool:
        """Tell whether the reading is to stop."""

    def tell(self, text: str) -> None:
        """Be told what takes long."""


class Unwatched:
    """Nobody waits."""

    def interrupted(self) -> bool:
        """It goes on."""
        return False

    def tell(self, text: str) -> None:
        """Tell nobody."""


class _Item(NamedTuple):
    """What the file system says of an entry; times in ns, and where a link leads that is not followed."""

    name: bytes
    kind: bytes
    path: str
    size: int = 0
    inode: int = 0
    modified: int = 0
    changed: int = 0
    target: bytes = b""


class _Survey(NamedTuple):
    """What the file system says of a tree: its signature, its size in files and bytes, and its latest change in ns."""

    signature: str
    files: int
    size: int
    latest: int

    def settles_at(self) -> int:
        """The moment from which on a change would be seen."""
        coarse = self.latest % 1_000_000 == 0
        return self.latest + (_COARSE_TICK if coarse else _TICK)


def content_of(
    path: Path,
    *,
    memory: Memory | None = None,
    without: LeftOut | None = None,
    watch: Watch | None = None,
) -> Content:
    """Return the content of what lies at a path; equal content has equal digests, whatever the path and the times.

    A link counts as what it leads to; one in a directory that leads to another place of the same directory counts
    as its own text, and so does one that leads nowhere. What is neither a file nor a directory counts by its name.

    Args:
        path: a file or a directory, or nothing at all.
        memory: remembers what is large.
        without: tells what is left out.
        watch: who waits for it; None is nobody.

    Raises:
        Interrupted: it was stopped.
        RunError: it changes all the time.
        OSError: it cannot be read.
    """
    watch = watch or Unwatched()
    for _ in range(_TRIES):
        survey = _survey(path, without, watch)
        if survey is None:
            return NOTHING
        if survey.size <= _SMALL_BYTES and survey.files <= _SMALL_FILES:
            return _read(path, survey, without, watch)
        place = str(path.absolute())
        known = memory.recall(place, survey.signature) if memory is not None else None
        if known is not None:
            return known
        wait = survey.settles_at() - time.time_ns()
        if 0 < wait <= _TICK:  # as after the step that wrote it; one more reading would take longer
            time.sleep(wait / 1e9)
            continue
        if survey.size >= _LARGE_BYTES:
            from kfp.units import size  # noqa: PLC0415 - few files are as large

            watch.tell(f"{path} is read, {size(survey.size)}, so that the cache knows it again")
        content = _read(path, survey, without, watch)
        if _survey(path, without, watch) == survey:
            if memory is not None and wait <= 0:
                memory.remember(place, survey.signature, content)
            return content
    raise RunError(f"{path} changes while it is read")


def _survey(path: Path, without: LeftOut | None, watch: Watch) -> _Survey | None:
    """Ask the file system about a tree; None where there is nothing."""
    signature = hashlib.sha256()
    files = total = latest = 0
    there = False
    for item in _walk(path, without):
        if watch.interrupted():
            raise Interrupted
        there = True
        signature.update(b"%b\0%b %d %d %d %d\n" % (item.name, item.kind, *item[3:7]))
        files, total, latest = files + 1, total + item.size, max(latest, item.changed)
    return _Survey(signature.hexdigest(), files, total, latest) if there else None


def _read(path: Path, survey: _Survey, without: LeftOut | None, watch: Watch) -> Content:
    digest = hashlib.sha256()
    for item in _walk(path, without):
        told = _file(item.path, item.size, watch) if item.kind == _FILE else item.target.hex()
        digest.update(b"%b\0%b %d %b\n" % (item.name, item.kind, item.size, told.encode()))
    return Content(digest.hexdigest(), survey.size)


def _file(path: str, size: int, watch: Watch) -> str:
    """Return the digest of a file: never more than its size, for some files of the system have no end."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while size > 0 and (data := file.read(min(size, _CHUNK))):
            if watch.interrupted():
                raise Interrupted
            digest.update(data)
            size -= len(data)
    return digest.hexdigest()


def _walk(top: Path, without: LeftOut | None) -> Iterator[_Item]:
    """Yield everything of a tree, ordered by name, directories before what is in them."""
    try:
        found = top.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    yield _item(b"", str(top), found)
    if not stat.S_ISDIR(found.st_mode):
        return
    real = os.path.realpath(top)
    todo = [(b"", str(top), True)]
    while todo:
        name, directory, is_inside = todo.pop()
        with os.scandir(directory) as entries:
            ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name), reverse=True)
        below = []
        for entry in reversed(ordered):
            if without is not None and without(entry):
                continue
            inner = name + b"/" + os.fsencode(entry.name)
            item = _entry(inner, entry, real, is_inside)
            if item.kind == _DIRECTORY:
                below.append((inner, entry.path, is_inside and not entry.is_symlink()))
            yield item
        todo.extend(reversed(below))


def _entry(name: bytes, entry: os.DirEntry[str], top: str, is_inside: bool) -> _Item:
    """Tell what an entry is; a link to a directory is followed once, out of the tree, so that every walk ends."""
    if not entry.is_symlink():
        return _item(name, entry.path, entry.stat(follow_symlinks=False))
    target = os.path.realpath(entry.path)
    is_own = target == top or target.startswith(top + os.sep)
    try:
        found = entry.stat()
    except OSError:  # it leads nowhere, or in a circle
        found = None
    stays = is_own or not is_inside or top.startswith(target.rstrip(os.sep) + os.sep)
    if found is not None and not (stays and stat.S_ISDIR(found.st_mode)):
        return _item(name, entry.path, found)
    told = os.path.relpath(target, top) if is_own else str(Path(entry.path).readlink())
    return _Item(
        name, b"link", entry.path, target=os.fsencode(told), changed=entry.stat(follow_symlinks=False).st_ctime_ns
    )


def _item(name: bytes, path: str, found: os.stat_result) -> _Item:
    if stat.S_ISREG(found.st_mode):
        return _Item(name, _FILE, path, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
    if stat.S_ISDIR(found.st_mode):  # its own times change with the names in it, which are told anyway
        return _Item(name, _DIRECTORY, path)
    return _Item(name, b"other", path)
