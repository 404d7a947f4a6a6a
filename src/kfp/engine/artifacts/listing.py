"""What lies at a URI of an object store, as names that are safe to be given to files."""

from __future__ import annotations

from typing import Final

import msgspec

from kfp.engine.addresses import redacted
from kfp.errors import RunError

EMPTY_DIRECTORY: Final = ".kfp_empty_directory"
"""An object that stands for an empty directory, which an object store has none of."""

MAX_FILES: Final = 1_000_000
_MAX_NAME = 255
_MAX_PATH = 3000


class RemoteFile(msgspec.Struct, frozen=True):
    """An object.

    Args:
        key: how its store calls it.
        name: where it goes below the directory, with `/`; empty for what is a file by itself.
        size: in bytes.
        version: changes with its content: its ETag, or the time of its last change.
    """

    key: str
    name: str
    size: int
    version: str


class Listing(msgspec.Struct, frozen=True):
    """A file, or a directory with all that is below it.

    Args:
        uri: where it lies.
        files: the objects, by name.
        directories: empty directories, by name.
        is_directory: whether it is one.
    """

    uri: str
    files: tuple[RemoteFile, ...]
    directories: tuple[str, ...] = ()
    is_directory: bool = False

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)


def directory_listing(uri: str, found: dict[str, RemoteFile]) -> Listing:
    """Return the listing of a directory.

    Args:
        uri: the directory.
        found: its objects, by what their keys have after the directory's own.

    Raises:
        RunError: a key would lead out of the directory, or cannot be a file's name, or is also a directory.
    """
    if len(found) > MAX_FILES:
        raise RunError(f"{redacted(uri)} holds more than {MAX_FILES:,} objects", hint="pack them into one file")
    files, directories = [], []
    above: set[str] = set()
    for name, file in sorted(found.items()):
        if not name or (name.endswith("/") and file.size == 0):  # what consoles write when they make a directory
            continue
        parts = name.split("/")
        if not all(_is_safe(part) for part in parts) or len(name.encode("utf-8", "surrogatepass")) > _MAX_PATH:
            raise RunError(
                f"{redacted(uri)} holds an object that cannot be a file below a directory: {name[:200]!r}",
                hint="name the objects without `..` and empty parts",
            )
        above.update("/".join(parts[:count]) for count in range(1, len(parts)))
        if parts[-1] == EMPTY_DIRECTORY and file.size == 0:
            directories.append("/".join(parts[:-1]))
        else:
            files.append(file)
    for file in files:
        if file.name in above:
            raise RunError(f"{redacted(uri)} holds {file.name[:200]!r} as an object and as a directory")
    return Listing(uri, tuple(files), tuple(directories), is_directory=True)


def _is_safe(part: str) -> bool:
    if part in ("", ".", "..") or "\0" in part:
        return False
    try:
        return len(part.encode()) <= _MAX_NAME
    except UnicodeEncodeError:
        return False
