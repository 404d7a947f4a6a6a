"""The loading of component functions: from one file, or from a directory whose modules import each other.

The modules of a component directory are members of one package, `kfp_components`. So `from .helpers import x` works
in them, and `from helpers import x` gives the same module object. Who wins when a name could mean several modules:
the standard library, then the directory's modules, then installed packages.
"""

import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, Dict, List, Optional

from kfp.errors import RunError
from kfp.runtime.safe_path import CONFIG, MEMBERS, is_standard

_RESERVED = ("kfp", MEMBERS)
_FUTURE_ANNOTATIONS = 0x1000000 if sys.version_info >= (3, 8) else 0x100000  # __future__.annotations.compiler_flag


def load_module(root: Any, relative: str) -> ModuleType:
    """Import a module of a component directory, in a step or on the author's machine.

    Args:
        root: the component directory; loading from another root forgets the modules of the one before.
        relative: the module's file under it, with slashes, such as `training/model.py`.

    Raises:
        Exception: whatever the module raises.
    """
    install(os.fspath(root))
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


def install(root: str) -> "_Members":
    """Let this process import the modules of a component directory.

    Returns:
        The finder that now stands first on `sys.meta_path`.
    """
    root = os.path.abspath(root)
    for finder in list(sys.meta_path):
        if isinstance(finder, _Members):
            if finder.root == root and not finder.namespaces:
                return finder
            if finder.root != root:
                sys.meta_path.remove(finder)
                finder.forget()
    first = _Members(root, namespaces=False)
    sys.meta_path.insert(0, first)
    # A mere directory, without __init__.py, stands back behind every real module of its name.
    sys.meta_path.append(_Members(root, namespaces=True))
    return first


class _Members:
    """Finds the package of a directory's modules, and those modules under their plain names."""

    def __init__(self, root: str, namespaces: bool) -> None:
        self.root = root
        self.namespaces = namespaces
        self.aliases: List[str] = []

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Optional[ModuleSpec]:
        if name == MEMBERS:
            return self.package()
        top = name.partition(".")[0]
        if top in _RESERVED or is_standard(top):
            return None
        member = PathFinder.find_spec("{}.{}".format(MEMBERS, top), [self.root])
        if member is None or (member.loader is None) != self.namespaces:
            return None
        canonical = "{}.{}".format(MEMBERS, name)
        self.aliases.append(name)
        return ModuleSpec(name, _Alias(canonical), origin=canonical)  # type: ignore[arg-type]

    def package(self) -> ModuleSpec:
        init = os.path.join(self.root, "__init__.py")
        if os.path.exists(init):
            spec = spec_from_file_location(MEMBERS, init, submodule_search_locations=[self.root])
            if spec is not None:
                return spec
        spec = ModuleSpec(MEMBERS, None, is_package=True)
        spec.submodule_search_locations = [self.root]
        return spec

    def forget(self) -> None:
        for name in list(sys.modules):
            if name in self.aliases or name == MEMBERS or name.startswith(MEMBERS + "."):
                del sys.modules[name]


class _Alias:
    """Loads a name as the module that another name has."""

    def __init__(self, canonical: str) -> None:
        self.canonical = canonical

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = import_module(self.canonical)
