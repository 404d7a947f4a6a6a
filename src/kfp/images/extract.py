"""A layer's files on disk, unpacked safely: nothing lands outside the directory, whatever the layer says."""

from __future__ import annotations

import os
import posixpath
import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage, StoreError
from kfp.images import durable
from kfp.images.tree import SIZE_LIMIT, Tree
from kfp.images.untar import MemberKind, members, plain_path

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.layer import Layer
    from kfp.images.untar import Member

FILES_LIMIT: Final = 200_000
"""The most entries that are unpacked from a layer."""

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
                _Subtree(Tree(stage, size=limit, entries=FILES_LIMIT), prefix).unpack(stream)
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


class _Subtree:
    """The part of a layer below a prefix, in a tree."""

    def __init__(self, tree: Tree, prefix: str) -> None:
        self._tree = tree
        self._prefix = plain_path(prefix)

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
        self._tree.enter(path)
        before = self._tree.kind(path)
        if before is not None:
            if before is kind is MemberKind.DIRECTORY:
                return
            raise InvalidImage(f"the layer holds {path!r} twice")
        if kind is MemberKind.DIRECTORY:
            self._tree.directory(path)
        elif kind is MemberKind.FILE:
            self._tree.file(path, member, data, 0o755 if member.executable else 0o644)
        elif kind is MemberKind.SYMLINK:
            _check_link(path, member.target)
            self._tree.symlink(path, member.target)
        elif kind is MemberKind.HARD_LINK:
            self._link(path, member.target)
        else:
            raise InvalidImage(f"the layer's {path!r} is a device or another special file")

    def _link(self, path: str, target: str) -> None:
        goal = self._inside(target)
        if goal is None or self._tree.kind(goal) is not MemberKind.FILE:
            raise InvalidImage(
                f"the layer's {path!r} is a hard link to {target[:200]!r}, which is no file unpacked before it"
            )
        self._tree.hard_link(path, goal)


def _check_link(path: str, target: str) -> None:
    """Refuse a symbolic link that may lead out.

    ".." is taken only at the start, where it climbs from a real directory; after another component, which may be a
    link itself, nobody can tell from the text where it leads.
    """
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    if not target or target.startswith("/") or "\0" in target or ".." in parts[climbs:] or climbs > path.count("/"):
        raise InvalidImage(f"the layer's symbolic link {path!r} to {target[:200]!r} may lead out of the directory")
