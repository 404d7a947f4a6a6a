"""Content of artifacts that lie elsewhere, kept on this machine: each once, the longest unused one goes first.

<home>/cache/artifacts/<key>/content      a file or a directory
<home>/cache/artifacts/<key>/entry.json   its size, and what tells whether a step has written to it since
<home>/cache/artifacts/<key>.draft        the same while it comes
<home>/cache/artifacts/locks/<key>        held by whoever makes or uses it
<home>/cache/artifacts/web/<key>          which content a web server gave last, see `pages.py`

A step gets links to the files, so that what it uses stays its own when the cache lets go of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kfp.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kfp.engine.artifacts.transfer import Transfer

LIMIT_VARIABLE: Final = "KFP_ARTIFACT_CACHE"
_DEFAULT_LIMIT = 20 << 30
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_ASK_AGAIN_SECONDS = 0.1
_DRAFT = ".draft"
_ASIDE = frozenset({"locks", "web"})


def cache_limit(environment: Mapping[str, str]) -> int:
    """Return how many bytes the cache keeps: `KFP_ARTIFACT_CACHE`, such as `50G`, else 20 GiB.

    Raises:
        RunError: the variable is no size.
    """
    text = environment.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return _DEFAULT_LIMIT
    found = _SIZE.fullmatch(text)
    if found is None:
        raise RunError(f"{LIMIT_VARIABLE}={text} is no size", hint="such as 50G")
    return int(float(found[1]) * 1024 ** _POWERS[found[2].lower()])


def key_of(*parts: str) -> str:
    """Return the key of content that such texts identify."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


class ArtifactCache:
    """The cache of a home; threads and processes share it.

    Args:
        directory: where it lies.
        limit: how many bytes it keeps when nobody is using it.
    """

    def __init__(self, directory: Path, limit: int) -> None:
        self._directory, self._limit = directory, limit
        self._added = limit  # so that the first one looks what an earlier process has left

    def obtain(
        self, key: str, into: Path, make: Callable[[Path], None], transfer: Transfer, *, own: bool = False
    ) -> None:
        """Put content where a step finds it.

        Args:
            key: identifies the content.
            into: where it goes; what is there is removed.
            make: writes the content to a path where nothing is yet, if the cache lacks it.
            transfer: may be given up.
            own: whether it is a copy that may be written to, in place of links to the cache's files.

        Raises:
            Canceled: it was given up.
            OSError: the disk refuses.
            Exception: what `make` raises.
        """
        with self.locked(key, transfer):
            entry = self._directory / key
            if not _is_intact(entry):
                self._make(key, make)
            os.utime(entry / "entry.json")
            _place(entry / "content", into, _copy_file if own else _link_file)
        self._sweep()

    def has(self, key: str) -> bool:
        """Tell whether the cache holds content."""
        return _is_intact(self._directory / key)

    def adopt(self, key: str, path: Path, transfer: Transfer) -> None:
        """Take a file or directory that is needed no more where it lies.

        Raises:
            Canceled: it was given up.
            OSError: the disk refuses.
        """
        with self.locked(key, transfer):
            self._make(key, partial(_move, path))
        self._sweep()

    def _make(self, key: str, make: Callable[[Path], None]) -> None:
        entry, draft = self._directory / key, self._directory / (key + _DRAFT)
        for path in (entry, draft):
            _remove(path)
        draft.mkdir(parents=True)
        try:
            make(draft / "content")
            stamp, size = _stamp(draft / "content")
            _write(draft / "entry.json", {"stamp": stamp, "size": size})
            draft.rename(entry)
        except BaseException:
            _remove(draft)
            raise
        self._added += size

    def _sweep(self) -> None:
        """Let go of what was not used for longest, where there is too much; now and then is enough."""
        if self._added < self._limit // 64:
            return
        self._added = 0
        entries = sorted(_entries(self._directory))
        total = sum(size for _, size, _ in entries)
        for _, size, key in entries:
            is_draft = key.endswith(_DRAFT)
            if total <= self._limit and not is_draft:
                continue
            with self._if_free(key.removesuffix(_DRAFT)) as free:
                if free:
                    _remove(self._directory / key)
                    _remove(self._directory / "locks" / key.removesuffix(_DRAFT))
                    total -= size

    @contextlib.contextmanager
    def locked(self, key: str, transfer: Transfer) -> Iterator[None]:
        """Be the only one who makes or uses a key's content, here and in other processes.

        Raises:
            Canceled: it was given up while somebody else was.
        """
        while True:
            with self._if_free(key) as free:
                if free:
                    yield
                    return
            transfer.pause(_ASK_AGAIN_SECONDS)

    @contextlib.contextmanager
    def _if_free(self, key: str) -> Iterator[bool]:
        """Hold a key's lock, if nobody else does."""
        path = self._directory / "locks" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                free = False
            else:
                free = _is_same(descriptor, path)
            yield free
        finally:
            os.close(descriptor)


def _is_same(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _entries(directory: Path) -> Iterator[tuple[float, int, str]]:
    """Yield when each entry was used last, its size and its key."""
    for path in directory.iterdir():
        if path.name in _ASIDE:
            continue
        try:
            used = (path / "entry.json").stat().st_mtime
            size = int(json.loads((path / "entry.json").read_text("utf-8"))["size"])
        except (OSError, ValueError, KeyError, TypeError):
            used, size = 0.0, 0
        yield used, size, path.name


def _is_intact(entry: Path) -> bool:
    """Tell whether an entry is there and nobody has written to its files since."""
    try:
        known = json.loads((entry / "entry.json").read_text("utf-8"))
        return isinstance(known, dict) and [known.get("stamp"), known.get("size")] == [*_stamp(entry / "content")]
    except (OSError, ValueError):
        return False


def _stamp(content: Path) -> tuple[str, int]:
    """Return what changes when one of the files does, and the bytes of all of them."""
    digest, size = hashlib.sha256(), 0
    for path in [content] if not content.is_dir() else sorted(content.rglob("*")):
        status = path.lstat()
        if path.is_dir() and not path.is_symlink():
            digest.update(f"{path.relative_to(content)}/\n".encode("utf-8", "surrogateescape"))
            continue
        size += status.st_size
        line = f"{path.relative_to(content)}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest(), size


def _place(source: Path, into: Path, place_file: Callable[[str, str], None]) -> None:
    _remove(into)
    into.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, into, symlinks=True, copy_function=place_file)
    else:
        place_file(str(source), str(into))


def _copy_file(source: str, target: str) -> None:
    shutil.copyfile(source, target, follow_symlinks=False)


def _link_file(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another disk, or one without links
        _copy_file(source, target)


def _move(source: Path, target: Path) -> None:
    shutil.move(source, target)


def _write(path: Path, known: Mapping[str, Any]) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(known), encoding="utf-8")
    draft.replace(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
