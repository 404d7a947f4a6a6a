"""A user's pipeline file: imported, and searched for what to compile."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from kfp.dsl.base_component import BaseComponent
from kfp.dsl.graph_component import GraphComponent
from kfp.errors import AuthoringError, SkiffError
from kfp.location import Location
from kfp.runtime import loader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


def load(path: Path) -> ModuleType:
    """Import a Python file as the member of its directory that it is.

    The modules beside it can be imported, relatively too; none of them hides one of the standard library. What the file
    prints goes to stderr, since stdout is the command's.

    Args:
        path: the file.

    Raises:
        AuthoringError: the file fails; the message has the file and the line where.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 a symbolic link stays: the modules beside the link are meant
    try:
        with contextlib.redirect_stdout(sys.stderr):
            if "." in absolute.stem:
                return loader.load_file(str(absolute))
            return loader.load_module(absolute.parent, absolute.name)
    except SkiffError as error:
        error.location = error.location or _location(error, absolute)
        raise
    except (Exception, SystemExit) as error:
        location = _location(error, absolute)
        what = "" if location.path == str(absolute) else f"{shown(absolute)} "
        raise AuthoringError(f"{what}cannot be loaded: {_what(error)}", hint=_hint(error), location=location) from error


def find(module: ModuleType, function: str | None) -> BaseComponent:
    """Return the pipeline or component of a module that is meant.

    Args:
        module: what `load` returned.
        function: its name, or None for the only pipeline, or else the only component. What the file itself defines
            counts for more than what it imports.

    Raises:
        AuthoringError: there is none of that name, none at all, or more than one.
    """
    path = shown(Path(str(module.__file__)))
    found = {name: value for name, value in vars(module).items() if isinstance(value, BaseComponent)}
    listing = _listing(found)
    if function is not None:
        if function not in found:
            there = f"it has {listing}" if found else "it has no pipeline and no component"
            raise AuthoringError(f"{path} has no pipeline or component {function!r}", hint=there)
        return found[function]
    pipelines = _own({name: value for name, value in found.items() if isinstance(value, GraphComponent)}, module)
    components = _own({name: value for name, value in found.items() if not isinstance(value, GraphComponent)}, module)
    candidates = list({id(value): value for value in (pipelines or components).values()}.values())
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise AuthoringError(f"{path} has no pipeline and no component", hint="decorate a function with @dsl.pipeline")
    what = "pipelines" if pipelines else "components and no pipeline"
    raise AuthoringError(
        f"{path} has {len(candidates)} {what}: {', '.join(pipelines or components)}",
        hint=f"say which one, such as --function {next(iter(pipelines or components))}",
    )


def shown(path: Path) -> str:
    """Return a path as people read it: from the working directory if it lies below."""
    with contextlib.suppress(ValueError, OSError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _own(found: Mapping[str, BaseComponent], module: ModuleType) -> dict[str, BaseComponent]:
    own = {name: value for name, value in found.items() if _module(value) == module.__name__}
    return own or dict(found)


def _module(component: BaseComponent) -> str | None:
    function = getattr(component, "pipeline_func", None) or getattr(component, "python_func", None)
    return getattr(function, "__module__", None)


def _listing(found: Mapping[str, BaseComponent]) -> str:
    pipelines = [name for name, value in found.items() if isinstance(value, GraphComponent)]
    components = [name for name in found if name not in pipelines]
    parts = [("pipeline", pipelines), ("component", components)]
    return " and ".join(f"the {kind}{'s' * (len(names) > 1)} {', '.join(names)}" for kind, names in parts if names)


def _location(error: BaseException, path: Path) -> Location:
    """Return the user's innermost line, which is in the file or beside it."""
    if isinstance(error, SyntaxError) and error.filename:
        return Location(error.filename, error.lineno or 1)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename, path)]
    return Location(frames[-1].filename, frames[-1].lineno or 1) if frames else Location(str(path), 1)


def _is_users(filename: str, path: Path) -> bool:
    if not filename.endswith(".py") or "site-packages" in Path(filename).parts:
        return False
    return path.parent in Path(filename).parents


def _what(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it ends the program when it is imported"
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _hint(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install {error.name.partition('.')[0]}, or import it inside the component that uses it"
    if isinstance(error, SystemExit):
        return "put what a script does under `if __name__ == '__main__':`"
    return None
