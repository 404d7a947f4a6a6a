"""Unpacked layers, by what they hold: each is unpacked once, and lower directories of overlay file systems."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from kfp.images import digest as digests
from kfp.images import durable
from kfp.images.stages import Stage
from kfp.images.unpack import Hides, unpack_layer

if TYPE_CHECKING:
    from pathlib import Path

    from kfp.images.layer import Layer

_FILES: Final = "files"
_HIDES: Final = "hides.json"
_STAGES: Final = ".stages"
_UNUSED: Final = 30 * 24 * 3600.0  # seconds after which a layer that nobody used goes, when another one comes
_ONLY_MINE: Final = 0o700  # what is unpacked holds programs with the set-user-ID bit


@dataclass(frozen=True)
class UnpackedLayer:
    """A layer on disk; nobody may write to it.

    Attributes:
        files: the directory with its files.
        hides: what it hides of those below it.
    """

    files: Path
    hides: Hides


class LayerCache:
    """The layers that were unpacked; safe for several threads and processes, and for kills.

    Args:
        root: the cache's directory.
        owned: whether files have the owners that their layer says; else all are the caller's.
        marks: the kind of extended attributes, `trusted` or `user`, that tell overlayfs which directories start empty;
            "" leaves what is hidden unmarked, for whoever copies the layers.
    """

    def __init__(self, root: Path, *, owned: bool, marks: str) -> None:
        self._directory = root / f"{'owned' if owned else 'mine'}-{marks or 'plain'}"
        self._owned = owned
        self._marks = marks
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, UnpackedLayer] = {}

    def has(self, layer: Layer) -> bool:
        """Whether a layer is unpacked already."""
        return (self._directory / digests.split(layer.diff_id)[1]).is_dir()

    def get(self, layer: Layer) -> UnpackedLayer:
        """Return a layer's files, unpacked where they were not yet.

        Raises:
            InvalidImage: the layer is damaged, too large, or holds an unsafe path.
            StoreError: the cache cannot be written.
            ImageError: the layer is not on this machine, and cannot be fetched.
        """
        name = digests.split(layer.diff_id)[1]
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:  # others wait for the layer that they need, not for every layer
            if name not in self._known:
                goal = self._directory / name
                try:
                    os.utime(goal)  # it is of use
                except FileNotFoundError:
                    self._unpack(layer, goal)
                    self._forget()
                said = json.loads((goal / _HIDES).read_text(encoding="utf-8"))
                self._known[name] = UnpackedLayer(goal / _FILES, Hides(**{key: tuple(said[key]) for key in said}))
            return self._known[name]

    def _unpack(self, layer: Layer, goal: Path) -> None:
        with durable.storing(self._directory), Stage(self._directory / _STAGES) as stage:
            self._directory.chmod(_ONLY_MINE)
            files = stage.path / _FILES
            files.mkdir()
            hides = unpack_layer(layer, files, owned=self._owned)
            if self._marks:
                _mark(files, hides, f"{self._marks}.overlay.opaque")
            (stage.path / _HIDES).write_text(json.dumps(asdict(hides)), encoding="utf-8")
            _sync_file_system(stage.path)
            try:
                stage.path.rename(goal)
            except OSError:
                if not goal.is_dir():  # else another process was faster
                    raise
            durable.sync_directory(self._directory)

    def _forget(self) -> None:
        """Delete the layers that have not been of use for long."""
        for path in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name != _STAGES and time.time() - path.stat().st_mtime > _UNUSED:
                    with Stage(self._directory / _STAGES) as stage:
                        path.rename(stage.path / _FILES)


def _mark(files: Path, hides: Hides, attribute: str) -> None:
    """Tell overlayfs what is hidden: a device 0/0 in place of a path, an attribute on a directory that starts empty."""
    for path in hides.implied:
        (files / path).mkdir(exist_ok=True)
        (files / path).chmod(0o755)
    for path in hides.paths:
        os.mknod(files / path, stat.S_IFCHR, os.makedev(0, 0))
    for path in hides.contents:
        if path:  # overlayfs does not look at the top; whoever mounts leaves out what lies below
            os.setxattr(files / path, attribute, b"y")


def _sync_file_system(path: Path) -> None:
    """Have everything on disk before its name says that it is there: one call, since a layer has thousands of files."""
    import ctypes  # noqa: PLC0415 - start-up time: nearly always the layer is there

    descriptor = os.open(path, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "the disk cannot be synced")
    finally:
        os.close(descriptor)
