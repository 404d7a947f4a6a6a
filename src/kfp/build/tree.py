"""A file tree in the making: entries by path, with the directories above them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kfp.images.tar import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def missing_directories(paths: Iterable[str], present: Iterable[str] = ()) -> list[Entry]:
    """Gives entries for the directories above `paths` that are not `present`, which no layer may touch.

    Args:
        paths: relative paths with `/`.
        present: directories of the layers below; those above them are present as well.
    """
    known = {"", *present}
    for path in tuple(known):
        known.update(tuple(_new_parents(path, known)))
    wanted = [folder for path in paths for folder in _new_parents(path, known)]
    return [Entry.directory(folder) for folder in sorted(wanted)]


def _new_parents(path: str, known: set[str]) -> Iterator[str]:
    """Gives the directories above a relative path that are not known, nearest first; then they are."""
    folder = posixpath.dirname(path)
    while folder not in known:
        known.add(folder)
        yield folder
        folder = posixpath.dirname(folder)


class Tree:
    """Collects the entries of a whole root file system; the first entry of a path stays.

    Symbolic links to directories (`lib` → `usr/lib`) are followed: what is put below them goes where they point.

    Args:
        links: directory links at the root, name → relative target.
    """

    def __init__(self, links: dict[str, str]) -> None:
        self._links = dict(links)
        self._entries = {name: Entry.symlink(name, target) for name, target in links.items()}

    def __contains__(self, path: str) -> bool:
        return self.place(path) in self._entries

    def place(self, path: str) -> str:
        """Gives the path that an absolute or relative path has in this tree, links followed."""
        relative = posixpath.normpath(path).lstrip("/")
        first, slash, rest = relative.partition("/")
        return f"{self._links[first]}/{rest}" if slash and first in self._links else relative

    def copy(self, path: str, source: Path, *, executable: bool | None = None) -> None:
        """Adds a copy of a file of this machine."""
        place = self.place(path)
        if place not in self._entries:
            self._entries[place] = Entry.copy(place, source, executable=executable)

    def write(self, path: str, data: bytes) -> None:
        """Adds a file of these bytes."""
        place = self.place(path)
        self._entries.setdefault(place, Entry.file(place, data))

    def link(self, path: str, target: str) -> None:
        """Adds a symbolic link."""
        place = self.place(path)
        self._entries.setdefault(place, Entry.symlink(place, target))

    def directory(self, path: str, *, sticky: bool = False) -> None:
        """Adds a directory."""
        place = self.place(path)
        self._entries.setdefault(place, Entry.directory(place, sticky=sticky))

    def entries(self) -> list[Entry]:
        """Gives all entries with every directory above them, sorted by path."""
        present = [entry.path for entry in self._entries.values() if entry.kind is Kind.DIRECTORY]
        new = [entry for entry in missing_directories(self._entries) if entry.path not in present]
        return sorted((*self._entries.values(), *new), key=lambda entry: entry.path)
