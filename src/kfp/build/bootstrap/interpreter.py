"""The running interpreter: its program, its standard library with compiled modules, its extension modules."""

from __future__ import annotations

import fnmatch
import importlib.util
import marshal
import os
import posixpath
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kfp.build.tree import Tree

PREFIX = "usr/local"
_LEFT_OUT_FOLDERS = {
    "__pycache__", "dist-packages", "idlelib", "site-packages", "test", "tests", "tkinter", "turtledemo",
}  # fmt: skip
_LEFT_OUT = (
    "config-*", "EXTERNALLY-MANAGED", "*.a", "*.pyc", "*.pyo", "*.exe", "_test*.so", "_tkinter*.so", "_ctypes_test*.so",
    "xxlimited*.so", "xxsubtype*.so", "turtle.py",
)  # fmt: skip
_UNCHECKED_HASH = (0b01).to_bytes(4, "little")
_HEADER = 16
_SITE_PACKAGES = "import site; print(*site.getsitepackages(['/usr/local']), sep='\\n')"


@dataclass(frozen=True)
class Interpreter:
    """A CPython installation of this machine.

    Args:
        executable: the program itself, no symbolic link and no virtual environment's copy.
        version: such as `3.11.7`.
        base_prefix: the directory that the installation lies in.
        libraries: the directories of the standard library (two where the platform has lib64).
        site_packages: where it looks for packages once it lies under /usr/local, relative to the root.
    """

    executable: Path
    version: str
    base_prefix: Path
    libraries: tuple[Path, ...]
    site_packages: str

    @classmethod
    def running(cls) -> Interpreter:
        """Gives the interpreter that runs this, or the one that its virtual environment was made of."""
        executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        libraries = dict.fromkeys(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
        if not executable.is_file() or not all((library / "os.py").is_file() for library in list(libraries)[:1]):
            raise BuildError(f"the interpreter {executable} has no standard library in {next(iter(libraries))}")
        return cls(
            executable=executable,
            version=sys.version.split(maxsplit=1)[0].rstrip("+"),
            base_prefix=Path(sys.base_prefix),
            libraries=tuple(library for library in libraries if library.is_dir()),
            site_packages=_site_packages(executable),
        )

    @property
    def name(self) -> str:
        """The program's name with its version, such as `python3.11`."""
        return f"python{sys.version_info.major}.{sys.version_info.minor}"

    def add_to(self, tree: Tree) -> list[Path]:
        """Adds program and standard library under /usr/local and returns the extension modules among them."""
        tree.copy(f"{PREFIX}/bin/{self.name}", self.executable, executable=True)
        tree.link(f"{PREFIX}/bin/python3", self.name)
        tree.link(f"{PREFIX}/bin/python", "python3")
        tree.directory(self.site_packages)
        extensions = []
        for library in self.libraries:
            place = f"{PREFIX}/{self._relative(library)}"
            for path in _files(library):
                target = f"{place}/{path.relative_to(library).as_posix()}"
                tree.copy(target, path, executable=False)
                if path.suffix == ".so":
                    extensions.append(path)
                elif path.suffix == ".py" and (compiled := _compiled(path, target)) is not None:
                    tree.write(_cache_path(target), compiled)
        return extensions

    def _relative(self, library: Path) -> str:
        try:
            return library.relative_to(self.base_prefix).as_posix()
        except ValueError:
            return f"lib/{library.name}"


def _files(library: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(library):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT_FOLDERS and not _left_out(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _left_out(name) and path.is_file():
                yield path


def _left_out(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT)


def _compiled(source: Path, target: str) -> bytes | None:
    """Gives the module's code with a header that Python trusts without looking at the source (PEP 552)."""
    text = source.read_bytes()
    body = _cached_code(source) or _code(text, f"/{target}")
    return body and importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(text) + body


def _cached_code(source: Path) -> bytes | None:
    """Takes the code that this machine compiled already, where it is of this very source; imports correct its paths."""
    try:
        data = Path(importlib.util.cache_from_source(str(source))).read_bytes()
    except OSError:
        return None
    status = source.stat()
    stamp = (int(status.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (status.st_size & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    fresh = data[:_HEADER] == importlib.util.MAGIC_NUMBER + bytes(4) + stamp
    return data[_HEADER:] if fresh else None


def _code(text: bytes, name: str) -> bytes | None:
    try:
        return marshal.dumps(compile(text, name, "exec", dont_inherit=True, optimize=0))
    except (SyntaxError, ValueError):  # templates and samples in the library that are no modules
        return None


def _cache_path(target: str) -> str:
    folder, name = posixpath.split(target)
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"


def _site_packages(executable: Path) -> str:
    """Asks the interpreter, for distributions patch it (Debian's has dist-packages)."""
    asked = subprocess.run(
        [str(executable), "-I", "-c", _SITE_PACKAGES], capture_output=True, text=True, check=False
    ).stdout.split("\n")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for line in asked:
        if line.startswith(f"/{PREFIX}/lib") and version in line.split("/"):
            return line.lstrip("/")
    return f"{PREFIX}/lib/{version}/site-packages"
