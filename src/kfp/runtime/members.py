"""The package that the modules of a component directory are members of.

It is called `kfp_components`. So `from .helpers import x` works in the directory's modules, and `from helpers import x`
gives the same module object. Who wins when a name could mean several modules: the standard library, then the
directory's modules, then installed packages.
"""

import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any, List, Optional

from kfp.runtime.safe_path import MEMBERS, is_standard

_RESERVED = ("kfp", MEMBERS)


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
