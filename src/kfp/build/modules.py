"""Imports the files of a component directory, as members of one package, and collects the components they define."""

from __future__ import annotations

import contextlib
import fnmatch
import importlib
import sys
import traceback
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kfp.dsl.python_component import PythonComponent
from kfp.errors import BuildError, SkiffError
from kfp.runtime.loader import load_module
from kfp.runtime.safe_path import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType


def matching_files(directory: Path, pattern: str, belonging: frozenset[str]) -> list[str]:
    """Gives the Python files of a component directory that match a pattern.

    Args:
        directory: absolute path.
        pattern: a pattern of `pathlib.Path.glob`.
        belonging: relative paths of the files that go into the image; others hold no components.

    Returns:
        Relative paths with `/`, sorted.

    Raises:
        BuildError: the pattern is malformed, or no file matches it.
    """
    wanted = _parts(pattern)
    files: dict[Path, str] = {}
    for path in sorted(path for path in belonging if path.endswith(".py") and _matches(path.split("/"), wanted)):
        if not (directory / path).is_symlink() or (directory / path).resolve() not in files:
            files[(directory / path).resolve()] = path  # a link to a file that matches as well is no second module
    found = sorted(files.values())
    if not found:
        there = sorted(path.relative_to(directory).as_posix() for path in directory.glob(pattern))
        left_out = [path for path in there if path.endswith(".py")]
        raise BuildError(
            f"no Python file in {directory} matches the pattern {pattern!r}"
            + (f", except {left_out[0]}, which is left out of the image" if left_out else ""),
            hint=_PATTERN_HINT,
        )
    return found


def _parts(pattern: str) -> Sequence[str]:
    """Reads a pattern as `pathlib.Path.glob` does, which itself would walk through all that is left out.

    Raises:
        BuildError: it is empty or absolute, leaves the directory, or has `**` beside something else.
    """
    parts = PurePosixPath(pattern).parts
    if not parts or parts[0] == "/" or ".." in parts or any("**" in part and part != "**" for part in parts):
        raise BuildError(f"the file pattern {pattern!r} cannot be used", hint=_PATTERN_HINT)
    return parts


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_matches(names[skip:], parts[1:]) for skip in range(len(names)))
    return bool(names) and fnmatch.fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])


_PATTERN_HINT = "--component-filepattern is relative to the component directory, for example my_component.py or **/*.py"


def load_components(directory: Path, files: Iterable[str]) -> Iterator[tuple[str, PythonComponent]]:
    """Imports files and yields each with the components that it defines, in the order of their definition.

    Args:
        directory: absolute path.
        files: relative paths.

    Raises:
        BuildError: a module fails to import; the message names file and line, the cause carries the exception.
        SkiffError: a component is written in a way that cannot work.
    """
    _forget_members()
    for file in files:
        module = _load(directory, file)
        seen = set()
        for value in vars(module).values():
            if isinstance(value, PythonComponent) and id(value) not in seen and _defined_in(value, module):
                seen.add(id(value))
                yield file, value


def _forget_members() -> None:
    """Lets a second build in one process see what changed in the directory, or in another one."""
    names = [name for name in sys.modules if name == MEMBERS or name.startswith(f"{MEMBERS}.")]
    members = {id(sys.modules[name]) for name in names}
    for name, module in list(sys.modules.items()):
        if id(module) in members:  # also under the plain name that `from helpers import x` gave it
            del sys.modules[name]
    importlib.invalidate_caches()


def _load(directory: Path, file: str) -> ModuleType:
    try:
        # What a module prints is no result of the command.
        with contextlib.redirect_stdout(sys.stderr):
            return load_module(directory, file)
    except SkiffError:
        raise
    except (Exception, SystemExit) as error:
        place, line = _where(error, directory, directory / file)
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if isinstance(error, SyntaxError):
            what = f"{type(error).__name__}: {error.msg}"
        raise BuildError(f"{place}:{line}: {file} cannot be imported: {what}", hint=_import_hint(error)) from error


def _where(error: BaseException, directory: Path, file: Path) -> tuple[Path, int]:
    """Finds the last line of the user's own that the exception passed through."""
    place, line = file, 1
    for frame in traceback.extract_tb(error.__traceback__):
        if directory in Path(frame.filename).parents:
            place, line = Path(frame.filename), frame.lineno or line
    if isinstance(error, SyntaxError) and error.filename and directory in Path(error.filename).parents:
        place, line = Path(error.filename), error.lineno or line
    return place, line


def _import_hint(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return f"install {package} into the environment that builds, or import it inside the component"
    if isinstance(error, SystemExit):
        return "a module that is also a script wants its commands below: if __name__ == '__main__':"
    return None


def _defined_in(component: PythonComponent, module: ModuleType) -> bool:
    """Tells a component from one that was imported; a wrapped function (functools.wraps) says where it is from, too."""
    return component.python_func.__module__ == module.__name__
