"""The shared libraries that programs and extension modules need, as this machine's own loader finds them.

All libraries go into the directory of the C library, which every loader searches without a cache, so the image
needs neither ld.so.cache nor LD_LIBRARY_PATH, whatever rpath the interpreter was built with.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kfp.build.tree import Tree

_RESOLVED = re.compile(r"^\s*(?P<name>\S+) => (?P<path>/\S.*?) \(0x[0-9a-f]+\)$", re.MULTILINE)
_LIBC = re.compile(r"libc(?:\.musl-\w+)?\.so(?:\.\d+)?")
_PT_INTERP = 3
_ELF64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"

OPENED_LATER = (
    "libgcc_s.so.1",  # threads that are cancelled
    "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2",  # names of users and hosts
    "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1",  # part of libc by now, but still named
    "libstdc++.so.6", "libz.so.1", "libatomic.so.1",  # what manylinux wheels may expect (PEP 600)
)  # fmt: skip


def add_libraries(tree: Tree, programs: Iterable[Path], modules: Iterable[Path]) -> None:
    """Adds the loader and every library that the programs and extension modules need, directly or not.

    Args:
        tree: where they are added.
        programs: ELF programs, the interpreter first; its loader is the image's.
        modules: extension modules; one whose libraries are not on this machine is left alone.

    Raises:
        BuildError: the interpreter names no loader, or there is no C library.
    """
    files = [*programs, *modules]
    loader = program_loader(files[0])
    libraries = {name: path for file in reversed(files) for name, path in needed(loader, file).items()}
    directory = _libc_directory(libraries)
    for name in OPENED_LATER:
        if name not in libraries and (directory / name).is_file():
            libraries |= {name: directory / name, **needed(loader, directory / name)}
    for name, path in libraries.items():
        tree.copy(f"{directory}/{name}", path.resolve(), executable=True)
    tree.copy(str(loader), loader.resolve(), executable=True)


def needed(loader: Path, file: Path) -> dict[str, Path]:
    """Asks the loader which libraries a file needs: name → where this machine has it."""
    try:
        listed = subprocess.run([str(loader), "--list", str(file)], capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"the loader {loader} does not start: {error}") from error
    return {found["name"]: Path(found["path"]) for found in _RESOLVED.finditer(listed.stdout)}


def program_loader(program: Path) -> Path:
    """Reads which loader starts a program (ELF specification, program header PT_INTERP).

    Raises:
        BuildError: the file is no 64-bit program with a loader.
    """
    with program.open("rb") as stream:
        header = stream.read(64)
        if not header.startswith(_ELF64_LITTLE_ENDIAN):
            raise BuildError(f"{program} is no 64-bit ELF program; it cannot be packed into an image")
        (table,) = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        for index in range(count):
            stream.seek(table + index * size)
            kind, _, offset, _, _, length = struct.unpack("<IIQQQQ", stream.read(40))
            if kind == _PT_INTERP:
                stream.seek(offset)
                return Path(stream.read(length).rstrip(b"\0").decode())
    raise BuildError(f"{program} is linked statically; its libraries cannot be found")


def _libc_directory(libraries: dict[str, Path]) -> Path:
    for name, path in libraries.items():
        if _LIBC.fullmatch(name):
            return path.parent
    raise BuildError("the interpreter's C library was not found on this machine")
