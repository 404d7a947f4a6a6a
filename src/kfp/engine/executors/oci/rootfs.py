"""The root file system of a container: an image's unpacked layers as one, without changing them."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kfp.images.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kfp.images.layer_cache import UnpackedLayer

_LARGEST_TEXT = 1024 * 1024
_USUAL = 0o755
_MOUNT_POINTS = ("dev", "proc", "sys")


class RootFileSystem:
    """An image's layers, seen as one directory.

    Args:
        layers: unpacked, the base's first.
    """

    def __init__(self, layers: Sequence[UnpackedLayer]) -> None:
        ordered = list(reversed(layers))
        alone = next((number for number, layer in enumerate(ordered) if "" in layer.hides.contents), len(ordered))
        self._layers = ordered[: alone + 1]

    @property
    def directories(self) -> list[Path]:
        """The layers' directories, the topmost first, for overlayfs."""
        return [layer.files for layer in self._layers]

    def text(self, path: str) -> str:
        """Return a small text file of the image; "" where it has none there, or a link."""
        for layer in self._layers:
            place = layer.files / path
            if _is_plain(layer.files, path) and stat.S_ISREG(place.lstat().st_mode):
                with place.open("rb") as file:
                    return file.read(_LARGEST_TEXT).decode("utf-8", "replace")
            if _hidden(layer, path):
                break
        return ""

    def prepare_upper(self, upper: Path) -> None:
        """Fill the directory that overlayfs writes to, so that directories look as the image says.

        A layer may hold a file without an entry for the directories above it. Their attributes are those of the layers
        below, but overlayfs shows those of the topmost directory. And where an image has a link in place of a directory
        that every container gets anew, a runtime would follow it out of the container.

        Args:
            upper: an empty directory.
        """
        upper.chmod(stat.S_IMODE(self._layers[-1].files.stat().st_mode) if self._layers else _USUAL)
        for name in _MOUNT_POINTS:
            if self._topmost(name) is None:
                _clear(upper / name)
                (upper / name).mkdir()
                (upper / name).chmod(_USUAL)
        for path in sorted({path for layer in self._layers for path in layer.hides.implied}):
            said = self._attributes(path)
            if said is not None:
                self._make(upper, path)

    def copy(self, into: Path) -> None:
        """Write the file system out, where there is no overlayfs; nothing of it is shared with the layers.

        Args:
            into: an empty directory.
        """
        for layer in reversed(self._layers):
            for path in (*layer.hides.paths, *layer.hides.contents):
                if _is_plain(into, path):
                    _clear(into / path)
            _copy_directory(layer.files, into)
        self.prepare_upper(into)

    def _make(self, upper: Path, path: str) -> None:
        for parent in [*reversed(PurePosixPath(path).parents), PurePosixPath(path)]:
            place = upper / parent
            said = self._attributes(str(parent)) or self._topmost(str(parent))
            if said is None or (place.is_symlink() or (place.exists() and not place.is_dir())):
                return
            place.mkdir(exist_ok=True)
            _dress(place, said)

    def _attributes(self, path: str) -> os.stat_result | None:
        """Return what a lower layer says of a directory that a higher one merely implies; None where they agree."""
        implied: os.stat_result | None = None
        for layer in self._layers:
            if not _is_plain(layer.files, path):
                if _hidden(layer, path):
                    return None
                continue
            said = (layer.files / path).lstat()
            if not stat.S_ISDIR(said.st_mode):
                return None
            if path not in layer.hides.implied:
                return said if implied is not None and _looks(said) != _looks(implied) else None
            implied = implied or said
            if path in layer.hides.contents:
                return None
        return None

    def _topmost(self, path: str) -> os.stat_result | None:
        for layer in self._layers:
            if _is_plain(layer.files, path):
                said = (layer.files / path).lstat()
                return said if stat.S_ISDIR(said.st_mode) else None
        return None


def _is_plain(root: Path, path: str) -> bool:
    """Whether something is there, below directories that are no links."""
    place = root
    *above, _ = PurePosixPath(path).parts or ("",)
    for part in above:
        place /= part
        if place.is_symlink() or not place.is_dir():
            return False
    return os.path.lexists(root / path)


def _hidden(layer: UnpackedLayer, path: str) -> bool:
    """Whether a layer hides what those below it have at a path."""
    names = [str(each) for each in (PurePosixPath(path), *PurePosixPath(path).parents) if str(each) != "."]
    if any(name in layer.hides.paths for name in names):
        return True
    above = names[1:]
    if any(name in layer.hides.contents for name in above):
        return True
    # Something of the layer's own that is no directory stands where a directory would have to be.
    return any(os.path.lexists(layer.files / name) and not _is_directory(layer.files / name) for name in above)


def _is_directory(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()


def _looks(said: os.stat_result) -> tuple[int, int, int]:
    return stat.S_IMODE(said.st_mode), said.st_uid, said.st_gid


def _dress(place: Path, said: os.stat_result) -> None:
    with contextlib.suppress(PermissionError):  # whoever is not root owns everything already
        os.chown(place, said.st_uid, said.st_gid, follow_symlinks=False)
    place.chmod(stat.S_IMODE(said.st_mode))


def _clear(place: Path) -> None:
    if _is_directory(place):
        remove_tree(place)
    else:
        place.unlink(missing_ok=True)


def _copy_directory(source: Path, target: Path) -> None:
    """Copy a directory over another; links stay links, hard links become files of their own."""
    with os.scandir(source) as entries:
        for entry in entries:
            place, said = target / entry.name, entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(said.st_mode):
                if not _is_directory(place):
                    _clear(place)
                    place.mkdir()
                _copy_directory(Path(entry.path), place)
                _dress(place, said)
                continue
            _clear(place)
            if stat.S_ISLNK(said.st_mode):
                place.symlink_to(Path(entry.path).readlink())
                with contextlib.suppress(PermissionError):
                    os.chown(place, said.st_uid, said.st_gid, follow_symlinks=False)
            elif stat.S_ISREG(said.st_mode):
                _copy_file(Path(entry.path), place)
                _dress(place, said)


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes, as a reference to the same blocks where the file system has such."""
    with source.open("rb") as old, target.open("xb") as new:
        with contextlib.suppress(OSError):
            left = os.fstat(old.fileno()).st_size
            while left and (done := os.copy_file_range(old.fileno(), new.fileno(), left)):
                left -= done
        new.seek(0, os.SEEK_END)
        old.seek(new.tell())
        shutil.copyfileobj(old, new)
