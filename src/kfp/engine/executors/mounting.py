"""A program that sees some directories and files at other places than the machine has them, and starts another.

    python mounting.py '{"mounts": [[SOURCE, TARGET, READ_ONLY], …], "staging": DIRECTORY}' PROGRAM [ARGUMENT]…

It takes a mount namespace of its own (where it is not root, with a user namespace), so nothing that it mounts is seen
by others, and all of it is gone with its last process. A place that the machine does not have appears in it: the
directory that it would be in is covered by one that holds all of its entries and the new one, so nothing is written.
Linux only; the standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
import sys
import tempfile
from pathlib import Path

CANNOT = 125
"""The exit code where a mount failed; a line on standard error says why."""

_NEWNS, _NEWUSER = 0x20000, 0x10000000
_RDONLY, _REMOUNT, _BIND, _MOVE, _REC, _PRIVATE, _RELATIME = 1, 32, 4096, 8192, 16384, 1 << 18, 1 << 21
_KEPT = {os.ST_NOSUID: 2, os.ST_NODEV: 4, os.ST_NOEXEC: 8, os.ST_NOATIME: 1024, os.ST_NODIRATIME: 2048}
_MOST_ENTRIES = 20_000
_libc = ctypes.CDLL(None, use_errno=True)


class Places:
    """Puts things at their places; `staging` is an existing directory to mount at meanwhile."""

    def __init__(self, staging: str) -> None:
        self._staging = staging
        self._sources: list[str] = []
        self._in_memory: set[str] = set()

    def put(self, source: str, target: str, *, read_only: bool) -> None:
        """Have a directory or file appear at an absolute path."""
        place = self._placed(target, is_directory=Path(source).is_dir())
        mount(source, place, flags=_BIND | _REC)
        if read_only:
            mount("none", place, flags=_BIND | _REMOUNT | _RDONLY | _locked(place))
        self._sources.append(place)

    def _placed(self, target: str, *, is_directory: bool) -> str:
        """Return an existing path for a target, made where it is missing."""
        place = Path(target).resolve()
        there = next(each for each in (place, *place.parents) if os.path.lexists(each))
        if there == place:
            return str(place)
        if not self._is_ours(there):
            self._cover(there)
        for each in (*reversed([above for above in place.parents if there in above.parents]), place):
            if each == place and not is_directory:
                each.touch()
            else:
                each.mkdir(exist_ok=True)
                self._in_memory.add(str(each))
        return str(place)

    def _is_ours(self, directory: Path) -> bool:
        """Tell whether something may be made in a directory; what is around it says nothing."""
        inside = {str(directory), *map(str, directory.parents)}
        return str(directory) in self._in_memory or any(source in inside for source in self._sources)

    def _cover(self, directory: Path) -> None:
        """Cover a directory by one in memory with the same entries."""
        entries = list(directory.iterdir())
        if len(entries) > _MOST_ENTRIES:
            raise OSError(errno.E2BIG, f"it has {len(entries)} entries, too many to add one", str(directory))
        cover = tempfile.mkdtemp(dir=self._staging)
        mount("kfp", cover, kind="tmpfs", data=f"mode={stat.S_IMODE(directory.stat().st_mode):o}")
        for entry in entries:
            _repeat(entry, Path(cover, entry.name))
        if directory == Path("/"):
            os.chroot(cover)
        else:
            mount(cover, str(directory), flags=_MOVE)
        self._in_memory.add(str(directory))


def enter() -> None:
    """Take a mount namespace of our own."""
    user, group = os.geteuid(), os.getegid()
    if user != 0 or _libc.unshare(_NEWNS) != 0:
        if _libc.unshare(_NEWNS | _NEWUSER) != 0:
            raise _error("a mount namespace")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text, encoding="ascii")
    mount("none", "/", flags=_REC | _PRIVATE)


def mount(source: str, target: str, *, kind: str = "none", flags: int = 0, data: str = "") -> None:
    """Have the system mount something; the words are those of the call."""
    words = [each.encode() for each in (source, target, kind)]
    if _libc.mount(*words, ctypes.c_ulong(flags), data.encode()) != 0:
        raise _error(target)


def main(arguments: list[str]) -> None:
    """Mount, then become the program; without one, find out whether mounting is allowed."""
    try:
        wanted = json.loads(arguments[0])
        here = Path.cwd()
        enter()
        places = Places(wanted["staging"])
        # Each source is taken hold of first: a mount may hide the source of another one, such as one at /dev/shm.
        mounts = [(_held(source), target, read_only) for source, target, read_only in wanted["mounts"]]
        for source, target, read_only in sorted(mounts, key=lambda each: str(each[1]).count("/")):
            places.put(source, target, read_only=read_only)
        os.chdir(here)
    except OSError as error:
        print(f"cannot mount {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        sys.exit(CANNOT)
    if arguments[1:]:
        os.execv(arguments[1], arguments[1:])  # noqa: S606 - a step's own program


def _held(path: str) -> str:
    """Return a path that leads to what another path leads to now; it serves until the program starts."""
    return f"/proc/self/fd/{os.open(path, os.O_PATH)}"


def _repeat(original: Path, copy: Path) -> None:
    """Have an entry appear at another place; what cannot be had there is left out."""
    try:
        if original.is_symlink():
            copy.symlink_to(original.readlink())
            return
        if original.is_dir():
            copy.mkdir()
        else:
            copy.touch()
        mount(str(original), str(copy), flags=_BIND | _REC)
    except OSError as error:
        print(f"left out {original}: {error.strerror or error}", file=sys.stderr)


def _locked(place: str) -> int:
    """Return the flags that a mount has and that must stay: without rights over the machine none can be taken away."""
    has = os.statvfs(place).f_flag
    return sum(flag for name, flag in _KEPT.items() if has & name) | (_RELATIME if has & os.ST_RELATIME else 0)


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    main(sys.argv[1:])
