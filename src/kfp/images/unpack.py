"""A layer's files as a container sees them: with their owners, permissions and times, and with what the layer hides.

`extract` takes files out of an image for whoever reads them on this machine. This is for a root file system: symbolic
links may lead anywhere, since they are followed inside the container only, and programs keep their set-user-ID bit, so
the directory must lie below one that only its owner may enter.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from kfp.errors import InvalidImage
from kfp.images.tree import SIZE_LIMIT, Tree
from kfp.images.untar import MEMBER_LIMIT, MemberKind, members, plain_path

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.layer import Layer
    from kfp.images.untar import Member

_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"
_RESERVED: Final = ".wh..wh."
_COPY: Final = 256 * 1024


@dataclass(frozen=True)
class Hides:
    """What a layer says of the layers below it, in plain paths (OCI image-spec, layer.md, "Whiteouts").

    Attributes:
        paths: what is no longer there.
        contents: directories that start empty.
        implied: directories that the layer has no entry for, but something in: what a layer below says of them holds.
    """

    paths: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()


def unpack_layer(layer: Layer, into: Path, *, owned: bool, limit: int = SIZE_LIMIT) -> Hides:
    """Unpack a layer as it is; devices, pipes and sockets are left out.

    Args:
        layer: the untrusted layer.
        into: an empty directory that nobody else uses yet. Whoever calls takes it away where this fails.
        owned: give the files to the owners that the layer says, which only root can; else they are the caller's.
        limit: the most bytes of files.

    Returns:
        What the layer hides; the directory itself holds no trace of that.

    Raises:
        InvalidImage: the layer is damaged, too large, or holds an unsafe path.
        OSError: the directory cannot be written.
        BlobAbsent: the layer is not on this machine, and its source cannot fetch it.
    """
    unpacked = _Layer(Tree(into, size=limit, entries=MEMBER_LIMIT), owned)
    with layer.uncompressed() as stream:
        unpacked.unpack(stream)
    return unpacked.hides()


class _Layer:
    def __init__(self, tree: Tree, owned: bool) -> None:
        self._tree = tree
        self._owned = owned
        self._hidden: set[str] = set()
        self._emptied: set[str] = set()
        self._directories: dict[str, Member] = {}

    def unpack(self, stream: BinaryIO) -> None:
        for member, data in members(stream):
            path = plain_path(member.name)
            name = posixpath.basename(path)
            if name == _OPAQUE:
                self._emptied.add(posixpath.dirname(path))
            elif any(part.startswith(_RESERVED) for part in path.split("/")):
                continue  # notes that aufs leaves
            elif name.startswith(_WHITEOUT):
                self._hidden.add(posixpath.join(posixpath.dirname(path), _hidden_name(path)))
            elif member.kind is not MemberKind.OTHER:
                self._add(path, member, data)
        while stream.read(_COPY):  # What follows the end of the archive belongs to its digest.
            pass
        # Last, and the innermost first: a directory may be one that its owner cannot write to, and has a time.
        for path in {"", *self._tree.implied} - self._directories.keys():
            self._tree.place(path).chmod(0o755)
        for path in sorted(self._directories, key=lambda path: -path.count("/") if path else 1):
            self._dress(path, self._directories[path])

    def hides(self) -> Hides:
        # What the layer has itself is not hidden; a directory of its own shows nothing of the one below.
        paths = {path for path in self._hidden if self._tree.kind(path) is None}
        emptied = {
            path
            for path in self._hidden | self._emptied
            if self._tree.kind(path) is MemberKind.DIRECTORY or path in self._emptied
        }
        inside = paths | {f"{path}/." for path in self._emptied if path}
        implied = self._tree.implied | {parent for path in inside for parent in self._absent_parents(path)}
        return Hides(tuple(sorted(paths)), tuple(sorted(emptied)), tuple(sorted(implied)))

    def _absent_parents(self, path: str) -> list[str]:
        absent = []
        while path and self._tree.kind(path := posixpath.dirname(path)) is None:
            absent.append(path)
        if self._tree.kind(path) not in (None, MemberKind.DIRECTORY):
            raise InvalidImage(f"the layer hides something below {path!r}, which is no directory")
        return absent

    def _add(self, path: str, member: Member, data: BinaryIO) -> None:
        if not path:
            if member.kind is MemberKind.DIRECTORY:
                self._directories[""] = member
            return
        self._tree.enter(path)
        kind, before = member.kind, self._tree.kind(path)
        if kind is MemberKind.DIRECTORY:
            self._directory(path, before, member)
            return
        if kind is MemberKind.HARD_LINK:
            self._hard_link(path, before, member)
            return
        self._make_room(path, before)
        if kind is MemberKind.FILE:
            self._tree.file(path, member, data, 0o600)
        else:
            self._tree.symlink(path, member.target)
        self._dress(path, member)

    def _directory(self, path: str, before: MemberKind | None, member: Member) -> None:
        if before is not MemberKind.DIRECTORY:
            self._make_room(path, before)
            self._tree.directory(path)
        self._tree.implied.discard(path)
        self._directories[path] = member

    def _hard_link(self, path: str, before: MemberKind | None, member: Member) -> None:
        goal = plain_path(member.target.lstrip("/"))
        if goal == path:
            return
        if self._tree.kind(goal) not in (MemberKind.FILE, MemberKind.SYMLINK):
            raise InvalidImage(
                f"the layer's {path!r} is a hard link to {member.target[:200]!r}, which is no file unpacked before it"
            )
        self._make_room(path, before)
        self._tree.hard_link(path, goal)

    def _make_room(self, path: str, before: MemberKind | None) -> None:
        """Take away what an earlier entry of the same path made: archives that were added to have such."""
        if before is MemberKind.DIRECTORY:
            raise InvalidImage(f"the layer holds {path!r} twice, once as a directory")
        if before is not None:
            self._tree.remove(path)

    def _dress(self, path: str, member: Member) -> None:
        """Give what was unpacked its owner, permissions and time; no link is followed, and none has permissions."""
        place = self._tree.place(path)
        if self._owned:
            os.chown(place, member.uid, member.gid, follow_symlinks=False)
        if member.kind is not MemberKind.SYMLINK:
            place.chmod(member.mode)  # after the owner, whose change takes the set-user-ID bit away
        os.utime(place, (member.mtime, member.mtime), follow_symlinks=False)


def _hidden_name(path: str) -> str:
    name = posixpath.basename(path)[len(_WHITEOUT) :]
    if name in ("", ".", ".."):
        raise InvalidImage(f"the layer hides the unsafe path {path[:200]!r}")
    return name
