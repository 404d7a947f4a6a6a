"""A layer's files on disk, unpacked safely: nothing lands outside the directory, whatever the layer says."""

from __future__ import annotations

import os
import posixpath
import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage, StoreError
from kfp.images import durable
from kfp.images.untar import PATH_LIMIT, Member, MemberKind, members, plain_path

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.layer import Layer

SIZE_LIMIT: Final = 16 * 1024**3
"""The most bytes of files that a layer may unpack to."""

FILES_LIMIT: Final = 200_000
"""The most entries that are unpacked from a layer."""

DEPTH_LIMIT: Final = 200
"""The most directories in each other: what deletes a tree again calls itself for each."""

_WHITEOUT: Final = ".wh."
_COPY: Final = 256 * 1024


def extract_layer(layer: Layer, into: Path, *, prefix: str = "", limit: int = SIZE_LIMIT) -> None:
    """Unpack a layer, or a subtree of it, to a new directory.

    The directory appears when everything is there and the layer's digests are verified. Modes become 0644 and 0755
    (less the umask), owner and times are the caller's; whiteouts, which concern other layers, are left out.

    Args:
        layer: the untrusted layer.
        into: must not be there, or be empty. One that another process completes meanwhile is left as it is.
        prefix: the subtree, for example "usr/local/src"; it is stripped from the paths. "" takes everything.
        limit: the most bytes of files.

    Raises:
        InvalidImage: the layer is damaged, too large, has no such subtree, or holds in it a device, an unsafe path, or
            a link that leads out.
        StoreError: the directory cannot be written, or is there and not empty.
        BlobAbsent: the layer is not on this machine, and its source cannot fetch it.
    """
    with durable.storing(into):
        if into.is_dir() and any(into.iterdir()):
            raise StoreError(f"the directory {into} is not empty")
        into.parent.mkdir(parents=True, exist_ok=True)
        stage = into.with_name(f".{into.name}.{os.urandom(8).hex()}")
        stage.mkdir()
        try:
            with layer.uncompressed() as stream:
                _Tree(stage, prefix, limit).unpack(stream)
            _appear(stage, into)
        except UnicodeEncodeError as error:
            raise StoreError(
                f"the layer has the file name {error.object[:200]!r}, which this locale's encoding cannot write",
                hint="set LC_ALL=C.UTF-8",
            ) from error
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _appear(stage: Path, into: Path) -> None:
    try:
        stage.rename(into)
    except OSError:
        if not (into.is_dir() and any(into.iterdir())):
            raise


class _Tree:
    """What has been unpacked so far; since the directory is nobody else's, this alone tells what is there."""

    def __init__(self, root: Path, prefix: str, limit: int) -> None:
        self._root = root
        self._prefix = plain_path(prefix)
        self._left = limit
        self._entries = FILES_LIMIT
        self._kinds: dict[str, MemberKind] = {"": MemberKind.DIRECTORY}

    def unpack(self, stream: BinaryIO) -> None:
        found = not self._prefix
        for member, data in members(stream):
            path = self._inside(member.name)
            found = found or path is not None
            if path == "" and member.kind is not MemberKind.DIRECTORY:
                raise InvalidImage(f"the layer's {member.name[:200]!r} is no directory")
            if path and not posixpath.basename(path).startswith(_WHITEOUT):
                self._add(path, member, data)
        if not found:
            raise InvalidImage(f"the layer has nothing below {self._prefix!r}")
        while stream.read(_COPY):  # What follows the end of the archive belongs to its digest.
            pass

    def _inside(self, name: str) -> str | None:
        """The path below the prefix, "" for the prefix itself, None outside."""
        # Outside the prefix nothing is written, so a strange name there is not looked at.
        if self._prefix and not name.lstrip("./").startswith(self._prefix):
            return None
        path = plain_path(name)
        if not self._prefix:
            return path
        if path == self._prefix:
            return ""
        return path[len(self._prefix) + 1 :] if path.startswith(f"{self._prefix}/") else None

    def _add(self, path: str, member: Member, data: BinaryIO) -> None:
        kind = member.kind
        self._count(1)
        if path.count("/") >= DEPTH_LIMIT:
            raise InvalidImage(f"the layer's {path[:200]!r}… lies in more than {DEPTH_LIMIT} directories")
        self._make_parents(path)
        before = self._kinds.get(path)
        if before is not None:
            if before is kind is MemberKind.DIRECTORY:
                return
            raise InvalidImage(f"the layer holds {path!r} twice")
        if kind is MemberKind.DIRECTORY:
            self._path(path).mkdir()
        elif kind is MemberKind.FILE:
            self._write(path, member, data)
        elif kind is MemberKind.SYMLINK:
            _check_link(path, member.target)
            self._path(path).symlink_to(member.target)
        elif kind is MemberKind.HARD_LINK:
            kind = self._link(path, member.target)
        else:
            raise InvalidImage(f"the layer's {path!r} is a device or another special file")
        self._kinds[path] = kind

    def _count(self, entries: int) -> None:
        self._entries -= entries
        if self._entries < 0:
            raise InvalidImage(f"the layer has more than {FILES_LIMIT} files and directories to unpack")

    def _make_parents(self, path: str) -> None:
        absent = []
        parent = posixpath.dirname(path)
        while (kind := self._kinds.get(parent)) is None:
            absent.append(parent)
            parent = posixpath.dirname(parent)
        if kind is not MemberKind.DIRECTORY:
            raise InvalidImage(f"the layer's {path!r} lies below a {kind.value}")
        self._count(len(absent))
        for folder in reversed(absent):
            self._path(folder).mkdir()
            self._kinds[folder] = MemberKind.DIRECTORY

    def _write(self, path: str, member: Member, data: BinaryIO) -> None:
        self._left -= member.size
        if self._left < 0:
            raise InvalidImage("the layer unpacks to more bytes than the limit")
        mode = 0o755 if member.executable else 0o644
        descriptor = os.open(self._path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as out:
            shutil.copyfileobj(data, out, _COPY)

    def _link(self, path: str, target: str) -> MemberKind:
        goal = self._inside(target)
        if goal is None or self._kinds.get(goal) is not MemberKind.FILE:
            raise InvalidImage(
                f"the layer's {path!r} is a hard link to {target[:200]!r}, which is no file unpacked before it"
            )
        os.link(self._path(goal), self._path(path), follow_symlinks=False)
        return MemberKind.FILE

    def _path(self, path: str) -> Path:
        return self._root / path


def _check_link(path: str, target: str) -> None:
    """Refuse a symbolic link that may lead out.

    ".." is taken only at the start, where it climbs from a real directory; after another component, which may be a
    link itself, nobody can tell from the text where it leads.
    """
    if len(target) > PATH_LIMIT:
        raise InvalidImage(f"the layer's symbolic link {path!r} has a target that is too long")
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    if not target or target.startswith("/") or "\0" in target or ".." in parts[climbs:] or climbs > path.count("/"):
        raise InvalidImage(f"the layer's symbolic link {path!r} to {target[:200]!r} may lead out of the directory")
