"""The loading of component functions: from one file, or from a directory of components (see `kfp.runtime.members`)."""

import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, Dict

from kfp.errors import RunError
from kfp.runtime.safe_path import CONFIG, MEMBERS

_FUTURE_ANNOTATIONS = 0x1000000 if sys.version_info >= (3, 8) else 0x100000  # __future__.annotations.compiler_flag


def load_module(root: Any, relative: str) -> ModuleType:
    """Import a module of a component directory, in a step or on the author's machine.

    Args:
        root: the component directory; loading from another root forgets the modules of the one before.
        relative: the module's file under it, with slashes, such as `training/model.py`.

    Raises:
        Exception: whatever the module raises.
    """
    from kfp.runtime import members  # a lightweight component's command travels without it

    members.install(os.fspath(root))
    parts = relative[: -len(".py")].replace(os.sep, "/").split("/")
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return import_module(".".join([MEMBERS] + parts))


def load_file(path: str) -> ModuleType:
    """Import one file on its own, the source of a lightweight component.

    Raises:
        Exception: whatever the module raises.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RunError("{} is not a Python file".format(path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    # Last, so that it hides nothing; worker processes of the step import the module by its name.
    sys.path.append(os.path.dirname(os.path.abspath(path)))
    try:
        spec.loader.exec_module(module)
    except TypeError:
        if sys.version_info >= (3, 10):
            raise
        # `int | None` or `list[int]` in a signature, written on a newer Python: leave annotations unevaluated.
        with open(path, encoding="utf-8") as file:
            code = compile(file.read(), path, "exec", flags=_FUTURE_ANNOTATIONS, dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 -- the component's own source
    return module


def module_of(directory: str, function_name: str) -> str:
    """Look up in a directory's `kfp_config.ini` which module holds a component function.

    Returns:
        The module's file, relative to the directory.

    Raises:
        RunError: there is no such file, or it does not name the function.
    """
    path = os.path.join(directory, CONFIG)
    functions: Dict[str, str] = {}
    try:
        with open(path, encoding="utf-8") as file:
            section = ""
            for line in file:
                text = line.strip()
                if text.startswith("["):
                    section = text.strip("[]")
                elif section == "Components" and "=" in text and not text.startswith(("#", ";")):
                    key, _, value = text.partition("=")
                    functions[key.strip()] = value.strip()
    except FileNotFoundError:
        raise RunError(
            "there is no {} in {}".format(CONFIG, directory),
            hint="pass --component_module_path, or start the step in the component directory",
        ) from None
    if function_name not in functions:
        raise RunError(
            "{} names no component {!r}; it has {}".format(path, function_name, ", ".join(sorted(functions)) or "none"),
            hint="build the image again",
        )
    return functions[function_name]


def function_in(module: ModuleType, name: str) -> Any:
    """Take a component function from a module, out of the component object if the decorator made one of it.

    Raises:
        RunError: the module has no such name.
    """
    try:
        found = getattr(module, name)
    except AttributeError:
        raise RunError("{} defines no function {!r}".format(module.__file__, name)) from None
    return getattr(found, "python_func", found)
